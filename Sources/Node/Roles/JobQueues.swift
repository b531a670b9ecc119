import Messaging
import Model

/// One queue a runner, so that a crowd of slow plugins never stands before the pings.
struct JobQueues: Sendable {
    let builtin: any MessageQueue<Job>
    let local: any MessageQueue<Job>
    let ssh: any MessageQueue<Job>
    let discovery: any MessageQueue<Job>
    /// Those of other zones; nil where there is none but this.
    var zones: ZoneQueues?

    /// The queues of a zone, the main one having the empty name; nil when they cannot be made now.
    func inZone(_ zone: String) -> JobQueues? { zone.isEmpty ? self : zones?[zone] }

    subscript(runner: Plugin.Runner) -> any MessageQueue<Job> {
        switch runner {
        case .builtin: builtin
        case .local: local
        case .ssh: ssh
        }
    }

    /// Jobs waiting in all queues.
    var count: Int { builtin.count + local.count + ssh.count + discovery.count }

    /// Queues in memory, each with room for `capacity` jobs.
    static func local(capacity: Int, hasZones: Bool = true) -> JobQueues {
        JobQueues(
            builtin: LocalQueue(capacity: capacity), local: LocalQueue(capacity: capacity),
            ssh: LocalQueue(capacity: capacity), discovery: LocalQueue(capacity: 64),
            zones: hasZones ? ZoneQueues { _ in .local(capacity: capacity, hasZones: false) } : nil)
    }
}
