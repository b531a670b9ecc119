import Glibc

/// A file that holds one token for its owner only.
package enum TokenFile {
    /// Reads the token, or makes a new one of 32 random bytes with mode 0600 when there is no file.
    ///
    /// The file appears whole or not at all. A file that others can read, that belongs to somebody else, or
    /// that is no regular file is refused.
    package static func load(path: String) throws(SecretsError) -> (token: String, isNew: Bool) {
        if let token = try read(path) { return (token, false) }
        let token = Secrets.base64URL(Secrets.random(32))
        if try make(path, token) { return (token, true) }
        // Somebody else was faster.
        guard let token = try read(path) else { throw failure("read", path, "it came and went") }
        return (token, false)
    }

    private static func read(_ path: String) throws(SecretsError) -> String? {
        guard let token = try SecretFile("token", path).firstLine() else { return nil }
        guard token.utf8.count >= 16, token.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw failure(
                "use", path,
                "it holds no token of at least 16 letters; delete it, and the next start makes one")
        }
        return token
    }

    /// Writes a file beside and links it to its name; false when the name is taken.
    private static func make(_ path: String, _ token: String) throws(SecretsError) -> Bool {
        let draft = path + "." + Secrets.base64URL(Secrets.random(6))
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write", path, reason(errno)) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        let bytes = Array((token + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure("write", path, reason(errno))
        }
        if link(draft, path) == 0 { return true }
        guard errno == EEXIST else { throw failure("write", path, reason(errno)) }
        return false
    }

    private static func failure(_ verb: String, _ path: String, _ why: String) -> SecretsError {
        SecretFile("token", path).failure(verb, why)
    }

    private static func reason(_ code: Int32) -> String { SecretFile.reason(code) }
}
