import Glibc
import Posix
import Synchronization

@testable import ICMP

@_silgen_name("setns") private func enterNamespace(_ descriptor: Int32, _ kind: Int32) -> Int32

/// Two network namespaces of a test, joined by a cable: 10.99.0.1 here, 10.99.0.2 there; removed at the end.
final class Namespaces: Sendable {
    private let near: String
    private let far: String
    private let cable: String

    /// Whether this machine lets us make namespaces.
    static let arePossible: Bool = {
        guard geteuid() == 0 else { return false }
        let name = "pping\(getpid())t"
        return run("ip netns add \(name) && ip -n \(name) link set lo up && ip netns del \(name)")
    }()

    /// The names of the cable's ends.
    var nearDevice: String { "\(cable)n" }
    var farDevice: String { "\(cable)f" }

    init() throws {
        let number = UInt16.random(in: 0...UInt16.max)
        near = "pping\(getpid())n\(number)"
        far = "pping\(getpid())f\(number)"
        cable = "pp\(number)"
        let steps = [
            "ip netns add \(near)", "ip netns add \(far)",
            "ip link add \(cable)n netns \(near) type veth peer name \(cable)f netns \(far)",
            "ip -n \(near) addr add 10.99.0.1/24 dev \(cable)n",
            "ip -n \(far) addr add 10.99.0.2/24 dev \(cable)f",
            "ip -n \(near) link set lo up", "ip -n \(near) link set \(cable)n up",
            "ip -n \(far) link set \(cable)f up",
        ]
        for step in steps where !Self.run(step) { throw PosixError(step, code: EINVAL) }
    }

    deinit { _ = Self.run("ip netns del \(near); ip netns del \(far)") }

    /// Runs `ip` with these arguments in our namespace.
    func ip(_ arguments: String) -> Bool { Self.run("ip -n \(near) \(arguments)") }

    /// Runs `ip` with these arguments at the other end of the cable.
    func farIP(_ arguments: String) -> Bool { Self.run("ip -n \(far) \(arguments)") }

    /// Runs a command in our namespace.
    func command(_ command: String) -> Bool { Self.run("ip netns exec \(near) \(command)") }

    /// Makes something on a thread that is in our namespace; sockets made there stay in it.
    func inside<Value: Sendable>(_ make: @escaping @Sendable () -> Value) -> Value? {
        let made = Mutex<(isDone: Bool, value: Value?)>((false, nil))
        let path = "/var/run/netns/\(near)"
        let box = Box(made)
        Thread.start(named: "namespace") {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            let isInside = descriptor >= 0 && enterNamespace(descriptor, 0x4000_0000) == 0
            if descriptor >= 0 { close(descriptor) }
            let value = isInside ? make() : nil
            box.made.withLock { $0 = (true, value) }
        }
        let deadline = Clock.monotonicNanoseconds() + 10_000_000_000
        while Clock.monotonicNanoseconds() < deadline {
            let (isDone, value) = box.made.withLock { $0 }
            if isDone { return value }
            usleep(500)
        }
        return nil
    }

    private final class Box<Value: Sendable>: Sendable {
        let made: Mutex<(isDone: Bool, value: Value?)>
        init(_ made: consuming Mutex<(isDone: Bool, value: Value?)>) { self.made = made }
    }

    private static func run(_ command: String) -> Bool { Glibc.system("(\(command)) >/dev/null 2>&1") == 0 }
}
