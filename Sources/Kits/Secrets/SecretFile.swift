import Glibc

/// A file with one secret in its first line, for its owner only.
package struct SecretFile: Sendable {
    /// What it holds, for sentences: "token", "password".
    private let content: String
    private let path: String

    package init(_ content: String, _ path: String) {
        self.content = content
        self.path = path
    }

    /// The first line; nil when there is no file.
    ///
    /// A file that others can read, that belongs to somebody else, or that is no regular file is refused.
    package func firstLine() throws(SecretsError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            let isLink = errno == ELOOP
            throw failure(
                "read", isLink ? "it is a symbolic link; put the file itself there" : Self.reason(errno))
        }
        defer { close(descriptor) }
        try check(descriptor)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("read", Self.reason(errno)) }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    private func check(_ descriptor: Int32) throws(SecretsError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", Self.reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("use", "it is no regular file") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw failure("use", "it belongs to another user; run chown on it")
        }
        guard status.st_mode & 0o077 == 0 else {
            let another = content == "token" ? ", or delete it for a new token" : ""
            throw failure("use", "others can read it; run chmod 600 \(path)\(another)")
        }
    }

    func failure(_ verb: String, _ why: String) -> SecretsError {
        SecretsError("cannot \(verb) the \(content) file \(path): \(why)")
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
