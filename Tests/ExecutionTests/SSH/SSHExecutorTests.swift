import Execution
import Glibc
import Model
import Posix
import SSH
import Testing

@Suite(.serialized, .enabled(if: TestServer.isPossible, "needs root and openssh-server"))
struct SSHExecutorTests {
    @Test("a plugin on a host brings its state, output, performance data and standard error apart")
    func aPlugin() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo \"OK $1 $2|a=1\"; echo oops >&2; exit 1")
        let result = try await SSHBench(server).runOnce("check", "'one two' $HOSTADDRESS$")
        #expect(result.state == .warning)
        #expect(result.cause == .exited)
        #expect(result.output.text == "OK one two 127.0.0.1")
        #expect(result.output.performanceText == "a=1")
        #expect(result.output.errorText == "oops")
        #expect(result.worker == "w1")
    }

    @Test("exit 0 is told at once, also from a plugin that prints nothing else", arguments: [0, 1, 2, 3])
    func exitCodes(code: Int) async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo text; exit $1")
        let result = try await SSHBench(server).runOnce("check", "\(code)")
        #expect(result.exitCode == code)
        #expect(result.state == CheckState(rawValue: code))
    }
}
