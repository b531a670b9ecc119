extension PerformanceData {
    /// Reads performance data: items `'label'=value[unit];[warning];[critical];[minimum];[maximum]`,
    /// separated by white space; never fails.
    package init(parsing text: String) {
        var reader = PerformanceReader(text)
        while let piece = reader.next() {
            switch piece {
            case .refused(let token): refused.append(token.text)
            case .candidate(let candidate):
                if let item = Item(candidate) { keep(item) } else { refused.append(candidate.token.text) }
            }
        }
    }

    private mutating func keep(_ item: Item) {
        if items.count < Self.maximumItems { items.append(item) } else { omitted += 1 }
    }
}

/// A token that has the shape of an item: a label, `=` and something after it.
struct PerformanceCandidate {
    /// All of it.
    let token: ArraySlice<UInt8>
    /// Without quotes.
    let label: [UInt8]
    /// What follows the equals sign: value, unit and fields.
    let rest: ArraySlice<UInt8>
}

/// Cuts performance data into tokens.
private struct PerformanceReader {
    enum Piece {
        case candidate(PerformanceCandidate)
        case refused(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    /// After this one there can be no item any more.
    private let lastEquals: Int

    init(_ text: String) {
        let bytes = Array(text.utf8)
        rest = bytes[...]
        lastEquals = bytes.lastIndex(of: Byte.equals) ?? -1
    }

    mutating func next() -> Piece? {
        skipSeparators()
        guard let first = rest.first else { return nil }
        // Words behind the last item are one piece of prose, not many broken items.
        if rest.startIndex > lastEquals { return .refused(take(to: rest.trimmedAtEnd.endIndex)) }
        return first == Byte.singleQuote ? quoted() : bare()
    }

    /// Steps over white space and over a lone `|`.
    private mutating func skipSeparators() {
        while true {
            rest = rest.drop(while: \.isWhiteSpace)
            guard rest.first == Byte.pipe else { return }
            guard rest.dropFirst().first.map(\.isWhiteSpace) ?? true else { return }
            rest = rest.dropFirst()
        }
    }

    private mutating func bare() -> Piece {
        guard let end = rest.firstIndex(where: { $0 == Byte.equals || $0.isWhiteSpace }) else {
            return .refused(take(to: rest.endIndex))
        }
        if rest[end] == Byte.equals { return candidate(label: Array(rest[..<end]), equals: end) }
        // "a = 1": the equals sign belongs to the word before it.
        let after = rest[end...].drop(while: \.isWhiteSpace)
        guard after.first == Byte.equals else { return .refused(take(to: end)) }
        return .refused(take(to: wordEnd(from: after.startIndex)))
    }

    private mutating func quoted() -> Piece {
        var label: [UInt8] = []
        var index = rest.startIndex + 1
        while index < rest.endIndex {
            let following = index + 1 < rest.endIndex ? rest[index + 1] : 0
            if rest[index] != Byte.singleQuote {
                label.append(rest[index])
                index += 1
            } else if following == Byte.singleQuote {
                label.append(Byte.singleQuote)
                index += 2
            } else if following == Byte.equals {
                return candidate(label: label, equals: index + 1)
            } else {
                return refuse(brokenAt: index)
            }
        }
        return .refused(take(to: wordEnd(from: rest.startIndex)))
    }

    /// Refuses a word whose quote is closed in the wrong place; `close` is that quote.
    ///
    /// When that quote opens the label of a later item or stands in its value, the word ends before that
    /// item.
    private mutating func refuse(brokenAt close: Int) -> Piece {
        let before = rest[close - 1]
        let opensAnother = before.isWhiteSpace || before == Byte.equals
        return .refused(take(to: wordEnd(from: opensAnother ? rest.startIndex : close)))
    }

    private mutating func candidate(label: [UInt8], equals: Int) -> Piece {
        let end = wordEnd(from: equals)
        let value = rest[(equals + 1)..<end]
        return .candidate(PerformanceCandidate(token: take(to: end), label: label, rest: value))
    }

    private func wordEnd(from start: Int) -> Int {
        rest[start...].firstIndex(where: \.isWhiteSpace) ?? rest.endIndex
    }

    private mutating func take(to end: Int) -> ArraySlice<UInt8> {
        defer { rest = rest[end...] }
        return rest[..<end]
    }
}
