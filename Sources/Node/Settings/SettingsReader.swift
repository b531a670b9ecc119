import Model
import Posix
import YAML

/// Reads settings from a configuration file and the environment.
struct SettingsReader {
    /// Why a configuration cannot be used; sentences, each with its place.
    struct Failure: Error, Equatable {
        let sentences: [String]
    }

    /// Where the file stands, for messages and for relative paths; nil when there is none.
    let file: String?
    let home: String
    /// Where the program was started; a file with a relative path stands below it.
    var workingFolder = "/"

    /// Settings from the text of the file, then the environment, which wins; all mistakes are told at once.
    func read(_ text: [UInt8]?, environment: [String: String]) throws(Failure) -> Settings {
        var settings = Settings()
        var sentences: [String] = []
        if let text { readFile(text, into: &settings, &sentences) }
        readEnvironment(environment, into: &settings, &sentences)
        guard sentences.isEmpty else { throw Failure(sentences: sentences) }
        resolvePaths(&settings)
        return settings
    }

    private func readFile(_ text: [UInt8], into settings: inout Settings, _ sentences: inout [String]) {
        let name = file ?? "configuration"
        do {
            guard let root = try YAMLDocument.parse(text) else { return }
            guard case .mapping(let members) = root.content else {
                sentences.append("\(name), line \(root.line): expected `key: value` lines")
                return
            }
            for member in members { apply(member, prefix: "", to: &settings, &sentences) }
        } catch {
            sentences.append("\(name), \(error)")
        }
    }

    private func apply(
        _ member: YAMLNode.Member, prefix: String, to settings: inout Settings, _ sentences: inout [String]
    ) {
        let key = prefix + member.key
        let place = "\(file ?? "configuration"), line \(member.keyLine)"
        if let setting = Settings.all.first(where: { $0.key == key }) {
            guard !setting.isSecret else {
                sentences.append(
                    "\(place): \(key) may not stand here; put it into a file and name that as \(key)_file, or set "
                        + setting.variable)
                return
            }
            guard let value = SettingValue(member.value) else {
                sentences.append("\(place): \(key) must be \(setting.accepted)")
                return
            }
            set(setting, value, place: place, &settings, &sentences)
            return
        }
        let isGroup = prefix.isEmpty && Settings.all.contains { $0.key.hasPrefix(key + ".") }
        guard isGroup else {
            sentences.append("\(place): unknown key \"\(key)\"" + Self.suggestion(for: key))
            return
        }
        guard case .mapping(let members) = member.value.content else {
            if case .scalar("", isPlain: true) = member.value.content { return }
            sentences.append("\(place): \(key) holds keys of its own, as `\(key): {...}`")
            return
        }
        for inner in members { apply(inner, prefix: key + ".", to: &settings, &sentences) }
    }

    private func readEnvironment(
        _ environment: [String: String], into settings: inout Settings, _ sentences: inout [String]
    ) {
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("PPALETTE_") {
            guard let setting = Settings.all.first(where: { $0.variable == name }) else {
                let near = NearestName.nearest(to: name, among: Settings.all.map(\.variable))
                sentences.append(
                    "environment: unknown variable \(name)" + (near.map { "; did you mean \($0)?" } ?? ""))
                continue
            }
            set(setting, .text(text), place: "environment, \(name)", &settings, &sentences)
        }
    }

    private func set(
        _ setting: Setting, _ value: SettingValue, place: String, _ settings: inout Settings,
        _ sentences: inout [String]
    ) {
        do {
            try setting.read(value, &settings)
        } catch {
            let given = setting.isSecret ? "" : ", not \(value.words)"
            sentences.append("\(place): \(setting.key) must be \(setting.accepted)\(given)")
        }
    }

    private static func suggestion(for key: String) -> String {
        NearestName.nearest(to: key, among: Settings.all.map(\.key)).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Makes paths whole: `~` is the home folder, relative ones begin at the folder of the configuration file.
    ///
    /// No relative path is left, since plugins are started in another folder.
    private func resolvePaths(_ settings: inout Settings) {
        settings.stateDirectory = resolve(settings.stateDirectory)
        settings.databasePasswordFile = resolve(settings.databasePasswordFile)
        settings.queuePasswordFile = resolve(settings.queuePasswordFile)
        settings.queueAuthorities = resolve(settings.queueAuthorities)
        settings.pluginPaths = settings.pluginPaths.map(resolve)
        settings.worker.sharedFiles = settings.worker.sharedFiles.map(resolve)
        settings.initialObjects = resolve(settings.initialObjects)
        settings.ssh.identityFiles = settings.ssh.identityFiles.map(resolve)
        settings.ssh.knownHosts = resolve(settings.ssh.knownHosts)
    }

    private func resolve(_ path: String) -> String {
        if path.isEmpty || path.hasPrefix("/") { return path }
        if path == "~" { return home }
        if path.hasPrefix("~/") { return home + path.dropFirst() }
        let folder = file.flatMap { file in file.lastIndex(of: "/").map { file[...$0] } } ?? ""
        return folder.hasPrefix("/") ? folder + path : "\(workingFolder)/\(folder)\(path)"
    }
}

extension SettingValue {
    /// The value of a node; nil when it is nested deeper than settings are.
    fileprivate init?(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let text, _): self = .text(text)
        case .sequence(let items):
            let texts = items.compactMap(\.scalar)
            guard texts.count == items.count else { return nil }
            self = .list(texts)
        case .mapping(let members):
            let pairs = members.compactMap { member in member.value.scalar.map { (member.key, $0) } }
            guard pairs.count == members.count else { return nil }
            self = .map(Dictionary(uniqueKeysWithValues: pairs))
        }
    }
}

extension YAMLNode {
    fileprivate var scalar: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }
}
