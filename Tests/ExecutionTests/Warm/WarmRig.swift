import Execution
import Foundation
import Model
import Testing

extension PluginRig {
    /// The programs of the source tree that keep plugins warm.
    static let warmFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("share/warm").path

    /// An executor that can keep plugins warm.
    static func warm(
        _ change: @Sendable @escaping (inout PluginExecutor.Settings) -> Void = { _ in }
    ) async throws -> PluginRig {
        try await PluginRig { settings in
            settings.warmFolder = warmFolder
            change(&settings)
        }
    }

    func runWarm(_ script: String, arguments: String = "", timeout: Int = 10) async -> CheckResult {
        await run(script, arguments: arguments, timeout: timeout) { $0.warm = true }
    }

    /// Runs a script until a helper has begun a run; its result, or nil when none could within 30 s.
    ///
    /// With `loaded` until the helper is one that has loaded what the first run used: the second one after `starts`.
    func firstWarm(
        _ script: String, arguments: String = "", loaded: Bool = false, after starts: Int = 0
    ) async -> CheckResult? {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let before = await counters.warm
            let result = await runWarm(script, arguments: arguments)
            let after = await counters.warm
            if after.warmRuns > before.warmRuns, !loaded || after.helperStarts >= starts + 2 { return result }
            if after.refusals > 0 { return nil }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// Whether five runs in a row were warm with one and the same helper, which has learnt all that there is by then.
    func isSettled(_ script: String) async -> Bool {
        let before = await counters.warm
        for _ in 0..<5 {
            _ = await runWarm(script, arguments: "x")
            try? await Task.sleep(for: .milliseconds(20))
        }
        let after = await counters.warm
        return after.warmRuns == before.warmRuns + 5 && after.helperStarts == before.helperStarts
    }
}

/// What must be the same, however a run began.
struct Outcome: Equatable, CustomStringConvertible {
    let state: CheckState
    let cause: Cause
    let exitCode: Int?
    let output: PluginOutput

    init?(_ result: CheckResult?) {
        guard let result else { return nil }
        state = result.state
        cause = result.cause
        exitCode = result.exitCode
        output = result.output
    }

    var description: String {
        "\(state) \(cause) \(exitCode ?? -999)\n\(output.text)\n\(output.longText)\nstderr: \(output.errorText)"
    }
}
