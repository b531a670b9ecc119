import RRD
import Testing

struct SampleGateTests {
    private let gate = SampleGate(last: 100, tolerance: 20)

    private func samples(_ times: Int64...) -> [Sample] { times.map { Sample(time: $0, values: [1]) } }

    @Test("F50: older samples and those of the same second are dropped and counted")
    func duplicates() {
        let decision = gate.admit(samples(140, 100, 120, 99, 140), now: 140)
        #expect(decision.admitted.map(\.time) == [120, 140])
        #expect(decision.duplicates == 3)
        #expect(decision.future == 0)
    }

    @Test("F50: a sample further ahead than the tolerance is refused, others of its batch are not")
    func future() {
        let decision = gate.admit(samples(120, 141, 86_540, 140), now: 120)
        #expect(decision.admitted.map(\.time) == [120, 140])
        #expect(decision.future == 2)
    }

    @Test("only what was written is remembered")
    func advance() {
        var gate = gate
        #expect(gate.admit(samples(120), now: 120).admitted.count == 1)
        #expect(gate.admit(samples(120), now: 120).admitted.count == 1)
        gate.advance(to: 120)
        #expect(gate.admit(samples(120), now: 120).duplicates == 1)
    }
}
