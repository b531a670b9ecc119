import Glibc

/// Processor time of other processes, as /proc tells it.
package enum ProcessTimes {
    /// Seconds of user and system time of a process itself, without those of its children; nil when it is gone.
    package static func seconds(of pid: Int32) -> Double? {
        guard let fields = fields(of: pid), fields.count > 12, let user = Double(fields[11]),
            let system = Double(fields[12])
        else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The processes whose parent is `pid`.
    package static func children(of pid: Int32) -> [Int32] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var found: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let number = Int32(name), let fields = fields(of: number), fields.count > 1 else {
                continue
            }
            if Int32(fields[1]) == pid { found.append(number) }
        }
        return found
    }

    /// What follows the name in /proc/PID/stat: the state first, then the parent (proc(5)).
    private static func fields(of pid: Int32) -> [Substring]? {
        let descriptor = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }
}
