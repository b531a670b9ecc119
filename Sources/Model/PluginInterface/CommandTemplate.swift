/// The arguments of a plugin, split into words once and filled in for each run.
///
/// Words are made by shell quoting rules *first* and macros are replaced *after*, so no value, whatever is in
/// it, can become a second argument or reach a shell.
package struct CommandTemplate: Hashable, Sendable {
    /// A part of a word.
    enum Part: Hashable, Sendable {
        case text(String)
        case macro(Macro)
    }

    private let words: [[Part]]

    /// Reads the arguments as a person writes them.
    ///
    /// `knownUserMacros` are the names (`USER1`) that the configuration has; nil takes every name. Throws for
    /// a quote that is not closed and for a macro that does not exist. A dollar sign that starts no macro
    /// stays, `$$` is one.
    package init(arguments: String, knownUserMacros: Set<String>? = nil) throws(CommandTemplateError) {
        var words: [[Part]] = []
        for word in try ShellWords(arguments).words {
            var reader = MacroReader(word, knownUserMacros: knownUserMacros)
            words.append(try reader.parts())
        }
        self.words = words
    }

    /// The macros in it.
    package var macros: Set<Macro> {
        Set(
            words.joined().compactMap { part in
                if case .macro(let macro) = part { macro } else { nil }
            })
    }

    /// The arguments for one host, as many as there are words.
    ///
    /// `userMacros` holds the values of `$USERn$` by the names `USERn`. A NUL, which no argument can hold,
    /// becomes U+FFFD.
    package func expand(host: Host, userMacros: [String: String] = [:]) -> [String] {
        words.map { parts in
            var word = ""
            for part in parts {
                switch part {
                case .text(let text): word += text
                case .macro(let macro): word += macro.value(for: host, userMacros: userMacros)
                }
            }
            return word.utf8.contains(0) ? Self.withoutNul(word) : word
        }
    }

    private static func withoutNul(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 })
        return String(result)
    }
}

/// Finds the macros of one word.
private struct MacroReader {
    private var rest: ArraySlice<UInt8>
    private var text: [UInt8] = []
    private var found: [CommandTemplate.Part] = []
    private let knownUserMacros: Set<String>?

    init(_ word: String, knownUserMacros: Set<String>?) {
        rest = Array(word.utf8)[...]
        self.knownUserMacros = knownUserMacros
    }

    mutating func parts() throws(CommandTemplateError) -> [CommandTemplate.Part] {
        while let byte = rest.popFirst() {
            if byte == Byte.dollar, let name = takeName() {
                try add(name)
            } else {
                text.append(byte)
            }
        }
        endText()
        return found
    }

    /// Takes `NAME$` from the front, the empty name of `$$` too; nil when the dollar sign before is a plain
    /// one.
    private mutating func takeName() -> String? {
        guard let end = rest.firstIndex(of: Byte.dollar) else { return nil }
        let name = rest[..<end]
        guard name.allSatisfy(Self.isNameByte), !(name.first?.isDigit ?? false) else { return nil }
        rest = rest[(end + 1)...]
        return name.text
    }

    /// Names of labels may hold points and dashes.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || [Byte.underscore, Byte.point, Byte.minus].contains(byte)
    }

    private mutating func add(_ name: String) throws(CommandTemplateError) {
        guard !name.isEmpty else {
            text.append(Byte.dollar)
            return
        }
        guard let macro = Macro(name: name) else {
            throw .unknownMacro(name, suggestion: Self.suggestion(name))
        }
        if case .user(let name) = macro, let knownUserMacros, !knownUserMacros.contains(name) {
            throw .unknownUserMacro(name, known: knownUserMacros.sorted())
        }
        endText()
        found.append(.macro(macro))
    }

    private static func suggestion(_ name: String) -> String? {
        let fixed = ["HOSTADDRESS", "HOSTNAME", "HOSTID"]
        let numbered = (1...9).flatMap { ["USER\($0)", "ARG\($0)"] }
        return NearestName.nearest(to: name, among: fixed + numbered)
    }

    private mutating func endText() {
        if !text.isEmpty { found.append(.text(text.text)) }
        text = []
    }
}
