import AMQP
import Glibc
import Posix
import Testing

/// Places where no broker answers; each call ends by itself.
@Suite("Brokers that are not there", .timeLimit(.minutes(1)))
struct UnreachableBrokerTests {
    private func failure(port: Int, host: String = "127.0.0.1") -> AMQPError? {
        var limits = AMQPConnection.Limits()
        limits.connecting = .seconds(1)
        limits.answer = .seconds(1)
        do throws(AMQPError) {
            _ = try AMQPConnection(to: AMQPServer(host: host, port: port), limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test("nobody listens")
    func refused() throws {
        let port = try Machine.freePort()

        #expect(
            failure(port: port)?.description
                == "cannot connect to the broker at guest@127.0.0.1:\(port): no connection; is the broker running there?"
        )
    }

    @Test("a name without an address")
    func unknownName() {
        let error = failure(port: 5672, host: "broker.invalid")

        #expect(error?.description.contains("there is no address for this name") == true)
    }

    @Test("somebody listens and never says a word")
    func silent() throws {
        let listener = try Listener()

        let error = failure(port: listener.port)
        #expect(error?.kind == .connection)
        #expect(error?.description.contains("no answer in time") == true, "\(error?.description ?? "none")")
    }

    @Test("a waker that was called before does not let its thread sleep, and wakes it once")
    func waker() throws {
        let waker = try Waker()
        waker.wake()
        waker.wake()
        let began = Clock.monotonicNanoseconds()
        waker.wait(atMost: .seconds(30))
        #expect(Clock.monotonicNanoseconds() - began < 20_000_000_000)
        let again = Clock.monotonicNanoseconds()
        waker.wait(atMost: .milliseconds(50))
        #expect(Clock.monotonicNanoseconds() - again >= 50_000_000)
    }
}

/// Accepts connections, in the kernel's queue, and does nothing with them.
private struct Listener: ~Copyable {
    let port: Int
    private let socket: FileDescriptor

    init() throws {
        let port = try Machine.freePort()
        let socket = FileDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket.raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(socket.raw, 5) == 0 else { throw PosixError("listen") }
        self.port = port
        self.socket = socket
    }
}
