/// One option, written `--name value` or `--name=value`.
package struct OptionSpecification: Sendable, Equatable {
    /// What stands after the name.
    package enum Value: Sendable, Equatable {
        /// Nothing: the option is a switch.
        case none
        case text
        case integer
        case number
        /// A number that may be left out; only what is a number is taken for it.
        case optionalNumber
        /// `on`, `off`, `true`, `false`, `yes` or `no`.
        case boolean
        case choice([String])
        /// Several values, by comma or by repeating the option; an empty text means none.
        case list
        /// One `key=value`; repeat the option for more.
        case pair
        /// Several `key=value`, by comma or by repeating the option; an empty text means none.
        case pairs
        case file
    }

    /// Without dashes.
    package var name: String
    package var short: Character?
    /// Other spellings, which help and completion leave out.
    package var aliases: [String]
    package var value: Value
    /// As shown, in capitals.
    package var valueName: String
    package var help: String
    /// The default in words or digits; nil when there is none worth saying.
    package var defaultText: String?
    package var isRequired: Bool
    /// Whether a text, integer or choice may be given more than once.
    package var isRepeatable: Bool
    package var candidates: Candidates

    package init(
        _ name: String, short: Character? = nil, aliases: [String] = [], value: Value = .text,
        valueName: String? = nil, help: String, defaultText: String? = nil, isRequired: Bool = false,
        isRepeatable: Bool = false, candidates: Candidates? = nil
    ) {
        self.name = name
        self.short = short
        self.aliases = aliases
        self.value = value
        self.valueName = valueName ?? Self.valueName(of: value)
        self.help = help
        self.defaultText = defaultText
        self.isRequired = isRequired
        self.isRepeatable = isRepeatable
        self.candidates = candidates ?? Self.candidates(of: value)
    }

    private static func valueName(of value: Value) -> String {
        switch value {
        case .none: ""
        case .text: "TEXT"
        case .integer, .number, .optionalNumber: "NUMBER"
        case .boolean: "on|off"
        case .choice(let words): words.joined(separator: "|")
        case .list: "NAME,..."
        case .pair: "KEY=VALUE"
        case .pairs: "KEY=VALUE,..."
        case .file: "FILE"
        }
    }

    private static func candidates(of value: Value) -> Candidates {
        switch value {
        case .boolean: .words(["on", "off"])
        case .choice(let words): .words(words)
        case .file: .files
        default: .unknown
        }
    }

    /// Whether a value must follow.
    package var takesValue: Bool { value != .none && value != .optionalNumber }

    /// Whether it may stand more than once on a command line.
    package var mayRepeat: Bool {
        switch value {
        case .list, .pair, .pairs: true
        default: isRepeatable
        }
    }

    /// An underscore in a given name counts as a dash, so that the API's field names work as they are.
    func matches(long given: String) -> Bool {
        let dashed = String(given.map { $0 == "_" ? "-" : $0 })
        return dashed == name || aliases.contains(dashed)
    }
}
