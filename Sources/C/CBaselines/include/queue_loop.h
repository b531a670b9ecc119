#pragma once
// The barest pair of loops that carries messages through a broker: what our queue costs is measured against it.
#include <stdint.h>

/// Where the broker is, which of its queues is used, and how.
struct pp_baseline_queue_plan {
    const char *address, *queue;
    int32_t port;
    /// Messages, bytes of each, publications without confirmation at once, deliveries without acknowledgement at once.
    int32_t count, size, window, prefetch;
};

/// What the loops did.
struct pp_baseline_carried {
    int32_t confirmed, acknowledged;
    /// Nanoseconds on the wall from the first publication to the last confirmation and acknowledgement, and of processor
    /// time of both threads.
    int64_t elapsed, cpu;
};

/// Declares a quorum queue, publishes persistent messages with confirmations by one thread and consumes them with
/// acknowledgements by another. Returns 0, or -1 when a call of the library failed.
int pp_baseline_queue(const struct pp_baseline_queue_plan *plan, struct pp_baseline_carried *result);
