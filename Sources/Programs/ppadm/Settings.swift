import CommandLine

/// Where the API is and what opens it.
struct Settings {
    var url: String
    var token: String?
    /// Where the token came from, or where one was looked for: for sentences.
    var tokenOrigin: String

    static let defaultURL = "http://127.0.0.1:8420"
    static let defaultTokenFiles = ["/var/lib/ppalette/admin.token", "./var/admin.token"]

    /// Looks at the options, the environment and the configuration file, in this order.
    init(_ command: ParsedCommand, _ environment: [String: String]) throws(Failure) {
        let file = try ConfigurationFile(environment)
        let given = command.text("url") ?? environment["PPADM_URL"].flatMap(\.nonEmpty) ?? file.url
        url = try Self.checked(given ?? Self.defaultURL)
        (token, tokenOrigin) = (nil, "")
        if let path = command.text("token-file") {
            try readToken(path)
        } else if let text = environment["PPADM_TOKEN"].flatMap(\.nonEmpty) {
            (token, tokenOrigin) = (text, "PPADM_TOKEN")
        } else if let path = file.tokenFile {
            try readToken(path)
        } else {
            lookForToken()
        }
    }

    private mutating func readToken(_ path: String) throws(Failure) {
        do {
            (token, tokenOrigin) = (try SmallFile.text(at: path).trimmed, path)
        } catch {
            throw .local("\(error); name the token's file with --token-file or set PPADM_TOKEN")
        }
    }

    /// The engine's own token is for this machine only and never sent elsewhere.
    private mutating func lookForToken() {
        guard isLocal else {
            tokenOrigin = "no token is configured for \(url)"
            return
        }
        var reasons: [String] = []
        for path in Self.defaultTokenFiles {
            do {
                (token, tokenOrigin) = (try SmallFile.text(at: path).trimmed, path)
                return
            } catch {
                if !error.isMissing { reasons.append(error.description) }
            }
        }
        let places = Self.defaultTokenFiles.joined(separator: " and ")
        tokenOrigin = reasons.first ?? "no token found in \(places)"
    }

    private var isLocal: Bool {
        let rest = url.drop { $0 != "/" }.dropFirst(2)
        return ["127.0.0.1", "[::1]", "localhost"].contains { host in
            rest.hasPrefix(host) && [nil, ":", "/"].contains(rest.dropFirst(host.count).first)
        }
    }

    private static func checked(_ text: String) throws(Failure) -> String {
        let url = text.contains("://") ? text : "http://" + text
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), !url.contains("?"), !url.contains("#")
        else {
            throw .usage(
                UsageError("'\(text)' is no address of an API; write it as \(defaultURL)", command: "ppadm"))
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}

/// The person's own configuration: lines of `url: ...` and `token_file: ...`.
struct ConfigurationFile {
    var url: String?
    var tokenFile: String?

    /// Reads `ppadm/config.yaml` in `$XDG_CONFIG_HOME` or `~/.config`; a missing file is an empty one.
    init(_ environment: [String: String]) throws(Failure) {
        let home = environment["HOME"] ?? ""
        let folder = environment["XDG_CONFIG_HOME"].flatMap(\.nonEmpty) ?? home + "/.config"
        let path = folder + "/ppadm/config.yaml"
        let text: String
        do {
            text = try SmallFile.text(at: path)
        } catch {
            guard error.isMissing else { throw .local("\(error); allow reading it or take it away") }
            return
        }
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            try read(String(line).trimmed, home: home, place: "\(path) line \(number + 1)")
        }
    }

    private mutating func read(_ line: String, home: String, place: String) throws(Failure) {
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            String($0)
        }
        guard parts.count == 2 else { throw .local("\(place): '\(line)' is not 'key: value'") }
        let value = Self.plain(parts[1].trimmed)
        switch parts[0].trimmed {
        case "url": url = value
        case "token_file": tokenFile = value.hasPrefix("~/") ? home + value.dropFirst() : value
        default: throw .local("\(place): unknown key '\(parts[0].trimmed)'; the keys are url and token_file")
        }
    }

    /// Without quotes around it or a comment behind it.
    private static func plain(_ text: String) -> String {
        for quote in ["\"", "'"] where text.hasPrefix(quote) && text.hasSuffix(quote) && text.count > 1 {
            return String(text.dropFirst().dropLast())
        }
        guard
            let comment = text.indices.first(where: { index in
                text[index] == "#" && index > text.startIndex && text[text.index(before: index)] == " "
            })
        else { return text }
        return String(text[..<comment]).trimmed
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }

    /// Without white space at both ends.
    var trimmed: String {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
