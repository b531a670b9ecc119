package import AMQP

/// Which ends of a queue a process uses; each has a connection and a thread of its own.
///
/// A broker that is short of memory stops reading from connections that publish: acknowledgements go their own way.
package struct RabbitEnds: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Messages are offered.
    package static let publishing = RabbitEnds(rawValue: 1)
    /// Messages are taken.
    package static let consuming = RabbitEnds(rawValue: 2)
}

/// One queue of a broker and how we use it.
package struct RabbitSettings: Sendable {
    package var server: AMQPServer
    package var limits = AMQPConnection.Limits()
    /// The broker's name of the queue.
    package var queue: String
    package var ends: RabbitEnds
    /// Messages accepted here that the broker has not confirmed, at most.
    package var capacity: Int
    /// Messages that the broker hands to us before we acknowledge any; 1 to 65,535.
    package var prefetch: Int
    /// Messages in the broker's queue; when there are more, what comes is refused. Some more get in before it is.
    package var limit: Int
    /// Whether the oldest messages give way when the queue is full; otherwise what comes is refused.
    package var keepsNewest = false
    /// Dead letters that are kept; the oldest go first.
    package var deadLetterLimit = 10_000

    package init(
        server: AMQPServer, queue: String, ends: RabbitEnds, capacity: Int = 10_000, prefetch: Int = 1000,
        limit: Int = 100_000
    ) {
        self.server = server
        self.queue = queue
        self.ends = ends
        self.capacity = capacity
        self.prefetch = prefetch
        self.limit = limit
        limits.bodyBytes = WireFormat.sizeLimit
        // What a process that stands still has taken goes to others after two of them.
        limits.heartbeat = .seconds(5)
    }

    /// Where messages go that nobody can read.
    package var deadLetterQueue: String { queue + ".dead" }

    /// Quorum queues, on a single node too: after a crash RabbitMQ 3.10 counts what was delivered and not acknowledged as
    /// waiting again, and a classic queue that is beyond its limit then drops its oldest messages, confirmed or not.
    var declarations: [QueueDeclaration] {
        [
            QueueDeclaration(
                name: deadLetterQueue, kind: .quorum, limit: deadLetterLimit, refusesWhenFull: false),
            QueueDeclaration(
                name: queue, kind: .quorum, limit: limit, refusesWhenFull: !keepsNewest,
                // What gives way is no dead letter.
                deadLetterQueue: keepsNewest ? nil : deadLetterQueue),
        ]
    }
}

/// What a person should know of one end of a queue.
package struct RabbitState: Sendable, Equatable {
    package var isConnected = false
    /// Nanoseconds of the monotonic clock since when it is, or is not.
    package var since: Int64 = 0
    /// A sentence that says what is wrong; nil while all is well.
    package var trouble: String?
    /// Messages that wait at the broker, as it said some seconds ago; nil when it has said nothing so far.
    package var depth: Int?
    /// Consumers of the queue in all processes.
    package var consumers: Int?
    /// Messages that wait in the queue of dead letters, likewise.
    package var deadLetters: Int?
    /// Connections made so far.
    package var connections = 0

    /// Publishing: accepted from us and not confirmed by the broker.
    package var unconfirmed = 0
    /// Publishing: confirmed in all.
    package var confirmed = 0
    /// Publishing: times that the broker refused a message, as its queue was full; each is tried again.
    package var refused = 0
    /// Publishing: times that there was no queue for a message; each is tried again.
    package var returned = 0
    /// Publishing: messages sent once more after a connection was lost.
    package var republished = 0
    /// Publishing: messages dropped as they are larger than the limit.
    package var oversized = 0

    /// Consuming: messages delivered in all, and those that had been delivered before.
    package var delivered = 0
    package var redelivered = 0
    /// Consuming: messages that could not be read and became dead letters.
    package var unreadable = 0

    package init() {}
}
