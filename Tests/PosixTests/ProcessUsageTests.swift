import Posix
import Testing

struct ProcessUsageTests {
    @Test("this process has memory and its processor time only grows")
    func now() {
        let first = ProcessUsage.now()
        #expect(first.residentBytes > 1_000_000)
        #expect(first.processorTime > .zero)
        #expect(ProcessUsage.now().processorTime >= first.processorTime)
    }

    @Test("the share of a core is processor time by elapsed time")
    func share() {
        let earlier = ProcessUsage(residentBytes: 0, processorTime: .seconds(10))
        let later = ProcessUsage(residentBytes: 0, processorTime: .seconds(15))
        #expect(later.share(since: earlier, elapsed: .seconds(20)) == 0.25)
        #expect(later.share(since: earlier, elapsed: .zero) == 0)
    }
}
