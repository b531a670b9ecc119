import CommandLine
import Posix

/// A plugin in a folder of its own, made for a measurement.
struct PluginFile: ~Copyable {
    private let home: TemporaryFolder
    let name: String

    var folder: String { home.path }
    var path: String { home.path + "/" + name }

    /// The smallest plugin that says something: a static program in C, so that its start costs next to nothing.
    static func tiny() throws -> PluginFile {
        try compiled("check_tiny") { _ in
            """
            #include <unistd.h>
            int main(void) { return write(1, "OK - fine | time=1ms\\n", 21) == 21 ? 0 : 3; }
            """
        }
    }

    /// The same, which also adds a byte to a file, so that its runs can be counted whoever starts it.
    static func counted() throws -> PluginFile {
        try compiled("check_counted") { folder in
            """
            #include <fcntl.h>
            #include <unistd.h>
            int main(void) {
                int file = open("\(folder)/runs", O_WRONLY | O_CREAT | O_APPEND, 0666);
                if (file < 0 || write(file, "x", 1) != 1) return 3;
                return write(1, "OK - fine | time=1ms\\n", 21) == 21 ? 0 : 3;
            }
            """
        }
    }

    /// How often a counted plugin has run.
    func runs() throws -> Int { Int(try DurableFile.size(of: folder + "/runs") ?? 0) }

    private static func compiled(_ name: String, _ text: (String) -> String) throws -> PluginFile {
        let home = try TemporaryFolder()
        let source = home.path + "/" + name + ".c"
        try SmallFile.write(Array(text(home.path).utf8), to: source)
        let log = home.path + "/gcc.log"
        var compiler = try Program(
            "/usr/bin/gcc", ["-O2", "-static", "-o", home.path + "/" + name, source], output: log)
        guard compiler.wait(atMost: .seconds(60)) == 0 else {
            throw BenchmarkFailure(
                description: "gcc cannot compile a plugin: \((try? SmallFile.text(at: log)) ?? "")")
        }
        return PluginFile(home: home, name: name)
    }

    /// A script.
    static func script(_ text: String) throws -> PluginFile {
        let home = try TemporaryFolder()
        let path = home.path + "/check_script"
        try SmallFile.write(Array(text.utf8), to: path)
        var mode = try Program("/bin/chmod", ["755", path], output: home.path + "/chmod.log")
        guard mode.wait(atMost: .seconds(10)) == 0 else {
            throw BenchmarkFailure(description: "cannot make \(path) executable")
        }
        return PluginFile(home: home, name: "check_script")
    }
}
