import Posix

/// The folder with everything that ppalette keeps; one engine at a time has it.
struct StateDirectory: ~Copyable {
    /// Where things stand in it.
    struct Paths: Sendable {
        let folder: String
        var database: String { folder + "/ppalette.db" }
        var statistics: String { folder + "/statistics" }
        var spool: String { folder + "/spool" }
        var token: String { folder + "/admin.token" }
    }

    let paths: Paths
    private let lock: LockFile

    /// Makes the folder when it is missing, checks that it can be written and takes it; throws a sentence.
    init(taking path: String) throws(StartFailure) {
        paths = Paths(folder: path)
        do {
            try Folder.make(path)
        } catch {
            throw Self.unwritable(path, error)
        }
        do {
            lock = try Self.take(path + "/lock")
        } catch {
            throw Self.failure(path, error)
        }
    }

    /// How long a lock that is held is tried again, in nanoseconds.
    private static let patience: Int64 = 1_000_000_000

    /// An engine that was killed while it started a plugin leaves a copy of its lock until that plugin runs or is gone:
    /// one that is started in its place at once must not be refused for it.
    private static func take(_ file: String) throws(LockFile.Failure) -> LockFile {
        let end = Clock.monotonicNanoseconds() + patience
        while true {
            do throws(LockFile.Failure) {
                return try LockFile(taking: file)
            } catch {
                guard case .held = error, Clock.monotonicNanoseconds() < end else { throw error }
                Machine.pause(.milliseconds(20))
            }
        }
    }

    private static func failure(_ path: String, _ failure: LockFile.Failure) -> StartFailure {
        switch failure {
        case .system(let error): unwritable(path, error)
        case .held(let process):
            StartFailure(
                "cannot use state directory \(path): another ppalette\(process.map { " (process \($0))" } ?? "") is using it; "
                    + "stop that one first or give this one another --state-dir")
        }
    }

    private static func unwritable(_ path: String, _ error: PosixError) -> StartFailure {
        StartFailure(
            "cannot write to state directory \(path): \(error.reason); "
                + "make it writable for this user, or set state_dir or --state-dir to a folder that is")
    }
}
