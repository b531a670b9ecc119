import Glibc

/// The machine's two clocks, read without allocation.
package enum Clock {
    /// Nanoseconds of CLOCK_MONOTONIC: never jumps, meaningless between boots.
    @inline(__always)
    package static func monotonicNanoseconds() -> Int64 {
        read(CLOCK_MONOTONIC)
    }

    /// Nanoseconds since 1970-01-01 UTC; jumps when somebody sets the clock.
    @inline(__always)
    package static func wallNanoseconds() -> Int64 {
        read(CLOCK_REALTIME)
    }

    @inline(__always)
    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
