/// One key of the configuration: how its value is read, where it goes and what people are told of it.
struct Setting: Sendable {
    /// The key with dots, as `worker.concurrency`.
    let key: String
    let help: String
    /// Unit of a number.
    let unit: String
    /// Values that are accepted, in words.
    let accepted: String
    /// Whether relative values are taken from the folder of the configuration file.
    let isPath: Bool
    /// Whether the value comes from the environment only and is never shown.
    var isSecret = false
    /// Reads a value into the settings; throws the reason in words.
    let read: @Sendable (SettingValue, inout Settings) throws(SettingRefusal) -> Void

    /// The key as a variable of the environment, as `PPALETTE_WORKER_CONCURRENCY`.
    var variable: String { "PPALETTE_" + key.uppercased().replacing(".", with: "_") }
}

/// A value as the file or the environment gives it.
enum SettingValue: Sendable, Equatable {
    case text(String)
    case list([String])
    case map([String: String])

    /// The value as a person wrote it.
    var words: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .list(let items): "[" + items.joined(separator: ", ") + "]"
        case .map(let pairs): "{" + pairs.keys.sorted().joined(separator: ", ") + "}"
        }
    }
}

/// Says that a value is not accepted; the setting says what is.
struct SettingRefusal: Error {}

extension Setting {
    typealias Path<Value> = WritableKeyPath<Settings, Value> & Sendable

    static func text(_ key: String, _ path: Path<String>, isPath: Bool = false, _ help: String) -> Setting {
        Setting(key: key, help: help, unit: "", accepted: "a text", isPath: isPath) {
            (value, settings) throws(SettingRefusal) in
            guard case .text(let text) = value else { throw SettingRefusal() }
            settings[keyPath: path] = text
        }
    }

    /// A text that may not stand in the configuration file, which others read too.
    static func secret(_ key: String, _ path: Path<String>, _ help: String) -> Setting {
        Setting(key: key, help: help, unit: "", accepted: "a text", isPath: false, isSecret: true) {
            (value, settings) throws(SettingRefusal) in
            guard case .text(let text) = value else { throw SettingRefusal() }
            settings[keyPath: path] = text
        }
    }

    static func texts(_ key: String, _ path: Path<[String]>, arePaths: Bool, _ help: String) -> Setting {
        Setting(key: key, help: help, unit: "", accepted: "a list of texts", isPath: arePaths) {
            (value, settings) throws(SettingRefusal) in
            settings[keyPath: path] = try value.asList()
        }
    }

    static func map(_ key: String, _ path: Path<[String: String]>, _ help: String) -> Setting {
        Setting(
            key: key, help: help, unit: "", accepted: "names with values in the configuration file",
            isPath: false
        ) {
            (value, settings) throws(SettingRefusal) in
            guard case .map(let pairs) = value else { throw SettingRefusal() }
            settings[keyPath: path] = pairs
        }
    }

    static func number(
        _ key: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ unit: String, _ help: String
    ) -> Setting {
        let accepted = "a whole number of \(unit) from \(range.lowerBound) to \(range.upperBound)"
        return Setting(key: key, help: help, unit: unit, accepted: accepted, isPath: false) {
            (value, settings) throws(SettingRefusal) in
            guard case .text(let text) = value, let number = Int(text), range.contains(number) else {
                throw SettingRefusal()
            }
            settings[keyPath: path] = number
        }
    }

    static func choice<Choice: SettingChoice>(_ key: String, _ path: Path<Choice>, _ help: String) -> Setting
    {
        Setting(key: key, help: help, unit: "", accepted: "one of " + Choice.words, isPath: false) {
            (value, settings) throws(SettingRefusal) in
            guard case .text(let text) = value, let choice = Choice(word: text) else {
                throw SettingRefusal()
            }
            settings[keyPath: path] = choice
        }
    }

    static func choices<Choice: SettingChoice>(_ key: String, _ path: Path<[Choice]>, _ help: String)
        -> Setting
    {
        Setting(key: key, help: help, unit: "", accepted: "some of " + Choice.words, isPath: false) {
            (value, settings) throws(SettingRefusal) in
            var chosen: [Choice] = []
            for word in try value.asList() {
                guard let choice = Choice(word: word) else { throw SettingRefusal() }
                chosen.append(choice)
            }
            guard !chosen.isEmpty else { throw SettingRefusal() }
            settings[keyPath: path] = chosen
        }
    }
}

extension SettingValue {
    /// A list; a text is taken apart at its commas, as the environment has no lists.
    fileprivate func asList() throws(SettingRefusal) -> [String] {
        switch self {
        case .list(let items): return items
        case .text(let text):
            return text.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
        case .map: throw SettingRefusal()
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        drop { $0 == " " }.reversedDroppingBlanks
    }

    private var reversedDroppingBlanks: Substring {
        var rest = self
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
