package import Model
package import Posix

/// The folders that local plugins are looked up in; a later folder wins.
///
/// Nothing is remembered of what is in them: a run tries the paths one after the other, which costs 2 us for each folder
/// without the script, and so a plugin that is added, replaced or removed counts from the next run on.
package struct PluginFolders: Sendable, Equatable {
    /// Absolute paths, in the order of the configuration.
    package let paths: [String]

    package init(paths: [String]) {
        self.paths = paths.map { path in
            path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        }
    }

    /// Where the script may be, the folder that wins first; empty when it is no file name.
    package func candidates(for script: String) -> [String] {
        guard Self.isFileName(script) else { return [] }
        return paths.reversed().map { "\($0)/\(script)" }
    }

    /// Whether a script can be in a folder at all: no slash, no NUL, not `.` or `..`.
    package static func isFileName(_ script: String) -> Bool {
        !script.isEmpty && script != "." && script != ".." && script.utf8.count <= 255
            && !script.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    /// The ending of a run that could not be started.
    package func ending(of failure: SpawnFailure, script: String) -> Ending {
        let reason = PosixError.reason(of: failure.code)
        switch failure.step {
        case .arguments:
            return .execFailed("cannot run \(script): an argument holds a NUL byte; remove it")
        case .pipe:
            return .internal("cannot make a pipe for \(script): \(reason); raise the limit of open files")
        case .clone:
            let isFiles = [ErrorNumber.tooManyFiles, ErrorNumber.fileTableFull].contains(failure.code)
            let limit = isFiles ? "open files" : "processes"
            return .internal("cannot start a process for \(script): \(reason); raise the limit of \(limit)")
        case .preparation:
            return .internal("cannot prepare the process of \(script): \(reason)")
        case .execute:
            return failure.isShortage
                ? .internal("cannot run \(failure.path): \(reason); the machine is short of memory or files")
                : refusal(of: failure, script: script, reason: reason)
        }
    }

    private func refusal(of failure: SpawnFailure, script: String, reason: String) -> Ending {
        let path = failure.path
        guard let file = SpawnProgramFile(path: path) else {
            let isMissing = failure.code == ErrorNumber.noEntry || failure.code == ErrorNumber.notAFolder
            return isMissing
                ? .missing(script: script, in: paths)
                : .notExecutable("cannot run \(path): \(reason); let the engine's user enter its folder")
        }
        switch failure.code {
        case ErrorNumber.noAccess: return Self.noAccess(to: path, file, reason)
        case ErrorNumber.noEntry: return Self.noInterpreter(of: path, file)
        case ErrorNumber.notAProgram: return Self.noProgram(path, file)
        case ErrorNumber.listTooLong:
            return .execFailed(
                "cannot run \(path): its arguments are longer than the system takes; shorten them")
        default:
            return .execFailed("cannot run \(path): \(reason)")
        }
    }

    private static func noAccess(to path: String, _ file: SpawnProgramFile, _ reason: String) -> Ending {
        switch file.kind {
        case .folder: return .notExecutable("cannot run \(path): it is a folder; name a file in script")
        case .other: return .notExecutable("cannot run \(path): it is no regular file")
        case .regular where !file.hasExecuteBit:
            return .notExecutable("cannot run \(path): it is not executable; run chmod +x on it")
        case .regular:
            let why = file.interpreter.map { "the file or its interpreter \($0) may not be executed" }
            return .notExecutable(
                "cannot run \(path): \(reason); \(why ?? "the engine's user may not execute it")")
        }
    }

    private static func noInterpreter(of path: String, _ file: SpawnProgramFile) -> Ending {
        guard let interpreter = file.interpreter else {
            return .execFailed("cannot run \(path): the loader it asks for is missing; install it")
        }
        return .execFailed("cannot run \(path): its interpreter \(interpreter) does not exist; install it")
    }

    private static func noProgram(_ path: String, _ file: SpawnProgramFile) -> Ending {
        guard !file.isEmpty else {
            return .execFailed("cannot run \(path): the file is empty; install it anew")
        }
        return .execFailed("cannot run \(path): it is no program of this machine and has no #! line; add one")
    }
}
