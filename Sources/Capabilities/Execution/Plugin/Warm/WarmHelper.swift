import Posix

/// One helper process: an interpreter that stays and forks for each run of one script.
final class WarmHelper {
    enum Phase: Equatable {
        /// Its script is looked at, or it is being started.
        case starting
        /// It loads what earlier runs used.
        case preparing
        case ready
        /// It gets no further run.
        case retired
    }

    /// A run that the helper was asked for and whose child has not told yet that it waits.
    struct Asked {
        /// The mark that its child must carry.
        let tag: UInt64
        let ends: ProcessChannel.RunEnds
        let isInCgroup: Bool
    }

    let number: UInt64
    let script: String
    /// Where the script may be, the place that wins first.
    let paths: [String]
    /// Where it was found, as an index into ``paths``.
    var place = 0
    var phase = Phase.starting
    var channel: ProcessChannel?
    /// Its own end of the channel, until it has it.
    var theirs: Int32?
    var process: SpawnedProcess?
    /// The generation of the rules that isolate it.
    var generation = 0
    /// Runs by their tickets.
    var asked: [UInt64: Asked] = [:]
    /// Runs that it was asked for in all.
    var runs = 0
    /// When it was last heard of, or was asked while it had nothing to do.
    var lastProgress: Int64
    /// When it is killed unless it has ended by itself; nil while it is wanted.
    var killAt: Int64?
    /// The last line that it wrote.
    private(set) var lastWords = ""

    init(number: UInt64, script: String, paths: [String], at now: Int64) {
        self.number = number
        self.script = script
        self.paths = paths
        lastProgress = now
    }

    /// Whether it may be asked for a run.
    var isReady: Bool { phase == .ready && killAt == nil }

    func heard(_ bytes: [UInt8]) {
        let text = String(decoding: bytes.suffix(400), as: UTF8.self)
        lastWords = String(text.split(separator: "\n").last ?? "")
    }

    /// The message that tells the helper what it is for.
    func beginning(lessons: [[UInt8]]) -> WarmFrame {
        let texts = ["\(ProcessControl.ownPID)", Self.machine, "\(place)"] + paths[...place]
        return WarmFrame(.begin, texts.map { Array($0.utf8) } + lessons)
    }

    /// The message that asks for a run; nil when it is too long to be sent.
    static func asking(_ request: SpawnRequest, name: String) -> WarmFrame? {
        let arguments = request.arguments.dropFirst()
        let extras = (request.effectiveIsolation == nil ? "" : "l") + (request.cgroup == nil ? "" : "c")
        let head = [
            "\(request.ticket)", "\(request.tag)", String(name.prefix(15)), extras, "\(arguments.count)",
        ]
        let texts = head + arguments + request.environment
        let size = texts.reduce(1) { $0 + 4 + $1.utf8.count }
        guard size <= WarmFrame.longestRequest, !texts.contains(where: { $0.utf8.contains(0) }) else {
            return nil
        }
        return WarmFrame(.run, texts.map { Array($0.utf8) })
    }

    /// The name of the machine in uname(2), by which the helpers know the numbers of system calls.
    private static var machine: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "unknown"
        #endif
    }
}

extension SpawnRequest {
    /// What isolates it; nothing when it may gain privileges.
    var effectiveIsolation: ProcessIsolation? { mayGainPrivileges ? nil : isolation }
}
