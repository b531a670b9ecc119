import Model
import Posix

/// One run of a local plugin, from its request to the moment its process is reaped.
final class PluginRun {
    let number: UInt32
    let job: CheckJob
    let request: SpawnRequest
    let cgroup: PluginCgroups.Lease?
    var lifecycle: PluginLifecycle
    var started: Timestamp
    var process: SpawnedProcess?
    /// Nil once it has ended and is closed.
    var outputPipe: Int32?
    var errorPipe: Int32?
    var output: [UInt8] = []
    var errorOutput: [UInt8] = []
    var droppedBytes = 0
    var timer: Reactor.Timer?
    var timerTime: Int64 = 0
    /// Whether its result has been told.
    var isTold = false
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
}
