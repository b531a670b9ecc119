import Model
import Posix

/// What the options of a ping say about its result, made ready once for all runs.
struct PingRules {
    /// Limits of one state; times in nanoseconds.
    struct Limits {
        let roundTrip: Double
        let lossPercent: Int

        init(_ limits: ICMPOptions.Limits) {
            roundTrip = Double(limits.roundTrip.nanoseconds)
            lossPercent = limits.lossPercent
        }
    }

    let warning: Limits
    let critical: Limits
    /// How many targets must be well for OK; nil: all.
    let minimumHostsAlive: Int?
    /// What follows the value of `rta`, and that of `pl`, in the performance data.
    let timeLimits: String
    let lossLimits: String

    init(_ options: ICMPOptions) {
        warning = Limits(options.warning)
        critical = Limits(options.critical)
        minimumHostsAlive = options.minimumHostsAlive
        var times = ResultText()
        times.add(";")
        times.add(milliseconds: warning.roundTrip)
        times.add(";")
        times.add(milliseconds: critical.roundTrip)
        times.add(";0;")
        timeLimits = times.text
        lossLimits = "%;\(warning.lossPercent);\(critical.lossPercent);0;100"
    }
}

/// A text that is put together piece by piece in one run of bytes: a result needs no string for each number.
struct ResultText {
    private var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var isEmpty: Bool { bytes.isEmpty }

    mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(_ number: Int) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        add(digitsOf: number.magnitude)
    }

    /// Adds nanoseconds as milliseconds with three decimals.
    mutating func add(milliseconds nanoseconds: Double) {
        let thousandths = Int64((nanoseconds / 1000).rounded())
        let (whole, fraction) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
        if thousandths < 0 { bytes.append(UInt8(ascii: "-")) }
        add(digitsOf: UInt(whole))
        bytes.append(UInt8(ascii: "."))
        for unit: UInt64 in [100, 10, 1] { bytes.append(digit(UInt(fraction / unit % 10))) }
    }

    private mutating func add(digitsOf number: UInt) {
        var unit: UInt = 1
        while number / unit >= 10 { unit *= 10 }
        while unit > 0 {
            bytes.append(digit(number / unit % 10))
            unit /= 10
        }
    }

    private func digit(_ value: UInt) -> UInt8 { UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value) }
}
