import CLinux
import Glibc

/// How a process ended.
package enum ProcessEnd: Equatable, Sendable {
    case exited(Int32)
    case signaled(Int32)
}

/// Signals that the engine sends.
package enum ProcessSignal: Sendable {
    case terminate
    case kill
    case goOn
    case stop

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .kill: SIGKILL
        case .goOn: SIGCONT
        case .stop: SIGSTOP
        }
    }
}

/// Calls on processes that this one started.
package enum ProcessControl {
    /// How the process of `pidfd` ended; nil while it runs. It stays a zombie, and its number its own, unless `reaping`.
    package static func end(of pidfd: Int32, reaping: Bool) -> ProcessEnd? {
        var code: Int32 = 0
        var signal: Int32 = 0
        guard pp_process_end(pidfd, reaping ? 1 : 0, &code, &signal) == 1 else { return nil }
        return signal == 0 ? .exited(code) : .signaled(signal)
    }

    /// Sends a signal to every process of a group; false when there is none.
    @discardableResult
    package static func signal(group: Int32, _ signal: ProcessSignal) -> Bool {
        guard group > 1 else { return false }
        return kill(-group, signal.number) == 0
    }

    /// Sends a signal to one process.
    @discardableResult
    package static func signal(pid: Int32, _ signal: ProcessSignal) -> Bool {
        guard pid > 1 else { return false }
        return kill(pid, signal.number) == 0
    }

    /// The process group of a child that is not reaped; nil when there is none.
    package static func group(of pid: Int32) -> Int32? {
        let group = getpgid(pid)
        return group > 0 ? group : nil
    }

    /// Reaps an ended child by its number; false while it runs.
    package static func reap(_ pid: Int32) -> Bool { pp_reap(pid) != 0 }

    /// Closes a descriptor that a ``SpawnedProcess`` brought.
    package static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// The group of this process.
    package static var ownGroup: Int32 { getpgrp() }

    /// This process's number.
    package static var ownPID: Int32 { getpid() }

    /// A variable of this process's environment.
    package static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// The mark that a started program and all its descendants carry, whatever sessions they open.
///
/// It holds a number of this engine and one of the run. A program can lower it, which makes it nobody's, but never
/// raise or remove it.
package struct ProcessTag: Hashable, Sendable {
    private static let magic: UInt64 = 0x5050_0000_0000_0000
    private static let magicMask: UInt64 = 0xffff_0000_0000_0000

    package let rawValue: UInt64

    /// The mark of one `run` of one `owner`.
    package init(owner: UInt16, run: UInt32) {
        rawValue = Self.magic | UInt64(owner) << 32 | UInt64(run)
    }

    /// The mark that the process `pid` carries.
    package init?(of pid: Int32) {
        guard case .marked(let tag) = ProcessMark(of: pid) else { return nil }
        self = tag
    }

    fileprivate init?(value: UInt64) {
        guard value & Self.magicMask == Self.magic else { return nil }
        rawValue = value
    }

    package var owner: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 32) }
    package var run: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}

/// What a process shows of a ``ProcessTag``.
package enum ProcessMark: Equatable, Sendable {
    case marked(ProcessTag)
    /// It had one and has lowered it, to hide.
    case broken
    /// It never had one, or cannot be looked at.
    case none

    package init(of pid: Int32) {
        let value = pp_process_tag(pid)
        if let tag = ProcessTag(value: value) {
            self = .marked(tag)
        } else {
            self = value == 0 || value == Self.own ? .none : .broken
        }
    }

    /// The limit that this process itself runs under, and so all that has nothing to do with a mark.
    private static let own = pp_process_tag(getpid())
}
