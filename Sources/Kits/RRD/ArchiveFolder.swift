import Glibc

/// A folder of archives: `<name>.rrd`, and what was set aside.
package struct ArchiveFolder: Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// The path of an archive; `name` must be one harmless path component.
    package func file(named name: String) -> String {
        precondition(!name.isEmpty && !name.contains("/") && !name.hasPrefix("."), "not a file name: \(name)")
        return "\(path)/\(name).rrd"
    }

    /// Makes the folder, and those above it, for the owner alone.
    package func make() throws(RRDError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o700) != 0 else { continue }
            let code = errno
            // What is there already may also be said to be on a read-only disk or without permission.
            if access(made, F_OK) != 0 {
                throw RRDError(.system, "make the folder \(made)", RRDLibrary.systemReason(code))
            }
        }
    }

    /// Names of the archives that are there, sorted; none when the folder cannot be read.
    package func names() -> [String] {
        entries().filter { $0.hasSuffix(".rrd") }.map { String($0.dropLast(4)) }.sorted()
    }

    /// Renames an archive out of the way to `<name>.rrd.<word>-<time>` and returns its new path.
    ///
    /// At most `keep` files of one archive stay aside; older ones are deleted, so that a fault cannot fill
    /// the disk.
    package func setAside(_ name: String, as word: String, at time: Int64, keep: Int = 5) throws(RRDError)
        -> String
    {
        let old = file(named: name)
        var new = "\(old).\(word)-\(time)"
        var number = 1
        while access(new, F_OK) == 0 {
            number += 1
            new = "\(old).\(word)-\(time)-\(number)"
        }
        guard rename(old, new) == 0 else {
            throw RRDError(.system, "set \(old) aside", RRDLibrary.systemReason())
        }
        let prefix = "\(name).rrd.\(word)-"
        let aside = entries().filter { entry in
            entry.hasPrefix(prefix) && entry.dropFirst(prefix.count).allSatisfy { "0123456789-".contains($0) }
        }
        let byAge = aside.sorted { modified("\(path)/\($0)") < modified("\(path)/\($1)") }
        for surplus in byAge.dropLast(keep) { unlink("\(path)/\(surplus)") }
        return new
    }

    private func modified(_ path: String) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        // The change of name is the moment it was set aside.
        return status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
    }

    private func entries() -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }
}
