import CommandLine
import Posix

/// A PostgreSQL of our own on a free port of 127.0.0.1, with its data in a folder of its own; it lets everybody of this
/// machine in.
struct LocalPostgres: ~Copyable {
    let port: Int
    // The program goes before the folder that holds its data.
    private let server: Program
    private let home: TemporaryFolder

    var address: String { "postgresql://ppalette@127.0.0.1:\(port)/postgres" }

    init() throws {
        guard let programs = Self.programs else {
            throw BenchmarkFailure(
                description: "there is no PostgreSQL below /usr/lib/postgresql; install postgresql")
        }
        let home = try TemporaryFolder()
        let data = home.path + "/data"
        let (wrapper, arguments) = Self.isRoot ? try Self.asPostgres(home.path) : ("", [])
        func command(_ name: String, _ words: [String]) -> (String, [String]) {
            wrapper.isEmpty ? (programs + name, words) : (wrapper, arguments + [programs + name] + words)
        }
        let (make, words) = command("initdb", ["-D", data, "-U", "ppalette", "-A", "trust"])
        var maker = try Program(make, words, output: home.path + "/initdb.log")
        guard maker.wait(atMost: .seconds(120)) == 0 else {
            throw BenchmarkFailure(
                description: "initdb failed: \((try? SmallFile.text(at: home.path + "/initdb.log")) ?? "")")
        }
        let port = try Machine.freePort()
        let (start, options) = command(
            "postgres", ["-D", data, "-k", "", "-h", "127.0.0.1", "-p", "\(port)", "-c", "max_wal_size=4GB"])
        let server = try Program(start, options, output: home.path + "/postgres.log")
        try Self.waitUntilUp(programs, port)
        self.port = port
        self.server = server
        self.home = home
    }

    /// Debian's folder of the newest version.
    private static let programs: String? = (12...30).reversed().map { "/usr/lib/postgresql/\($0)/bin/" }
        .first { Machine.exists($0 + "postgres") }

    private static var isRoot: Bool { Privileges.isRoot }

    /// The server refuses to run as root.
    private static func asPostgres(_ folder: String) throws -> (String, [String]) {
        var owner = try Program("/bin/chown", ["postgres", folder], output: "/dev/null")
        guard owner.wait(atMost: .seconds(10)) == 0 else {
            throw BenchmarkFailure(description: "cannot give \(folder) to the user postgres")
        }
        return ("/usr/bin/setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--"])
    }

    private static func waitUntilUp(_ programs: String, _ port: Int) throws {
        for _ in 0..<300 {
            var asker = try Program(
                programs + "pg_isready", ["-q", "-h", "127.0.0.1", "-p", "\(port)"], output: "/dev/null")
            if asker.wait(atMost: .seconds(5)) == 0 { return }
            Machine.pause(.milliseconds(100))
        }
        throw BenchmarkFailure(description: "PostgreSQL did not come up within 30 s")
    }
}
