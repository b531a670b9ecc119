import CBaselines
import Glibc

/// The simplest loop in C that updates RRD archives, one call a sample.
package struct ArchiveLoop: Sendable {
    /// Archives with nine sources each.
    package let paths: [String]

    package init(paths: [String]) { self.paths = paths }

    /// Gives each archive a sample at each of `steps` times, `seconds` apart.
    package func run(first: Int64, seconds: Int, steps: Int) throws(BaselineError) -> LoopTimes {
        var done = pp_baseline_updated()
        var vector = paths.map { strdup($0) } + [nil]
        defer { for text in vector { free(text) } }
        let code = pp_baseline_update_archives(
            &vector, Int32(paths.count), first, Int64(seconds), Int64(steps), &done)
        guard code == 0 else {
            throw BaselineError(what: "update archives", reason: text(of: &done.message))
        }
        return LoopTimes(count: Int(done.updates), elapsed: done.elapsed, cpu: done.cpu)
    }
}
