import Model
import Testing

@Suite struct CommandTemplateTests {
    static let host = Host(
        id: HostID(7), name: "web", address: "192.0.2.9",
        labels: ["site": "north", "os.name": "Debian", "A": "label"],
        variables: ["COMMUNITY": "public", "ARG1": "one two", "A": "variable"])

    private func expand(_ arguments: String, userMacros: [String: String] = [:]) throws -> [String] {
        try CommandTemplate(arguments: arguments).expand(host: Self.host, userMacros: userMacros)
    }

    @Test(
        "words are split by the quoting rules of the POSIX shell",
        arguments: [
            ("", []), ("  \t\n ", []), ("a b", ["a", "b"]), (" a  b ", ["a", "b"]),
            ("'a b' c", ["a b", "c"]),
            ("\"a b\" c", ["a b", "c"]), ("a\\ b", ["a b"]), ("a'b'\"c\"d", ["abcd"]), ("''", [""]),
            ("\"\" x", ["", "x"]),
            ("'a\\b'", ["a\\b"]), ("\"a\\b\"", ["a\\b"]), ("\"a\\\"b\"", ["a\"b"]), ("\"\\\\\"", ["\\"]),
            ("\"\\$x\"", ["$x"]), ("\\'", ["'"]), ("a\\\nb", ["ab"]), ("\"a\\\nb\"", ["ab"]),
            ("'a\nb'", ["a\nb"]),
            ("a;b|c&d>e<f*g~h#i", ["a;b|c&d>e<f*g~h#i"]), ("# no comment", ["#", "no", "comment"]),
            ("$(id) `id`", ["$(id)", "`id`"]), ("e\u{301}'\u{301}x'", ["e\u{301}\u{301}x"]),
            ("'it'\\''s'", ["it's"]),
        ])
    func splitting(_ arguments: String, _ words: [String]) throws {
        #expect(try expand(arguments) == words)
    }

    @Test(
        "what cannot be split says where",
        arguments: [
            ("a 'b", CommandTemplateError.unterminatedQuote("'", position: 3)),
            ("ä \"b\\\"", .unterminatedQuote("\"", position: 3)), ("a\\", .lonelyBackslash(position: 2)),
            ("a\0b", .nulCharacter(position: 2)), ("'a' 'b' '", .unterminatedQuote("'", position: 9)),
        ])
    func unterminated(_ arguments: String, _ error: CommandTemplateError) {
        #expect(throws: error) { try CommandTemplate(arguments: arguments) }
    }

    @Test(
        "macros are replaced in every word",
        arguments: [
            ("-H $HOSTADDRESS$", ["-H", "192.0.2.9"]), ("$HOSTNAME$:$HOSTID$", ["web:7"]),
            ("'$_HOSTCOMMUNITY$'", ["public"]), ("$_HOSTcommunity$", ["public"]), ("$_HOSTSITE$", ["north"]),
            ("$_HOSTOS.NAME$", ["Debian"]), ("$_HOSTA$", ["variable"]), ("$_HOSTNONE$", [""]),
            ("$ARG1$", ["one two"]),
            ("$ARG2$", [""]), ("x$ARG2$y", ["xy"]), ("$USER1$/x", ["/opt/x"]), ("$USER2$", [""]),
            ("$$", ["$"]),
            ("$$$$", ["$$"]), ("$$HOSTNAME$$", ["$HOSTNAME$"]), ("$$$HOSTNAME$$$", ["$web$"]),
        ])
    func macros(_ arguments: String, _ words: [String]) throws {
        #expect(try expand(arguments, userMacros: ["USER1": "/opt"]) == words)
    }

    @Test(
        "a dollar sign that starts no macro stays",
        arguments: [
            "$", "a$", "$5", "$5$", "100$-", "$(x)$", "a$b", "$ä$", "cost:$5,$6", "$:$",
        ])
    func plainDollar(_ arguments: String) throws {
        #expect(try expand(arguments) == [arguments])
    }

    @Test("an unknown macro is named with what is accepted and what was probably meant")
    func unknownMacro() {
        let error = #expect(throws: CommandTemplateError.self) {
            try CommandTemplate(arguments: "$HOSTADRESS$")
        }
        #expect(
            error?.description
                == "$HOSTADRESS$ is no macro; accepted are $HOSTADDRESS$, $HOSTNAME$, $HOSTID$, "
                + "$_HOST<NAME>$, $USER<n>$, $ARG<n>$; $$ is one dollar sign; did you mean $HOSTADDRESS$?")
    }

    @Test(
        "names that are near a macro are none",
        arguments: [
            "$hostaddress$", "$USER$", "$USER0$", "$USER01$", "$USER257$", "$ARG$", "$ARGx$", "$_HOST$",
            "$_host_x$",
            "$SERVICEDESC$", "$a-b$",
        ])
    func noMacros(_ arguments: String) {
        #expect(throws: CommandTemplateError.self) { try CommandTemplate(arguments: arguments) }
    }

    @Test("a user macro that the configuration does not have is an error that lists those it has")
    func unknownUserMacro() {
        let error = #expect(throws: CommandTemplateError.self) {
            try CommandTemplate(arguments: "$USER3$", knownUserMacros: ["USER1", "USER2"])
        }
        #expect(error?.description == "$USER3$ has no value in the configuration, which has $USER1$, $USER2$")
        #expect(throws: Never.self) { try CommandTemplate(arguments: "$USER1$", knownUserMacros: ["USER1"]) }
    }

    @Test("PP-B7: a value of any byte stays inside of its one argument", arguments: 1...255)
    func everyByte(_ byte: UInt8) throws {
        let value =
            byte < 0x80 ? String(Unicode.Scalar(byte)) : String(Unicode.Scalar(UInt32(byte) + 0x100) ?? "?")
        let hostile = "\(value) \(value)'\(value)\"\(value)$HOSTNAME$\(value)"
        var host = Self.host
        host.variables = ["X": hostile, "ARG1": hostile]
        let template = try CommandTemplate(arguments: "-a $_HOSTX$ '$ARG1$' \"=$USER1$=\" end")

        #expect(
            template.expand(host: host, userMacros: ["USER1": hostile]) == [
                "-a", hostile, hostile, "=\(hostile)=", "end",
            ])
    }

    @Test("PP-B7: no value, name or address makes more or fewer arguments than the template has")
    func argumentCountIsFixed() throws {
        var generator = SeededGenerator(seed: 7)
        let template = try CommandTemplate(
            arguments: "$HOSTADDRESS$ $HOSTNAME$ $_HOSTX$ $_HOSTY$ $ARG1$ -x=$USER1$")
        for _ in 0..<5000 {
            func text() -> String { generator.bytes(upTo: 40, favouring: " '\"\\$;|&\n\t`()-").text }
            let values = (0..<6).map { _ in text() }
            let host = Host(
                name: values[0], address: values[1], labels: ["y": values[2]],
                variables: ["X": values[3], "ARG1": values[4]])
            let words = template.expand(host: host, userMacros: ["USER1": values[5]])
            let expected = [values[1], values[0], values[3], values[2], values[4], "-x=" + values[5]]
            #expect(words == expected.map(withoutNul))
        }
    }

    private func withoutNul(_ text: String) -> String {
        Array(text.utf8.map { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] }.joined()).text
    }

    @Test("words that are quoted for a shell come back as they were")
    func quotedWordsComeBack() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5000 {
            let words = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                let bytes = generator.bytes(upTo: 12, favouring: " '\"\\#*\n")
                return bytes.filter { $0 != 0 && $0 != UInt8(ascii: "$") }.text
            }
            let quoted = words.map { "'" + escaped($0) + "'" }.joined(separator: " ")
            #expect(try expand(quoted) == words)
        }
    }

    /// Byte by byte, since a quote with a combining accent is not a quote to `String`.
    private func escaped(_ word: String) -> String {
        Array(word.utf8.map { $0 == UInt8(ascii: "'") ? Array("'\\''".utf8) : [$0] }.joined()).text
    }

    @Test("any text is a template or an error")
    func anyText() {
        var generator = SeededGenerator(seed: 13)
        for _ in 0..<8_000 {
            let text = generator.mutated("-w '$ARG1$' \"$_HOSTX$\" $$ $USER1$", with: " '\"\\$AH_\n").text
            guard let template = try? CommandTemplate(arguments: text) else { continue }
            _ = template.expand(host: Self.host)
        }
    }
}
