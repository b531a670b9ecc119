import CRRD

/// What the library says of a file, key by key.
struct RRDInfo {
    private var numbers: [String: Double] = [:]
    private var texts: [String: String] = [:]
    /// Names of the sources in the order of the file.
    private var sources: [String] = []

    init(_ list: UnsafeMutablePointer<rrd_info_t>?) {
        var next = list
        while let entry = next?.pointee {
            add(String(cString: entry.key), entry)
            next = entry.next
        }
    }

    private mutating func add(_ key: String, _ entry: rrd_info_t) {
        switch entry.type {
        case RD_I_VAL: numbers[key] = entry.value.u_val
        case RD_I_CNT: numbers[key] = Double(entry.value.u_cnt)
        case RD_I_INT: numbers[key] = Double(entry.value.u_int)
        case RD_I_STR: texts[key] = entry.value.u_str.map { String(cString: $0) }
        default: break
        }
        guard key.hasPrefix("ds["), key.hasSuffix("].index") else { return }
        sources.append(String(key.dropFirst(3).dropLast(7)))
    }

    /// Seconds since 1970 of the last sample.
    var lastUpdate: Int64 { whole("last_update").map { Int64($0) } ?? 0 }

    /// The layout that the file has; throws `damaged` when it is none that we write.
    func layout(of attempt: String) throws(RRDError) -> Layout {
        guard let step = whole("step"), step > 0, !sources.isEmpty, let sources = foundSources(),
            let archives = foundArchives(), !archives.isEmpty
        else { throw RRDError(.damaged, attempt, "its header makes no sense") }
        return Layout(step: step, sources: sources, archives: archives)
    }

    private func foundSources() -> [Layout.Source]? {
        var found: [Layout.Source] = []
        for name in sources {
            guard Layout.Source.isName(name), texts["ds[\(name)].type"] == "GAUGE",
                let heartbeat = whole("ds[\(name)].minimal_heartbeat"), heartbeat > 0,
                numbers["ds[\(name)].min"] == 0, numbers["ds[\(name)].max"]?.isNaN == true
            else { return nil }
            found.append(Layout.Source(name, heartbeat: heartbeat))
        }
        return found
    }

    /// Also the place in each ring is checked, since the library trusts it when it writes.
    private func foundArchives() -> [Layout.Consolidation]? {
        var found: [Layout.Consolidation] = []
        while let name = texts["rra[\(found.count)].cf"] {
            let key = "rra[\(found.count)]"
            guard let function = Layout.Function(rawValue: name), let steps = whole("\(key).pdp_per_row"),
                let rows = whole("\(key).rows"), let row = whole("\(key).cur_row"), steps > 0, rows > 0,
                (0..<rows).contains(row)
            else { return nil }
            found.append(Layout.Consolidation(function, steps: steps, rows: rows))
        }
        return found
    }

    private func whole(_ key: String) -> Int? {
        numbers[key].flatMap { Int(exactly: $0) }
    }
}

extension RRDFile {
    /// Reads the header of the file at `path`; a file that the library refuses is `damaged`.
    static func info(_ path: String) throws(RRDError) -> RRDInfo {
        RRDLibrary.prepare()
        rrd_clear_error()
        guard let list = rrd_info_r(path) else { throw RRDLibrary.failure(.damaged, "open \(path)") }
        defer { rrd_info_free(list) }
        return RRDInfo(list)
    }
}
