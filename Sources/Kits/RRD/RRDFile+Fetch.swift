import CRRD
import Glibc

/// Rows of an archive as they are kept.
package struct Rows: Equatable, Sendable {
    /// Seconds between two rows.
    package let step: Int
    /// Time of the first row; a row's value holds for the step that ends at its time.
    package let first: Int64
    package let names: [String]
    /// A list for each name, all of one length; nil is unknown.
    package let columns: [[Double?]]

    package init(step: Int, first: Int64, names: [String], columns: [[Double?]]) {
        self.step = step
        self.first = first
        self.names = names
        self.columns = columns
    }
}

extension RRDFile {
    /// The rows after `from` up to `to`, of the ring whose step is nearest to `step` and that reaches back to
    /// `from`.
    package func fetch(
        _ function: Layout.Function, from: Int64, to: Int64, step: Int
    ) throws(RRDError) -> Rows {
        let attempt = "read \(path)"
        guard from >= 0, to > from, step > 0 else {
            throw RRDError(.invalid, attempt, "from \(from) to \(to) every \(step) s is no range")
        }
        var (start, end, found, count) = (time_t(from), time_t(to), UInt(step), UInt(0))
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        var data: UnsafeMutablePointer<Double>?
        defer { Self.release(names, data, count) }
        try RRDLibrary.call(attempt) {
            rrd_fetch_r(path, function.rawValue, &start, &end, &found, &count, &names, &data)
        }
        guard let names, let data, found > 0, end >= start else {
            throw RRDError(.system, attempt, "the library returned no rows")
        }
        let width = Int(count)
        // The library returns one row more than it was asked for when `to` lies on a step.
        let final = (Int(to) + Int(found) - 1) / Int(found) * Int(found)
        let height = max(0, (min(Int(end), final) - Int(start)) / Int(found))
        let columns = (0..<width).map { column in
            (0..<height).map { row in
                let value = data[row * width + column]
                return value.isFinite ? value : nil
            }
        }
        return Rows(
            step: Int(found), first: Int64(start) + Int64(found),
            names: (0..<width).map { names[$0].map { String(cString: $0) } ?? "" }, columns: columns)
    }

    private static func release(
        _ names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ data: UnsafeMutablePointer<Double>?,
        _ count: UInt
    ) {
        for index in 0..<Int(count) { rrd_freemem(names?[index]) }
        rrd_freemem(names)
        rrd_freemem(data)
    }
}
