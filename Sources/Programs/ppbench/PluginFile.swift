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
        let home = try TemporaryFolder()
        let source = home.path + "/check_tiny.c"
        let text = """
            #include <unistd.h>
            int main(void) { return write(1, "OK - fine | time=1ms\\n", 21) == 21 ? 0 : 3; }
            """
        try SmallFile.write(Array(text.utf8), to: source)
        let log = home.path + "/gcc.log"
        var compiler = try Program(
            "/usr/bin/gcc", ["-O2", "-static", "-o", home.path + "/check_tiny", source], output: log)
        guard compiler.wait(atMost: .seconds(60)) == 0 else {
            throw BenchmarkFailure(
                description: "gcc cannot compile a plugin: \((try? SmallFile.text(at: log)) ?? "")")
        }
        return PluginFile(home: home, name: "check_tiny")
    }
}
