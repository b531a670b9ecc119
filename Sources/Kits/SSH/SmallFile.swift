import Glibc
import Posix

/// Reads files that are small by nature: keys and lists of them.
enum SmallFile {
    /// The bytes of a regular file; one that is larger than `limit` is refused (EFBIG), as is what is no
    /// file (EINVAL).
    static func read(_ path: String, atMost limit: Int) throws(PosixError) -> [UInt8] {
        let raw = try system("open \(path)") { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        let file = FileDescriptor(owning: raw)
        var status = stat()
        _ = try system("look at \(path)") { fstat(file.raw, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw PosixError("read \(path)", code: EINVAL) }
        guard status.st_size <= limit else { throw PosixError("read \(path)", code: EFBIG) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while bytes.count <= limit {
            let count = try system("read \(path)") { Glibc.read(file.raw, &chunk, chunk.count) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw PosixError("read \(path)", code: EFBIG)
    }
}
