import Log
import Names
import Posix

/// The resolver of the ICMP loop, asked from anywhere.
actor ReverseNames {
    private static let limit = Duration.seconds(2)

    private let loop: EventLoop
    private let log: Log
    private var shared: Resolver?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The loop lives as long as the actor that holds it.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
    }

    /// The resolver, made at the first call; nil when the system has none to offer. Call on the loop.
    func resolver() -> Resolver? {
        if shared == nil {
            do {
                shared = try Resolver(reactor: loop.reactor)
            } catch {
                log.warning("names are not looked up: \(error)")
            }
        }
        return shared
    }

    /// The name of an address by reverse DNS, or nil within two seconds.
    func name(of address: String) async -> String? {
        guard let resolver = resolver() else { return nil }
        return await withCheckedContinuation { continuation in
            resolver.name(of: address, within: Self.limit) { result in
                continuation.resume(returning: try? result.get())  // No name is an answer here.
            }
        }
    }
}
