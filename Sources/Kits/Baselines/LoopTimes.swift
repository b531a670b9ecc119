/// How long a loop took for how much.
package struct LoopTimes: Sendable {
    package let count: Int
    package let seconds: Double
    /// Of the loop's thread.
    package let cpuSeconds: Double

    init(count: Int, elapsed: Int64, cpu: Int64) {
        self.count = count
        seconds = Double(elapsed) / 1e9
        cpuSeconds = Double(cpu) / 1e9
    }

    package var perSecond: Double { Double(count) / seconds }
    package var cpuMicrosecondsEach: Double { cpuSeconds * 1e6 / Double(max(1, count)) }
}

/// Why a baseline could not be run.
package struct BaselineError: Error, CustomStringConvertible {
    let what: String
    let reason: String

    package var description: String { "cannot \(what) in the loop in C: \(reason)" }
}

/// The text in a buffer of C, up to its zero.
func text<Buffer>(of buffer: inout Buffer) -> String {
    withUnsafeBytes(of: &buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
