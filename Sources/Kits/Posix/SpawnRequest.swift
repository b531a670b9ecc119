/// A program to start: where it may be, with which arguments, in which environment.
package struct SpawnRequest: Sendable {
    /// Told back with the outcome.
    package var ticket: UInt64
    /// When it was asked for, in nanoseconds of the monotonic clock; told back too.
    package var askedAt: Int64 = 0
    /// Paths to try in order; the next one is tried only when a file does not exist.
    package var paths: [String]
    /// The argument vector; its first entry is replaced by the path that is run.
    package var arguments: [String]
    /// Entries `NAME=value`.
    package var environment: [String]
    /// An open cgroup v2 folder to be born in.
    package var cgroup: Int32?
    /// Whether set-user-id programs keep their meaning.
    package var mayGainPrivileges = false
    /// What keeps it from harming others; of no effect when it may gain privileges.
    package var isolation: ProcessIsolation?
    /// Marks the program and all its descendants; see ``ProcessTag``.
    package var tag: UInt64 = 0
    /// Our copy of the end of a ``ProcessChannel`` that the program is to have; open until the outcome is told.
    package var channel: Int32?

    package init(ticket: UInt64, paths: [String], arguments: [String], environment: [String]) {
        self.ticket = ticket
        self.paths = paths
        self.arguments = arguments
        self.environment = environment
    }
}

/// A program that runs: its numbers and the read ends of its pipes, which the receiver closes.
package struct SpawnedProcess: Sendable {
    package let pid: Int32
    package let pidfd: Int32
    /// Read ends of its standard output and standard error; they do not block.
    package let output: Int32
    package let errors: Int32
    /// Whether it was born in the cgroup that was asked for.
    package let isInCgroup: Bool
    /// When it began to run, in nanoseconds of the monotonic clock and of the wall clock.
    package let startedAt: Int64
    package let startedAtWall: Int64

    package init(
        pid: Int32, pidfd: Int32, output: Int32, errors: Int32, isInCgroup: Bool, startedAt: Int64,
        startedAtWall: Int64
    ) {
        self.pid = pid
        self.pidfd = pidfd
        self.output = output
        self.errors = errors
        self.isInCgroup = isInCgroup
        self.startedAt = startedAt
        self.startedAtWall = startedAtWall
    }
}

/// Why a program was not started.
package struct SpawnFailure: Error, Equatable, Sendable {
    package enum Step: Sendable, Equatable {
        /// An argument holds a NUL byte, which no argument vector can carry.
        case arguments
        case pipe
        case clone
        /// The child's own preparation: session, descriptors, folder, privileges.
        case preparation
        case execute
    }

    package let step: Step
    /// The error number of errno(3).
    package let code: Int32
    /// The path it is about.
    package let path: String

    package init(step: Step, code: Int32, path: String = "") {
        self.step = step
        self.code = code
        self.path = path
    }

    /// Whether the system lacked descriptors, processes or memory: says nothing of the program.
    package var isShortage: Bool {
        step != .execute && step != .arguments
            || [
                ErrorNumber.noMemory, ErrorNumber.tryAgain, ErrorNumber.tooManyFiles,
                ErrorNumber.fileTableFull,
            ]
            .contains(code)
    }
}

/// What became of a request.
package struct SpawnOutcome: Sendable {
    package let ticket: UInt64
    package let askedAt: Int64
    package let result: Result<SpawnedProcess, SpawnFailure>
}
