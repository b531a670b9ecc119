/// What comes from a broker without being asked for at that moment.
package enum AMQPEvent: Sendable, Equatable {
    /// A message; its tag is valid on this connection only.
    case delivered(tag: UInt64, isRedelivered: Bool, body: [UInt8])
    /// A message whose body is larger than the connection takes; the body was dropped.
    case oversized(tag: UInt64, bytes: UInt64)
    /// The broker has this publication, or all up to it; its number counts from 1.
    case confirmed(number: UInt64, upTo: Bool)
    /// The broker did not take this publication, or all up to it: the queue is full, or it had trouble.
    case refused(number: UInt64, upTo: Bool)
    /// No queue is there for this publication; a confirmation that says nothing follows.
    case returned(number: UInt64, reason: String)
    /// The answer to ``AMQPConnection/askDepth(of:)``.
    case depth(queue: String, messages: Int, consumers: Int)
    /// The broker takes no publications for now, as its memory or disk is short.
    case blocked(reason: String)
    case unblocked
    /// The queue that we consumed from is gone.
    case consumerCancelled
}

/// A queue that survives a restart of its broker.
package struct QueueDeclaration: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// On one node of the broker. Beyond its limit after a crash it loses its oldest messages even when it refuses new ones.
        case classic
        /// On several nodes, if there are several.
        case quorum
    }

    package var name: String
    package var kind: Kind
    /// Messages beyond this are refused, or push the oldest out, see ``refusesWhenFull``.
    package var limit: Int?
    package var refusesWhenFull: Bool
    /// The queue that gets messages which a consumer refuses for good.
    package var deadLetterQueue: String?

    package init(
        name: String, kind: Kind = .classic, limit: Int? = nil, refusesWhenFull: Bool = true,
        deadLetterQueue: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.limit = limit
        self.refusesWhenFull = refusesWhenFull
        self.deadLetterQueue = deadLetterQueue
    }
}
