import Glibc

/// Why a file could not be read or written.
package struct FileError: Error, Equatable, CustomStringConvertible {
    /// As "cannot read /etc/x: permission denied".
    package let description: String
    /// Whether there is just no such file.
    package let isMissing: Bool

    init(_ verb: String, _ path: String, code: Int32) {
        description = "cannot \(verb) \(path): \(Surroundings.reason(code))"
        isMissing = code == ENOENT || code == ENOTDIR
    }

    init(_ description: String) {
        self.description = description
        isMissing = false
    }
}

/// Small files, read and written whole.
package enum SmallFile {
    /// The file's text; refuses files of more than `limit` bytes.
    package static func text(at path: String, limit: Int = 65_536) throws(FileError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read", path, code: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress?.advanced(by: length), $0.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("read", path, code: errno) }
            if count == 0 { break }
            length += count
        }
        guard length < bytes.count else {
            throw FileError("cannot read \(path): it is larger than \(limit / 1024) KiB")
        }
        return String(decoding: bytes[..<length], as: UTF8.self)
    }

    /// Writes the file anew (mode 0666 less the umask).
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError("write", path, code: errno) }
        if case .failed(let reason) = Surroundings.write(bytes, to: descriptor) {
            close(descriptor)
            throw FileError("cannot write \(path): \(reason)")
        }
        guard close(descriptor) == 0 else { throw FileError("write", path, code: errno) }
    }
}
