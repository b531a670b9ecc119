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
            lock = try LockFile(taking: path + "/lock")
        } catch {
            throw Self.failure(path, error)
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
