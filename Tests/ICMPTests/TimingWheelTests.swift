import Testing

@testable import ICMP

@Suite("Timing wheel")
struct TimingWheelTests {
    @Test(
        "every deadline is told once, at or after its time and no later than a tick, over many rounds of the ring"
    )
    func tellsInTime() {
        var wheel = TimingWheel(now: 0)
        var deadlines: [Int64] = []
        for number in 0..<2000 {
            let deadline = Int64.random(in: 0..<20_000_000_000)
            deadlines.append(deadline)
            wheel.set(Int32(number), at: deadline)
        }
        var told = Set<Int32>()
        while let next = wheel.nextDeadline {
            var due: [Int32] = []
            wheel.takeDue(at: next, into: &due)
            for number in due {
                #expect(told.insert(number).inserted)
                let deadline = deadlines[Int(number)]
                #expect(next >= deadline && next - deadline < 1 << 19)
            }
        }
        #expect(told.count == 2000)
    }

    @Test("a removed deadline is not told, a moved one at its new time")
    func removeAndMove() {
        var wheel = TimingWheel(now: 0)
        var due: [Int32] = []
        wheel.set(1, at: 1_000_000)
        wheel.set(2, at: 1_000_000)
        wheel.set(3, at: 1_000_000)
        wheel.remove(2)
        wheel.set(3, at: 9_000_000)

        wheel.takeDue(at: 2_000_000, into: &due)
        #expect(due == [1])
        wheel.takeDue(at: 10_000_000, into: &due)
        #expect(due == [1, 3])
        #expect(wheel.nextDeadline == nil)
    }

    @Test("a loop that slept for longer than the ring misses nothing")
    func longSleep() {
        var wheel = TimingWheel(now: 0)
        for number in Int32(0)..<100 { wheel.set(number, at: Int64(number) * 100_000_000) }
        var due: [Int32] = []
        wheel.takeDue(at: 60_000_000_000, into: &due)
        #expect(due.sorted() == Array(0..<100))
    }
}
