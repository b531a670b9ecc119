import Model
import Testing

@testable import Node

@Suite("Worker tally")
struct WorkerTallyTests {
    private func result(_ cause: Cause) -> CheckResult {
        let time = Timestamp(seconds: 1)
        return CheckResult(
            check: CheckID(host: HostID(1), plugin: PluginID(1)), due: time, started: time, ended: time,
            state: .unknown, cause: cause, output: PluginOutput(text: ""), worker: "w")
    }

    @Test("the engine's own trouble is remembered for one to two heartbeats, and then forgotten")
    func trouble() {
        var tally = WorkerTally(now: .zero)
        tally.record(result(.timeout))
        #expect(tally.troubled == 0)
        tally.record(result(.internal))
        #expect(tally.troubled == 1)
        _ = tally.beat(now: .seconds(20))
        tally.record(result(.internal))
        #expect(tally.troubled == 2)
        _ = tally.beat(now: .seconds(40))
        _ = tally.beat(now: .seconds(60))
        #expect(tally.troubled == 0)
        #expect(tally.ended[.internal] == 2)
    }
}
