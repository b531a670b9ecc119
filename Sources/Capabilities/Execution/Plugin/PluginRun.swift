import Model
import Posix

/// What comes out of one of the two pipes of a plugin.
final class PluginCapture {
    /// Bytes that are kept.
    let limit: Int
    /// Nil once it has ended and is closed.
    var pipe: Int32?
    var kept: [UInt8] = []
    var droppedBytes = 0
    /// Whether it is left alone for a moment because of a flood.
    var isPaused = false
    /// Whether the loop is told when there is something to read.
    var isWatched = false

    init(limit: Int) { self.limit = limit }
}

/// One run of a local plugin, from its request to the moment its process is reaped.
final class PluginRun {
    let number: UInt32
    let job: CheckJob
    let request: SpawnRequest
    let cgroup: PluginCgroups.Lease?
    var lifecycle: PluginLifecycle
    var started: Timestamp
    var process: SpawnedProcess?
    let output = PluginCapture(limit: PluginOutput.maximumOutputBytes)
    let errors = PluginCapture(limit: PluginOutput.maximumErrorBytes)
    /// Whether it is so new that neither its pipes nor its time are watched: most plugins end before they have to be.
    var isYoung = true
    var timer: Reactor.Timer?
    var timerTime: Int64 = 0
    /// Whether a helper was asked to begin it.
    var isWarm = false
    /// Whether its result has been told.
    var isTold = false
    /// Whether its process is reaped.
    var isReaped = false
    /// Starts that failed because the file was being written.
    var busyStarts = 0

    init(
        number: UInt32, job: CheckJob, request: SpawnRequest, cgroup: PluginCgroups.Lease?,
        lifecycle: PluginLifecycle, started: Timestamp
    ) {
        self.number = number
        self.job = job
        self.request = request
        self.cgroup = cgroup
        self.lifecycle = lifecycle
        self.started = started
    }

    /// Whether nobody can write to its pipes any more.
    var hasClosedPipes: Bool { output.pipe == nil && errors.pipe == nil }
}
