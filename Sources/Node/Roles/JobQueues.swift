import Messaging
import Model

/// One queue a runner, so that a crowd of slow plugins never stands before the pings.
struct JobQueues: Sendable {
    let builtin: any MessageQueue<Job>
    let local: any MessageQueue<Job>
    let ssh: any MessageQueue<Job>
    let discovery: any MessageQueue<Job>

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
    static func local(capacity: Int) -> JobQueues {
        JobQueues(
            builtin: LocalQueue(capacity: capacity), local: LocalQueue(capacity: capacity),
            ssh: LocalQueue(capacity: capacity), discovery: LocalQueue(capacity: 64))
    }
}
