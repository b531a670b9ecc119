import CBaselines
import Glibc
package import Posix

/// The simplest loop in C that runs a command over one SSH session, several channels at once.
package struct SSHLoop: Sendable {
    /// Where to log in as whom; the address is one of IPv4.
    package struct Server: Sendable {
        package let address: String
        package let port: Int
        package let user: String
        package let keyFile: String

        package init(address: String, port: Int, user: String, keyFile: String) {
            self.address = address
            self.port = port
            self.user = user
            self.keyFile = keyFile
        }
    }

    package let server: Server
    /// What the server's shell gets.
    package let command: String
    package let channels: Int

    /// What one measurement gave.
    package struct Outcome: Sendable {
        package let runs: Int
        /// Commands that did not end with 0 and some output, and channels that the server refused.
        package let failures: Int
        package let seconds: Double
        package let cpuSeconds: Double

        package var runsPerSecond: Double { Double(runs) / seconds }
        package var microsecondsPerRun: Double { cpuSeconds * 1e6 / Double(max(1, runs)) }
    }

    package init(server: Server, command: String, channels: Int) {
        self.server = server
        self.command = command
        self.channels = channels
    }

    /// Runs the loop for so long; throws an error number, or the number of an error of libssh2.
    package func run(for length: Duration) throws(PosixError) -> Outcome {
        var result = pp_baseline_ssh_ran()
        let words = [server.address, server.user, server.keyFile, command]
        let texts: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for text in texts { free(text) } }
        var place = pp_baseline_ssh_server(
            address: UnsafePointer(texts[0]), port: Int32(server.port), user: UnsafePointer(texts[1]),
            key_file: UnsafePointer(texts[2]), command: UnsafePointer(texts[3]))
        let code = pp_baseline_ssh(&place, Int32(channels), length.nanoseconds, &result)
        let attempt = "run commands over SSH" + (code < 0 ? ", libssh2 says \(code)" : "")
        guard code == 0 else { throw PosixError(attempt, code: max(code, EPROTO)) }
        return Outcome(
            runs: Int(result.runs), failures: Int(result.failures), seconds: Double(result.elapsed) / 1e9,
            cpuSeconds: Double(result.cpu) / 1e9)
    }
}
