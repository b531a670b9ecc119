import CLinux
import Glibc

/// Finds the processes that became children of this one because their own parent died.
///
/// Orphans go to the first living thread of this process, which is its main thread; programs that a ``Spawner`` started
/// belong to the thread that started them. So one read of the main thread's list, usually empty, tells whether
/// anything was left behind. When the main thread has ended, the lists of all threads are read.
package struct ProcessOrphans: ~Copyable {
    private var list: Int32
    private var bytes = [UInt8](repeating: 0, count: 4096)

    /// Makes this process the new parent of orphaned descendants.
    package init() throws(PosixError) {
        _ = try system("become the parent of orphans") { pp_become_subreaper() }
        let path = "/proc/self/task/\(getpid())/children"
        list = try system("open \(path)") { open(path, O_RDONLY | O_CLOEXEC) }
    }

    deinit { close(list) }

    /// Whether the main thread lives, so that ``children()`` has orphans only.
    package var isMainThreadAlive: Bool {
        guard let text = Self.text(of: "/proc/self/task/\(getpid())/stat") else { return true }
        guard let end = text.lastIndex(of: UInt8(ascii: ")")), end + 2 < text.count else { return true }
        return text[end + 2] != UInt8(ascii: "Z")
    }

    /// Orphans, living and ended ones. With `ofEveryThread` the programs started by us are among them.
    package mutating func children(ofEveryThread: Bool) -> [Int32] {
        guard ofEveryThread else { return read(list) }
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var found: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard Int32(name) != nil else { continue }
            let thread = open("/proc/self/task/\(name)/children", O_RDONLY | O_CLOEXEC)
            guard thread >= 0 else { continue }
            found += read(thread)
            close(thread)
        }
        return found
    }

    private mutating func read(_ descriptor: Int32) -> [Int32] {
        var found: [Int32] = []
        var offset: off_t = 0
        var number: Int32 = 0
        while true {
            let count = pread(descriptor, &bytes, bytes.count, offset)
            guard count > 0 else { return found }
            offset += off_t(count)
            for byte in bytes[..<count] {
                if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                    number = number &* 10 &+ Int32(byte - UInt8(ascii: "0"))
                } else if number > 0 {
                    found.append(number)
                    number = 0
                }
            }
        }
    }

    private static func text(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : nil
    }
}
