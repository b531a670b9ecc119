import CBaselines
import Glibc
package import Posix

/// The simplest loop in C that pings many addresses of 127.0.0.0/8: sendmmsg and recvmmsg on one raw socket.
package struct EchoLoop: Sendable {
    /// Addresses, from 64 to 65,000.
    package let targets: Int

    /// What one measurement gave.
    package struct Outcome: Sendable {
        package let sent: Int
        package let received: Int
        package let seconds: Double
        package let cpuSeconds: Double

        /// Answered echoes.
        package var echoesPerSecond: Double { Double(received) / seconds }
        /// Microseconds of processor time an echo, the kernel's included.
        package var microsecondsPerEcho: Double { cpuSeconds * 1e6 / Double(max(1, received)) }
    }

    package init(targets: Int) { self.targets = targets }

    /// The address of a target, from 0 on.
    package static func address(_ number: Int) -> String {
        let place = (number / 250, number % 250 + 1)
        return "127.\(1 + place.0 / 256).\(place.0 % 256).\(place.1)"
    }

    /// Runs the loop for so long; throws what the socket gave.
    package func run(for length: Duration) throws(PosixError) -> Outcome {
        var result = pp_baseline_pinged()
        let code = pp_baseline_ping(Int32(targets), length.nanoseconds, &result)
        guard code == 0 else { throw PosixError("ping over a raw socket", code: code) }
        return Outcome(
            sent: Int(result.sent), received: Int(result.received), seconds: Double(result.elapsed) / 1e9,
            cpuSeconds: Double(result.cpu) / 1e9)
    }
}
