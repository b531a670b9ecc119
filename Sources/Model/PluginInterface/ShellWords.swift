/// Splits a text into words by the quoting rules of the POSIX shell, and does nothing else a shell does.
///
/// Blanks, tabs and line ends separate words; single quotes keep everything; double quotes keep everything
/// but `\` before `$`, a back quote, `"`, `\` and a line end; a backslash outside of quotes keeps the next
/// character. There are no expansions, no comments and no operators: `;`, `|`, `*` and `~` are letters like
/// others. See POSIX.1-2017, Shell Command Language, 2.2 Quoting.
struct ShellWords {
    private(set) var words: [String] = []
    private let bytes: [UInt8]
    private var index = 0
    /// The word that is being read.
    private var word: [UInt8] = []
    private var isInWord = false

    /// Throws when a quote is not closed or a backslash ends the text.
    init(_ text: String) throws(CommandTemplateError) {
        bytes = Array(text.utf8)
        if let position = bytes.firstIndex(of: 0) { throw .nulCharacter(position: character(at: position)) }
        while index < bytes.count { try step() }
        endWord()
    }

    private mutating func step() throws(CommandTemplateError) {
        let byte = bytes[index]
        switch byte {
        case Byte.singleQuote: try readSingleQuoted()
        case Byte.doubleQuote: try readDoubleQuoted()
        case Byte.backslash: try readEscaped()
        case Byte.blank, Byte.tab, Byte.newline, Byte.carriageReturn:
            endWord()
            index += 1
        default:
            append(byte)
            index += 1
        }
    }

    private mutating func readSingleQuoted() throws(CommandTemplateError) {
        let start = index
        guard let end = bytes[(start + 1)...].firstIndex(of: Byte.singleQuote) else {
            throw .unterminatedQuote("'", position: character(at: start))
        }
        append(bytes[(start + 1)..<end])
        index = end + 1
    }

    private mutating func readDoubleQuoted() throws(CommandTemplateError) {
        let start = index
        append([])
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Byte.doubleQuote {
                index += 1
                return
            }
            if byte == Byte.backslash, index + 1 < bytes.count, Self.escapable.contains(bytes[index + 1]) {
                index += 1
                if bytes[index] != Byte.newline { append(bytes[index]) }
            } else {
                append(byte)
            }
            index += 1
        }
        throw .unterminatedQuote("\"", position: character(at: start))
    }

    private mutating func readEscaped() throws(CommandTemplateError) {
        guard index + 1 < bytes.count else { throw .lonelyBackslash(position: character(at: index)) }
        if bytes[index + 1] != Byte.newline { append(bytes[index + 1]) }
        index += 2
    }

    /// What a backslash escapes inside of double quotes.
    private static let escapable: [UInt8] = [
        Byte.dollar, UInt8(ascii: "`"), Byte.doubleQuote, Byte.backslash, Byte.newline,
    ]

    private mutating func append(_ byte: UInt8) { append(CollectionOfOne(byte)) }

    /// In place: copying the word for each letter would cost the square of its length.
    private mutating func append(_ bytes: some Collection<UInt8>) {
        isInWord = true
        word += bytes
    }

    private mutating func endWord() {
        if isInWord { words.append(word.text) }
        isInWord = false
        word = []
    }

    /// The number of the character at a byte, from 1, for people.
    private func character(at byte: Int) -> Int { bytes[..<byte].text.unicodeScalars.count + 1 }
}
