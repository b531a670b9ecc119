import CRRD

extension RRDFile {
    /// Draws a picture of this archive and returns it as PNG; nothing is written to disk.
    package func draw(_ graph: Graph) throws(RRDError) -> [UInt8] {
        let attempt = "draw a graph of \(path)"
        // The library reads smaller numbers as dates and times of day.
        guard graph.from >= Self.earliest, graph.to > graph.from, !graph.curves.isEmpty else {
            throw RRDError(.invalid, attempt, "there is nothing to draw")
        }
        for curve in graph.curves where !layout.sources.contains(where: { $0.name == curve.source }) {
            throw RRDError(.invalid, attempt, "it has no source \(curve.source)")
        }
        let last = try inspect()
        RRDLibrary.prepare()
        rrd_clear_error()
        let arguments = GraphArguments(graph: graph, file: self, last: last).texts
        // The drawing library behind it (Pango) and its argument parser keep state that all threads share.
        let list = RRDLibrary.drawing.withLock { _ in
            RRDLibrary.withArguments(arguments) { rrd_graph_v($1, $0) }.map { Drawn(list: $0) }
        }?.list
        guard let list else { throw RRDLibrary.failure(.system, attempt) }
        defer { rrd_info_free(list) }
        guard let image = Self.image(list) else {
            throw RRDError(.system, attempt, "the library returned no picture")
        }
        return image
    }

    /// The library's answer on its way out of the lock.
    // `@unchecked`: one thread has it.
    private struct Drawn: @unchecked Sendable {
        let list: UnsafeMutablePointer<rrd_info_t>
    }

    private static func image(_ list: UnsafeMutablePointer<rrd_info_t>) -> [UInt8]? {
        var next: UnsafeMutablePointer<rrd_info_t>? = list
        while let entry = next?.pointee {
            if entry.type == RD_I_BLO, String(cString: entry.key) == "image" {
                let blob = entry.value.u_blo
                return Array(UnsafeBufferPointer(start: blob.ptr, count: Int(blob.size)))
            }
            next = entry.next
        }
        return nil
    }
}
