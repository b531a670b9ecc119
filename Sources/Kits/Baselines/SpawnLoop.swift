import CBaselines
import Glibc
package import Posix

/// The simplest loop in C that runs a program again and again: posix_spawn, pipe, poll, waitpid.
package struct SpawnLoop: Sendable {
    package let path: String
    package let arguments: [String]
    /// Threads that start programs, and runs open at once in all.
    package let threads: Int
    package let width: Int

    /// What one measurement gave.
    package struct Outcome: Sendable {
        package let runs: Int
        package let seconds: Double
        /// Processor time of the loop itself, without the programs.
        package let ownCPUSeconds: Double

        package var runsPerSecond: Double { Double(runs) / seconds }
        /// Microseconds of the loop's own processor time a run.
        package var ownMicrosecondsPerRun: Double { ownCPUSeconds * 1e6 / Double(max(1, runs)) }
    }

    package init(path: String, arguments: [String], threads: Int = 2, width: Int) {
        self.path = path
        self.arguments = arguments
        self.threads = threads
        self.width = width
    }

    /// Runs the loop for so long; throws what posix_spawn or pipe gave.
    package func run(for length: Duration) throws(PosixError) -> Outcome {
        var result = pp_baseline_spawned()
        var vector = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for text in vector { free(text) } }
        let code = pp_baseline_spawn(
            path, &vector, Int32(threads), Int32(width), length.nanoseconds, &result)
        guard code == 0 else { throw PosixError("run \(path)", code: code) }
        return Outcome(
            runs: Int(result.runs), seconds: Double(result.elapsed) / 1e9,
            ownCPUSeconds: Double(result.own_cpu) / 1e9)
    }
}
