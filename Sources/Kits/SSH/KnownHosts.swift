import Glibc
package import Posix

/// The keys of servers that somebody has vouched for: the file `known_hosts` of OpenSSH (sshd(8)).
///
/// Plain, hashed and wildcard names, `[host]:port`, several types a host and `@revoked` are understood.
/// Lines of authorities (`@cert-authority`) and lines that make no sense are skipped, as OpenSSH does.
package struct KnownHosts: Sendable {
    private struct Entry {
        var isRevoked: Bool
        var names: [UInt8]
        var type: String
        var blob: [UInt8]
    }

    private var entries: [Entry] = []

    /// Takes the file's bytes apart; never fails.
    package init(parsing bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if let entry = Self.entry(of: line) { entries.append(entry) }
        }
    }

    /// Reads a file; one that does not exist knows nobody.
    package init(contentsOf path: String) throws(PosixError) {
        do {
            self.init(parsing: try SmallFile.read(path, atMost: 16 << 20))
        } catch  where error.code == ENOENT {
            self.init(parsing: [])
        }
    }

    /// The keys known under any of `names` (the address, a host name) at `port`.
    package func keys(of names: [String], port: Int) -> KnownKeys {
        let wanted = names.map { Array(Self.name(of: $0.lowercased(), port: port).utf8) }
        let found = entries.filter { entry in wanted.contains { Self.matches(entry.names, $0) } }
        return KnownKeys(
            trusted: found.filter { !$0.isRevoked }.map { KnownKeys.Key(type: $0.type, blob: $0.blob) },
            revoked: found.filter(\.isRevoked).map(\.blob))
    }

    /// The name under which the file keeps a host: bare at port 22, `[host]:port` elsewhere.
    static func name(of host: String, port: Int) -> String {
        port == 22 ? host : "[\(host)]:\(port)"
    }

    private static func entry(of line: ArraySlice<UInt8>) -> Entry? {
        var fields = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
        guard let first = fields.first, first.first != UInt8(ascii: "#") else { return nil }
        let isMarked = first.first == UInt8(ascii: "@")
        let isRevoked = first.elementsEqual("@revoked".utf8)
        if isMarked { fields.removeFirst() }
        guard !isMarked || isRevoked, fields.count >= 3, let blob = Base64.decode(fields[2]),
            let type = WireReader.keyType(of: blob), type.utf8.elementsEqual(fields[1])
        else { return nil }
        return Entry(isRevoked: isRevoked, names: Array(fields[0]), type: type, blob: blob)
    }

    private static func matches(_ names: [UInt8], _ wanted: [UInt8]) -> Bool {
        if names.starts(with: "|1|".utf8) { return matchesHash(names, wanted) }
        var isMatch = false
        for pattern in names.split(separator: UInt8(ascii: ",")) {
            let isNegated = pattern.first == UInt8(ascii: "!")
            let text = Array(isNegated ? pattern.dropFirst() : pattern).map(lowercased)
            guard matchesWildcards(text[...], wanted[...]) else { continue }
            if isNegated { return false }
            isMatch = true
        }
        return isMatch
    }

    private static func matchesHash(_ names: [UInt8], _ wanted: [UInt8]) -> Bool {
        let parts = names.split(separator: UInt8(ascii: "|"))
        guard parts.count == 3, let salt = Base64.decode(parts[1]), let hash = Base64.decode(parts[2]) else {
            return false
        }
        return SHA1.authenticate(wanted, key: salt) == hash
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether `text` fits `pattern` with `*` and `?`; remembers the last star only, so the time stays
    /// bounded.
    private static func matchesWildcards(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (at, here) = (pattern.startIndex, text.startIndex)
        var star: (pattern: Int, text: Int)?
        while here < text.endIndex {
            if at < pattern.endIndex, pattern[at] == UInt8(ascii: "*") {
                star = (at + 1, here)
                at += 1
            } else if at < pattern.endIndex, pattern[at] == text[here] || pattern[at] == UInt8(ascii: "?") {
                at += 1
                here += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (at, here) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

extension KnownHosts {
    /// Adds one line to the file, making it (mode 0600) and its folder's last part (0700) when needed.
    ///
    /// One write at the end of the file, so that two writers never mix; a file that lacks its last line end
    /// gets it.
    package static func append(_ line: String, to path: String) throws(PosixError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            mkdir(String(path[..<slash]), 0o700)  // It mostly exists; open tells when it does not.
        }
        let raw = try system("open \(path)") { open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600) }
        let file = FileDescriptor(owning: raw)
        var last: UInt8 = 0x0a
        let end = lseek(file.raw, 0, SEEK_END)
        if end > 0 { pread(file.raw, &last, 1, end - 1) }
        let bytes = Array(((last == 0x0a ? "" : "\n") + line + "\n").utf8)
        let count = try system("write to \(path)") { write(file.raw, bytes, bytes.count) }
        guard count == bytes.count else { throw PosixError("write to \(path)", code: ENOSPC) }
    }
}
