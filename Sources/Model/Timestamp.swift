/// A moment on the wall clock: whole microseconds since 1970-01-01 UTC.
///
/// Used to say when things happened; the schedule itself counts on the monotonic clock.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 {
        let quotient = microseconds / 1_000_000
        return microseconds < quotient * 1_000_000 ? quotient - 1 : quotient
    }

    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    package static func + (time: Self, delay: Duration) -> Self {
        Timestamp(microseconds: time.microseconds + delay.microseconds)
    }

    /// How long after `earlier` this is; negative when it is before.
    package static func - (later: Self, earlier: Self) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// The whole duration in microseconds, rounded towards zero.
    package var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// The duration in milliseconds, with its fraction.
    package var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
