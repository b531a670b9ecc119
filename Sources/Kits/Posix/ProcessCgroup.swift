import Glibc

/// A cgroup v2 folder that this process may fill: what is born in it can be killed as a whole.
package struct ProcessCgroup: ~Copyable {
    package let path: String
    /// The open folder, for ``SpawnRequest/cgroup``.
    package let folder: Int32
    private let events: Int32
    private let killFile: Int32

    /// Makes the folder, or opens it when it exists.
    package init(path: String) throws(PosixError) {
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw PosixError("make cgroup \(path)") }
        let opened = [
            open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
            open(path + "/cgroup.events", O_RDONLY | O_CLOEXEC),
            open(path + "/cgroup.kill", O_WRONLY | O_CLOEXEC),
        ]
        if opened.contains(-1) {
            let error = PosixError("use cgroup \(path)")
            for descriptor in opened where descriptor >= 0 { close(descriptor) }
            throw error
        }
        self.path = path
        (folder, events, killFile) = (opened[0], opened[1], opened[2])
    }

    deinit {
        close(folder)
        close(events)
        close(killFile)
        // Refused as long as somebody lives in it; the next engine that starts clears it away.
        rmdir(path)
    }

    /// Whether a living process is in it; zombies do not count.
    package var isPopulated: Bool {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            let count = pread(events, buffer.baseAddress, buffer.count, 0)
            // The file begins with "populated 0" or "populated 1".
            return count > 10 && buffer[10] == UInt8(ascii: "1")
        }
    }

    /// Kills all that live in it at once, forks in progress included.
    package func killAll() {
        _ = write(killFile, "1", 1)
    }
}

/// Where this process may make cgroups.
package enum ProcessCgroups {
    /// The folder of this process's own cgroup in the cgroup v2 tree; nil when none is mounted or reachable.
    package static func ownFolder() -> String? {
        guard let own = lines(of: "/proc/self/cgroup").first(where: { $0.hasPrefix("0::/") }) else {
            return nil
        }
        for line in lines(of: "/proc/self/mountinfo") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields.count > 5,
                fields[dash + 1] == "cgroup2"
            else { continue }
            return folder(own: String(own.dropFirst(3)), root: String(fields[3]), mount: String(fields[4]))
        }
        return nil
    }

    /// Makes a folder for the cgroups of this process, and clears away those of processes that are gone.
    package static func makeBase(in parent: String, prefix: String) throws(PosixError) -> String {
        for name in names(in: parent) where name.hasPrefix(prefix) {
            guard let pid = Int32(name.dropFirst(prefix.count).prefix { $0.isNumber }), kill(pid, 0) != 0,
                errno == ESRCH
            else { continue }
            clear("\(parent)/\(name)")
        }
        for number in 0..<1000 {
            let path = "\(parent)/\(prefix)\(getpid())-\(number)"
            if mkdir(path, 0o755) == 0 { return path }
            guard errno == EEXIST else { throw PosixError("make cgroup \(path)") }
        }
        throw PosixError("make a cgroup in \(parent)", code: EEXIST)
    }

    /// Removes a folder without cgroups in it.
    package static func remove(_ path: String) { rmdir(path) }

    private static func clear(_ path: String) {
        for name in names(in: path) {
            let inner = "\(path)/\(name)"
            // A group that is gone meanwhile needs no killing.
            if let group = try? ProcessCgroup(path: inner) { group.killAll() }
        }
        // Still refused while the killed ones die; the next start finds it again.
        rmdir(path)
    }

    private static func folder(own: String, root: String, mount: String) -> String? {
        if root == "/" { return own == "/" ? mount : mount + own }
        guard own.hasPrefix(root) else { return nil }
        return mount + own.dropFirst(root.count)
    }

    private static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func lines(of path: String) -> [Substring] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { break }
            text += bytes[..<count]
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }
}
