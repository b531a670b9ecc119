extension ICMPOptions {
    /// Reads arguments of `check_icmp` (also `-p`, `-4` and `-6` as in `check_ping`) by the rules of getopt.
    ///
    /// Options that only concern output (`-v`) are taken and do nothing. A warning limit above the critical
    /// one is lowered to it, as `check_icmp` does.
    package init(arguments: [String]) throws(ICMPOptionsError) {
        var reader = OptionReader(arguments)
        while let option = try reader.next() { try apply(option) }
        hosts += reader.operands
        if let host = hosts.first(where: { $0.isEmpty || $0.utf8.contains(where: \.isWhiteSpace) }) {
            throw ICMPOptionsError(
                sentence: "-H must be an address or a name, not \(ValidationError.shown(host))")
        }
        warning.roundTrip = min(warning.roundTrip, critical.roundTrip)
        warning.lossPercent = min(warning.lossPercent, critical.lossPercent)
    }

    private mutating func apply(_ option: OptionReader.Option) throws(ICMPOptionsError) {
        switch option.letter {
        case "H": hosts.append(option.value)
        case "w": warning = try Self.limits(option, otherwise: warning)
        case "c": critical = try Self.limits(option, otherwise: critical)
        case "n", "p": packets = try option.number(in: Self.packetCounts)
        case "i": packetInterval = try Self.time(option)
        case "I": targetInterval = try Self.time(option)
        case "m": minimumHostsAlive = try option.number(in: 0...65_536)
        case "t": timeout = try option.number(in: Plugin.timeouts)
        case "b": payloadBytes = try option.number(in: Self.payloadSizes)
        case "l": timeToLive = try option.number(in: Self.timesToLive)
        case "s": source = option.value
        case "4": family = .ipv4
        case "6": family = .ipv6
        default: break
        }
    }

    /// "200.5,40%": round trip average and loss; without the loss that of `otherwise` stays.
    private static func limits(_ option: OptionReader.Option, otherwise: Limits) throws(ICMPOptionsError)
        -> Limits
    {
        let parts = option.value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let refusal = option.refusal("a round trip time and a loss, as 200,40%")
        guard parts.count <= 2, let time = milliseconds(parts[0]), time > .zero, time <= longestTime
        else { throw refusal }
        guard parts.count == 2 else { return Limits(roundTrip: time, lossPercent: otherwise.lossPercent) }
        let digits = parts[1].hasSuffix("%") ? String(parts[1].dropLast()) : parts[1]
        guard digits.utf8.allSatisfy(\.isDigit), let loss = Int(digits), (0...100).contains(loss)
        else { throw refusal }
        return Limits(roundTrip: time, lossPercent: loss)
    }

    private static func time(_ option: OptionReader.Option) throws(ICMPOptionsError) -> Duration {
        guard let time = milliseconds(option.value), time >= .zero, time <= longestTime else {
            throw option.refusal("a time up to 255 s, as 80, 80ms, 500us or 1s")
        }
        return time
    }

    /// A number with a unit: `us` or `u`, `ms` or `m` (the default), `s`.
    private static func milliseconds(_ text: String) -> Duration? {
        let bytes = Array(text.utf8)
        guard let decimal = DecimalNumber(prefixOf: bytes[...]), let number = decimal.value,
            (0...1e9).contains(number)
        else { return nil }
        switch bytes[decimal.bytes.endIndex...].text {
        case "", "ms", "m": return .milliseconds(number)
        case "us", "u": return .microseconds(number)
        case "s": return .seconds(number)
        default: return nil
        }
    }
}

/// Takes options from an argument list by the rules of getopt: `-n5`, `-n 5`, `-4v`, `--` ends the options.
private struct OptionReader {
    struct Option {
        let letter: Character
        /// As the person wrote it, with its dashes.
        let name: String
        let value: String

        func refusal(_ wanted: String) -> ICMPOptionsError {
            ICMPOptionsError(sentence: "\(name) must be \(wanted), not \(ValidationError.shown(value))")
        }

        func number(in range: ClosedRange<Int>) throws(ICMPOptionsError) -> Int {
            guard value.utf8.allSatisfy(\.isDigit), let number = Int(value), range.contains(number) else {
                throw refusal("a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    private static let withValue = Set("HwcnpiImtbls")
    private static let plain = Set("46v")
    /// Long names of `check_ping` and of later `check_icmp`.
    private static let longNames: [String: Character] = [
        "Host": "H", "hostname": "H", "warning": "w", "critical": "c", "packets": "p", "timeout": "t",
        "use-ipv4": "4", "use-ipv6": "6", "verbose": "v", "number-of-packets": "n", "packet-interval": "i",
        "target-interval": "I", "minimal-host-alive": "m", "outgoing-ttl": "l", "size": "b", "source-ip": "s",
        "ipv4-only": "4", "ipv6-only": "6",
    ]

    /// What is no option.
    private(set) var operands: [String] = []
    private var arguments: ArraySlice<String>
    /// Letters of a cluster that are not read yet.
    private var cluster: Substring = ""

    init(_ arguments: [String]) { self.arguments = arguments[...] }

    mutating func next() throws(ICMPOptionsError) -> Option? {
        if !cluster.isEmpty { return try short() }
        while let argument = arguments.popFirst() {
            if argument == "--" {
                operands += arguments
                arguments = []
            } else if argument.hasPrefix("--") {
                return try long(argument.dropFirst(2))
            } else if argument.hasPrefix("-") && argument.count > 1 {
                cluster = argument.dropFirst()
                return try short()
            } else {
                operands.append(argument)
            }
        }
        return nil
    }

    private mutating func short() throws(ICMPOptionsError) -> Option {
        let letter = cluster.removeFirst()
        if Self.plain.contains(letter) { return Option(letter: letter, name: "-\(letter)", value: "") }
        guard Self.withValue.contains(letter) else { throw Self.unknown("-\(letter)", near: nil) }
        let rest = String(cluster)
        cluster = ""
        return try option(letter, name: "-\(letter)", value: rest.isEmpty ? nil : rest)
    }

    private mutating func long(_ text: Substring) throws(ICMPOptionsError) -> Option {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let name = parts.first ?? ""
        guard let letter = Self.longNames[name] else {
            let near = NearestName.nearest(to: name, among: Self.longNames.keys.sorted())
            throw Self.unknown("--\(name)", near: near.map { "--\($0)" })
        }
        if Self.plain.contains(letter) { return Option(letter: letter, name: "--\(name)", value: "") }
        return try option(letter, name: "--\(name)", value: parts.count > 1 ? parts[1] : nil)
    }

    private mutating func option(
        _ letter: Character, name: String, value: String?
    ) throws(ICMPOptionsError) -> Option {
        guard let value = value ?? arguments.popFirst() else {
            throw ICMPOptionsError(sentence: "\(name) needs a value after it")
        }
        return Option(letter: letter, name: name, value: value)
    }

    private static func unknown(_ name: String, near: String?) -> ICMPOptionsError {
        ICMPOptionsError(
            sentence: "\(ValidationError.shown(name)) is no option of the built-in ICMP check, which takes "
                + "-H -w -c -n -p -i -I -m -t -b -l -s -4 -6 -v"
                + (near.map { "; did you mean \($0)?" } ?? ""))
    }
}
