package import Model

/// The form of a result in the spool: length, checksum, then its fields in binary.
///
/// A record that was cut off or damaged is told by its checksum and ends the reading of its file.
package enum SpoolRecord {
    /// Bytes before the fields.
    static let headerSize = 8
    /// No record is larger: output is capped long before.
    static let sizeLimit = 4 << 20
    /// The second has the observer at its end.
    private static let version: UInt8 = 2

    package static func encode(_ result: CheckResult) -> [UInt8] {
        var fields = SpoolWriter()
        fields.byte(version)
        for number in [
            result.check.host.value, result.check.plugin.value, result.due.microseconds,
            result.started.microseconds, result.ended.microseconds, Int64(result.state.rawValue),
            Int64(result.exitCode ?? 0), Int64(result.output.droppedBytes),
        ] {
            fields.number(number)
        }
        fields.byte(
            flags([
                result.exitCode != nil, result.output.isTruncated, result.output.isSanitised,
                result.keepsHistory, result.assignment.observer != nil,
            ]))
        for text in [
            result.cause.rawValue, result.worker, result.output.text, result.output.longText,
            result.output.performanceText, result.output.errorText, result.assignment.observer ?? "",
        ] {
            fields.text(text)
        }
        var record = SpoolWriter()
        record.length(fields.bytes.count)
        record.length(Int(Checksum.crc32(fields.bytes[...])))
        return record.bytes + fields.bytes
    }

    /// Takes the first record off `bytes`; nil when it is cut off or damaged.
    package static func decode(_ bytes: inout ArraySlice<UInt8>) -> CheckResult? {
        var reader = SpoolReader(bytes)
        guard let size = reader.length(), let sum = reader.length(), size <= sizeLimit,
            let fields = reader.take(size), Checksum.crc32(fields) == UInt32(sum)
        else { return nil }
        bytes = reader.rest
        return result(fields)
    }

    private static func result(_ fields: ArraySlice<UInt8>) -> CheckResult? {
        var reader = SpoolReader(fields)
        guard let version = reader.byte(), (1...Self.version).contains(version) else { return nil }
        let numbers = (0..<8).compactMap { _ in reader.number() }
        guard numbers.count == 8, let flags = reader.byte() else { return nil }
        let count = version == 1 ? 6 : 7
        let texts = (0..<count).compactMap { _ in reader.text() }
        guard texts.count == count, let cause = Cause(rawValue: texts[0]),
            let state = CheckState(rawValue: Int(numbers[5]))
        else { return nil }
        return CheckResult(
            check: CheckID(host: HostID(numbers[0]), plugin: PluginID(numbers[1])),
            due: Timestamp(microseconds: numbers[2]), started: Timestamp(microseconds: numbers[3]),
            ended: Timestamp(microseconds: numbers[4]), state: state, cause: cause,
            exitCode: flags & 1 == 0 ? nil : Int(numbers[6]),
            output: PluginOutput(
                text: texts[2], longText: texts[3], performanceText: texts[4], errorText: texts[5],
                isTruncated: flags & 2 != 0, isSanitised: flags & 4 != 0, droppedBytes: Int(numbers[7])),
            worker: texts[1], keepsHistory: flags & 8 != 0,
            assignment: Assignment(observer: flags & 16 != 0 ? texts.last : nil))
    }

    /// The first is the lowest bit.
    private static func flags(_ values: [Bool]) -> UInt8 {
        values.reversed().reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
    }
}

/// Puts fields one behind the other, numbers with the lowest byte first.
private struct SpoolWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func length(_ value: Int) {
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func number(_ value: Int64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func text(_ value: String) {
        length(value.utf8.count)
        bytes += value.utf8
    }
}

/// Takes fields off; nil when they end too early.
private struct SpoolReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func byte() -> UInt8? { take(1)?.first }

    mutating func length() -> Int? {
        take(4)?.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func number() -> Int64? {
        take(8).map { Int64(bitPattern: $0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
    }

    mutating func text() -> String? {
        guard let count = length(), let bytes = take(count) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// CRC-32 as in IEEE 802.3.
enum Checksum {
    static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            table[Int((sum ^ UInt32(byte)) & 0xff)] ^ (sum >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? 0xedb8_8320 ^ (sum >> 1) : sum >> 1 }
    }
}
