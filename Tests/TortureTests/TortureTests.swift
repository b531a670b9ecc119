import Testing

/// What may not happen, tried on the real engine: one storm after the other, each with an audit of what was run.
///
/// `make torture` runs the long form, `make test` a short one. Times are told in the table; only the long form, which has
/// the machine for itself, insists on them.
@Suite("Torture", .serialized, .timeLimit(.minutes(20)))
struct Torture {}
