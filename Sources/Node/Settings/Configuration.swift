import CommandLine
import HTTPServer
import Log
import Model
import Posix
import Statistics

/// The settings of this run, with where they came from.
struct Configuration {
    /// What people call it in messages.
    let name: String
    let settings: Settings

    static let defaultFile = "/etc/ppalette/ppalette.yaml"

    /// Settings from the file, the environment and the command line, each going before the one before.
    static func load(_ command: ParsedCommand) throws(StartFailure) -> Configuration {
        let environment = Surroundings.environment()
        let given = command.text("config")
        let file = given ?? defaultFile
        var text: [UInt8]?
        do throws(FileError) {
            text = Array(try SmallFile.text(at: file).utf8)
        } catch {
            guard error.isMissing, given == nil else {
                throw StartFailure("\(error.description); give the right file with --config")
            }
        }
        let reader = SettingsReader(
            file: text == nil ? nil : file, home: environment["HOME"] ?? "/",
            workingFolder: Surroundings.workingFolder ?? "/")
        do {
            var settings = try reader.read(text, environment: environment)
            try override(&settings, by: command)
            return Configuration(name: text == nil ? "the default configuration" : file, settings: settings)
        } catch let failure as SettingsReader.Failure {
            throw StartFailure(failure.sentences)
        } catch let failure as StartFailure {
            throw failure
        } catch {
            throw StartFailure("\(error)")
        }
    }

    /// Whether the objects for a new database can be read.
    func checkInitialObjects() throws(StartFailure) {
        guard !settings.initialObjects.isEmpty else { return }
        _ = try InitialObjects(file: settings.initialObjects).read()
    }

    private static func override(_ settings: inout Settings, by command: ParsedCommand) throws(StartFailure) {
        if let folder = command.text("state-dir") { settings.stateDirectory = folder }
        if let listen = command.text("listen") { settings.listen = listen }
        if let roles = command.list("roles") {
            settings.roles = try roles.map { (word) throws(StartFailure) in
                guard let role = Settings.Role(word: word) else {
                    throw StartFailure("--roles must be some of \(Settings.Role.words), not \"\(word)\"")
                }
                return role
            }
        }
        try check(settings)
    }

    /// What cannot be used is said before anything starts.
    static func check(_ settings: Settings) throws(StartFailure) {
        do {
            _ = try ListenAddress(settings.listen)
        } catch {
            throw StartFailure("listen: \(error)")
        }
        guard !settings.stateDirectory.isEmpty else {
            throw StartFailure("state_dir must be a folder, not empty; the default is /var/lib/ppalette")
        }
        let name = settings.worker.name
        guard name.isEmpty || WorkerName.isValid(name) else {
            throw StartFailure(
                "worker.name must be letters, digits, dots, dashes and underscores, not \"\(name)\"")
        }
        let macros = settings.userMacros.keys.sorted()
        if let bad = macros.first(where: { !Macro.isUserMacro($0) }) {
            throw StartFailure("user_macros must have names from USER1 to USER256, not \"\(bad)\"")
        }
        _ = try DatabaseChoice(settings)
        try checkReferences(settings.worker.referenceTargets)
        let zones = settings.worker.zones
        guard !zones.isEmpty, let bad = zones.first(where: { !Host.isZone($0) }) else {
            guard zones.isEmpty else { return try checkQueue(settings) }
            throw StartFailure("worker.zones must name at least one zone; main is that of hosts without one")
        }
        throw StartFailure("worker.zones must be names of letters, digits and . _ -, not \"\(bad)\"")
    }

    private static func checkReferences(_ targets: [String]) throws(StartFailure) {
        guard targets.count <= 8 else {
            throw StartFailure("worker.reference_targets must be at most 8 addresses, not \(targets.count)")
        }
        guard let bad = targets.first(where: { IPAddress($0) == nil }) else { return }
        throw StartFailure("worker.reference_targets must be IPv4 or IPv6 addresses, not \"\(bad)\"")
    }

    private static func checkQueue(_ settings: Settings) throws(StartFailure) {
        guard case .local = try QueueChoice(settings) else {
            guard settings.roles == [.worker] || settings.database != "sqlite" else {
                throw StartFailure(
                    "with queue: amqp://… several processes share the database, so it must be PostgreSQL: set "
                        + "database: postgresql://user@host:port/name (a process with the role worker only needs none)"
                )
            }
            return
        }
        guard Set(settings.roles) == Set(Settings.Role.allCases) else {
            throw StartFailure(
                "roles must be all of \(Settings.Role.words) with queue: local, since its jobs do not leave the process"
            )
        }
    }
}
