import Glibc

/// What a file that could not be run is, to say why.
package struct SpawnProgramFile: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case regular
        case folder
        case other
    }

    package let kind: Kind
    package let isEmpty: Bool
    /// Whether some execute bit is set.
    package let hasExecuteBit: Bool
    /// The program after `#!`; nil when there is none.
    package let interpreter: String?

    /// Looks at the file; nil when there is none or it cannot be looked at.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .folder
        default: kind = .other
        }
        isEmpty = status.st_size == 0
        hasExecuteBit = status.st_mode & 0o111 != 0
        interpreter = kind == .regular ? Self.interpreter(of: path) : nil
    }

    private static func interpreter(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 2, bytes.starts(with: Array("#!".utf8)) else { return nil }
        let line = bytes[2..<count].prefix { $0 != UInt8(ascii: "\n") }
        let word = line.drop { $0 == 32 || $0 == 9 }.prefix { $0 != 32 && $0 != 9 }
        return String(decoding: word, as: UTF8.self)
    }
}
