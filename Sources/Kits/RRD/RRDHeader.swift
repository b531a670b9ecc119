/// The beginning of an archive file, checked before the library may touch it.
///
/// librrd 1.7.2 maps the file and trusts its numbers: a header with one wrong byte ends the program with a
/// bus error. The form is that of rrd_format.h, version 3 to 5, on a 64-bit machine whose lowest byte comes
/// first.
struct RRDHeader: Equatable {
    /// Bytes that are enough for every header of ours.
    static let readLimit = 262_144

    let layout: Layout
    /// Seconds since 1970.
    let lastUpdate: Int64

    /// `bytes` are the first of a file of `fileSize` bytes; nil when the library could not be trusted with
    /// it.
    init?(_ bytes: [UInt8], fileSize: Int) {
        var reader = Reader(bytes)
        guard let start = Start(&reader) else { return nil }
        let size = Size(sources: start.sourceCount, archives: start.archiveCount)
        guard size.header <= bytes.count else { return nil }

        var sources: [Layout.Source] = []
        for _ in 0..<start.sourceCount {
            guard let source = reader.source() else { return nil }
            sources.append(source)
        }
        var archives: [Layout.Consolidation] = []
        for _ in 0..<start.archiveCount {
            guard let archive = reader.archive(maximumRows: fileSize) else { return nil }
            archives.append(archive)
        }
        guard Set(sources.map(\.name)).count == sources.count,
            fileSize == size.header + archives.map(\.rows).reduce(0, +) * sources.count * 8,
            let last = reader.whole(), (0...Self.latest).contains(last),
            let fraction = reader.whole(), (0..<1_000_000).contains(fraction)
        else { return nil }
        for _ in sources {
            guard reader.text(30, padded: 32) != nil else { return nil }
            reader.skip(80)
        }
        reader.skip(80 * sources.count * archives.count)
        for archive in archives {
            guard let row = reader.whole(), (0..<archive.rows).contains(row) else { return nil }
        }
        layout = Layout(step: start.step, sources: sources, archives: archives)
        lastUpdate = Int64(last)
    }

    /// The end of the year 2999.
    private static let latest = 32_503_680_000

    /// How large the parts are (rrd_format.h).
    private struct Size {
        let header: Int

        init(sources: Int, archives: Int) {
            header =
                128 + sources * 120 + archives * 120 + 16 + sources * 112 + sources * archives * 80 + archives
                * 8
        }
    }

    /// stat_head_t.
    private struct Start {
        let sourceCount: Int
        let archiveCount: Int
        let step: Int

        init?(_ reader: inout Reader) {
            guard reader.text(4, padded: 4) == "RRD", let version = reader.text(5, padded: 12),
                ["0003", "0004", "0005"].contains(version), reader.number() == 8.642135E130,
                let sources = reader.whole(), (1...256).contains(sources),
                let archives = reader.whole(), (1...64).contains(archives),
                let step = reader.whole(), (1...86_400).contains(step)
            else { return nil }
            reader.skip(80)
            sourceCount = sources
            archiveCount = archives
            self.step = step
        }
    }
}

/// Reads the header's numbers and texts one after the other; past the end all are nil.
private struct Reader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ count: Int) { position += count }

    mutating func bits() -> UInt64? {
        guard position + 8 <= bytes.count else { return nil }
        defer { position += 8 }
        return (0..<8).reduce(0) { $0 | UInt64(bytes[position + $1]) << (8 * UInt64($1)) }
    }

    mutating func whole() -> Int? { bits().flatMap { Int(exactly: $0) } }

    mutating func number() -> Double? { bits().map { Double(bitPattern: $0) } }

    /// A text that ends with a zero within `size` bytes.
    mutating func text(_ size: Int, padded: Int) -> String? {
        guard position + padded <= bytes.count else { return nil }
        defer { position += padded }
        let field = bytes[position..<position + size]
        guard let end = field.firstIndex(of: 0) else { return nil }
        return String(validating: field[..<end], as: UTF8.self)
    }

    /// ds_def_t: a gauge from 0 without upper bound.
    mutating func source() -> Layout.Source? {
        guard let name = text(20, padded: 20), Layout.Source.isName(name), text(20, padded: 20) == "GAUGE",
            let heartbeat = whole(), (1...1_000_000).contains(heartbeat), number() == 0,
            number()?.isNaN == true
        else { return nil }
        skip(56)
        return Layout.Source(name, heartbeat: heartbeat)
    }

    /// rra_def_t: one of our functions, of which half may be unknown.
    mutating func archive(maximumRows: Int) -> Layout.Consolidation? {
        guard let name = text(20, padded: 24), let function = Layout.Function(rawValue: name),
            let rows = whole(), (1...maximumRows).contains(rows), let steps = whole(),
            (1...1_000_000).contains(steps), number() == 0.5
        else { return nil }
        skip(72)
        return Layout.Consolidation(function, steps: steps, rows: rows)
    }
}
