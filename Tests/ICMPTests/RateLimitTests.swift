import Testing

@testable import ICMP

@Suite("Rate limit")
struct RateLimitTests {
    @Test("never more than the rate and its slack pass, whenever it is asked", arguments: [1, 100, 2000])
    func rate(perSecond: Int) {
        var limit = RateLimit(perSecond: perSecond)
        var passed = 0
        var now: Int64 = 0
        while now < 10_000_000_000 {
            while limit.take(at: now) { passed += 1 }
            now += Int64.random(in: 100_000...3_000_000)
        }
        let most = 10 * perSecond + perSecond / 100 + 2
        #expect(passed <= most && passed >= 9 * perSecond)
    }

    @Test("after a pause it does not make up for more than its slack")
    func pause() {
        var limit = RateLimit(perSecond: 1000)
        while limit.take(at: 0) {}
        var passed = 0
        while limit.take(at: 60_000_000_000) { passed += 1 }
        #expect(passed <= 11)
    }
}
