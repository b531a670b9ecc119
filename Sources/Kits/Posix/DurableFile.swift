import Glibc

/// A file that is appended to and must outlive a power cut; closed when its owner drops it.
package struct DurableFile: ~Copyable, Sendable {
    package let path: String
    /// Bytes that are in the file.
    package private(set) var size: Int
    private let descriptor: FileDescriptor

    /// Opens or makes `path` (mode 0640) for appending.
    package init(appendingTo path: String) throws(PosixError) {
        let raw = try system("open \(path)") { open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640) }
        let end = lseek(raw, 0, SEEK_END)
        descriptor = FileDescriptor(owning: raw)
        self.path = path
        size = Int(end)
    }

    /// Writes all bytes and waits until they are on the disk; after a failure the file is as it was.
    package mutating func append(_ bytes: [UInt8]) throws(PosixError) {
        do throws(PosixError) {
            try write(bytes)
            _ = try system("sync \(path)") { fdatasync(descriptor.raw) }
            size += bytes.count
        } catch {
            // What was written in part would hide later records; should this fail too, checksums tell.
            ftruncate(descriptor.raw, off_t(size))
            throw error
        }
    }

    private func write(_ bytes: [UInt8]) throws(PosixError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try system("write \(path)") {
                rest.withUnsafeBytes { Glibc.write(descriptor.raw, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }
}

extension DurableFile {
    /// Bytes in the file; nil when there is none.
    package static func size(of path: String) throws(PosixError) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let code = errno
            if code == ENOENT { return nil }
            throw PosixError("look at \(path)", code: code)
        }
        return Int64(status.st_size)
    }

    /// The whole content.
    package static func read(_ path: String) throws(PosixError) -> [UInt8] {
        let descriptor = FileDescriptor(
            owning: try system("open \(path)") { open(path, O_RDONLY | O_CLOEXEC) })
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = try system("read \(path)") { Glibc.read(descriptor.raw, &buffer, buffer.count) }
            guard count > 0 else { return content }
            content += buffer[..<count]
        }
    }

    /// Takes `bytes` of the disk for the file `path` (mode 0640), made when missing.
    package static func allocate(_ path: String, bytes: Int) throws(PosixError) {
        let descriptor = FileDescriptor(
            owning: try system("open \(path)") { open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640) })
        guard bytes > 0 else { return }
        let code = posix_fallocate(descriptor.raw, 0, off_t(bytes))
        guard code == 0 else { throw PosixError("reserve \(bytes) bytes in \(path)", code: code) }
    }

    /// Bytes that a program without privileges may still write to the disk of `folder`.
    package static func freeBytes(in folder: String) throws(PosixError) -> Int {
        var status = statvfs()
        _ = try system("look at the disk of \(folder)") { statvfs(folder, &status) }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// Deletes the file; none there is no error.
    package static func remove(_ path: String) throws(PosixError) {
        guard unlink(path) != 0 else { return }
        let code = errno
        if code != ENOENT { throw PosixError("delete \(path)", code: code) }
    }

    /// Gives the file its final name and waits until the folder has it on the disk.
    package static func rename(_ old: String, to new: String) throws(PosixError) {
        _ = try system("rename \(old) to \(new)") { Glibc.rename(old, new) }
        let folder = new.lastIndex(of: "/").map { String(new[...$0]) } ?? "."
        try syncFolder(folder)
    }

    /// Waits until names in the folder are on the disk.
    package static func syncFolder(_ folder: String) throws(PosixError) {
        let descriptor = FileDescriptor(
            owning: try system("open \(folder)") { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        _ = try system("sync \(folder)") { fsync(descriptor.raw) }
    }

    /// Makes the folder (mode 0750); one there already is no error.
    package static func makeFolder(_ folder: String) throws(PosixError) {
        guard mkdir(folder, 0o750) != 0 else { return }
        let code = errno
        if code != EEXIST { throw PosixError("make the folder \(folder)", code: code) }
    }

    /// Names in the folder, in order.
    package static func names(in folder: String) throws(PosixError) -> [String] {
        guard let stream = opendir(folder) else { throw PosixError("read the folder \(folder)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
