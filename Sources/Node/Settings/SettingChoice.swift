import Log

/// A setting with a few values, each with its word.
protocol SettingChoice: CaseIterable, Sendable, Equatable {
    var word: String { get }
}

extension SettingChoice {
    init?(word: String) {
        guard let choice = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = choice
    }

    /// All words, for people.
    static var words: String { allCases.map(\.word).joined(separator: ", ") }
}

extension SettingChoice where Self: RawRepresentable, RawValue == String {
    var word: String { rawValue }
}

extension Settings.Role: SettingChoice {}
extension Settings.UnknownHosts: SettingChoice {}
extension Settings.Isolation: SettingChoice {}
extension Log.Format: SettingChoice {}
extension Log.Level: SettingChoice {
    var word: String { "\(self)" }
}
