#pragma once
// The barest loop that updates RRD archives: what our archives cost is measured against it.
#include <stdint.h>

/// What the loop did.
struct pp_baseline_updated {
    int64_t updates;
    /// Nanoseconds on the wall and of processor time.
    int64_t elapsed, cpu;
    /// The library's words when it failed.
    char message[160];
};

/// Gives each archive one sample of nine values at each of `steps` times, `seconds` apart from `first` on. Returns 0, or
/// -1 at the first failure.
int pp_baseline_update_archives(char *const *paths, int count, int64_t first, int64_t seconds, int64_t steps,
                                struct pp_baseline_updated *done);
