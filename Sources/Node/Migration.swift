import CommandLine
import Log
import Posix
import Storage

/// `ppalette migrate`: moves a stopped installation from SQLite to PostgreSQL.
struct Migration {
    let configuration: Configuration
    /// An address of PostgreSQL, or `postgresql` for that of the configuration.
    let target: String

    /// Moves everything, with progress for people; throws a sentence, and then nothing has changed.
    func run(say: (String) -> Void) throws(StartFailure) {
        var settings = configuration.settings
        if target != "postgresql" { settings.database = target }
        guard case .postgresql(let address) = try DatabaseChoice(settings) else {
            throw StartFailure(
                "there is no address to move to: set database: postgresql://user@host:port/name, or give it with --to"
            )
        }
        // Held all the while: no engine may run.
        let state = try StateDirectory(taking: settings.stateDirectory)
        let path = state.paths.database
        guard Machine.exists(path) else {
            throw StartFailure("there is no \(path) to move; is state_dir right?")
        }
        let log = Log(part: "migrate", level: settings.logLevel, format: settings.logFormat)
        var lastSaid: Int64 = 0
        let moved: [StoreMove.Progress]
        do {
            moved = try StoreMove(from: path, to: address, log: log).run { progress in
                let now = Clock.monotonicNanoseconds()
                guard now - lastSaid > 1_000_000_000 else { return }
                lastSaid = now
                say("\(progress.table): \(progress.moved) of \(progress.total) rows")
            }
        } catch {
            throw StartFailure(StoreSentence.of(error))
        }
        for table in moved where table.total > 0 { say("\(table.table): \(table.total) rows, all there") }
        say(
            "\(path) is as it was; set database: \(address.name) and start the engine. What waits in "
                + "\(state.paths.spool) is stored then")
        _ = consume state
    }
}
