import APIContract
import CommandLine
import JSON

/// A command's declaration with what it does.
struct Command {
    let specification: CommandSpecification
    let run: (Session) throws(Failure) -> Void

    init(_ specification: CommandSpecification, _ run: @escaping (Session) throws(Failure) -> Void) {
        self.specification = specification
        self.run = run
    }

    /// Every command of ppadm, in the order of the help.
    static func all() -> [Command] {
        let collections = Collection.all
        return collections.map(list) + collections.map(get) + collections.map(add) + collections.map(edit)
            + collections.map(delete) + [
                runCheck, runDiscovery, showStatus, showHistory, showSchedule, showWorkers, showQueues,
                showStatistics,
                showGraph, showHealth, completions, manual, names,
            ]
    }
}

extension Field {
    /// The option that gives this field, or the two of a map.
    ///
    /// `isNew` is for a request that creates: what it needs and its defaults are said.
    func options(isNew: Bool = false) -> [OptionSpecification] {
        let long = String(name.map { $0 == "_" ? "-" : $0 })
        if kind == .map { return mapOptions(long, isNew) }
        let placeholder = (unit ?? long).uppercased()
        var option = OptionSpecification(
            long, value: value, valueName: hasOwnPlaceholder ? nil : placeholder, help: sentence,
            defaultText: isNew ? defaultText : nil, isRequired: isNew && isRequired && name != "name",
            candidates: candidates)
        if kind == .strings, long.hasSuffix("s") { option.aliases = [String(long.dropLast())] }
        return [option]
    }

    private func mapOptions(_ long: String, _ isNew: Bool) -> [OptionSpecification] {
        let one = String(long.dropLast())
        let (stay, replaced) = isNew ? ("", ".") : ("; the others stay", "; replaces all of them.")
        return [
            OptionSpecification(one, value: .pair, help: "One of the \(long)\(stay). May be repeated."),
            OptionSpecification(long, value: .pairs, help: sentence.dropLast() + replaced),
        ]
    }

    private var value: OptionSpecification.Value {
        switch kind {
        case .strings: .list
        case _ where !choices.isEmpty && choices.count < 8: .choice(choices)
        case .boolean: .boolean
        case .integer: .integer
        case .number: .number
        default: .text
        }
    }

    private var hasOwnPlaceholder: Bool {
        switch value {
        case .boolean, .choice: true
        case .list: choices.isEmpty
        default: false
        }
    }

    /// Shells ask ppadm itself for the names of objects.
    private var candidates: Candidates? {
        if !choices.isEmpty { return .words(choices) }
        let kinds = Collection.all.map(\.resource)
        let named = kinds.first { $0.noun == name || $0.plural == name }
        return named.map { .lines(command: "names \($0.plural)") }
    }

    private var sentence: String {
        let start = help.prefix(1).uppercased() + help.dropFirst()
        let none = isNullable ? "; '' for none" : ""
        return start + (acceptedText.map { ": " + $0 } ?? "") + none + "."
    }

    /// What is accepted, where neither the sentence nor the placeholder says it.
    private var acceptedText: String? {
        if case .choice = value { return nil }
        if let range, range.upperBound == Int.max { return nil }
        let ascending = choices.filter { !$0.hasPrefix("-") }
        if ascending.count < choices.count { return ascending.joined(separator: ", ") }
        let isSaid =
            constraint == nil && range == nil && choices.isEmpty || kind == .strings && choices.isEmpty
        return isSaid || isNullable ? nil : accepts
    }

    private var defaultText: String? {
        guard let defaultValue, !defaultValue.isNull else { return nil }
        let text = ValueText.shown(defaultValue)
        return text == "-" ? nil : text
    }
}
