#pragma once
// The simplest loop that runs programs: what a check engine costs is measured against it.
#include <stdint.h>

/// What a loop did.
struct pp_baseline_spawned {
    /// Programs that were run to their end with exit code 0.
    int64_t runs;
    /// Nanoseconds from the first start to the last end.
    int64_t elapsed;
    /// Nanoseconds of processor time of the loop itself, without the programs.
    int64_t own_cpu;
    /// Bytes that the programs wrote.
    int64_t bytes;
};

/// Runs a program again and again for so many nanoseconds: `threads` threads of posix_spawn, pipe, poll and waitpid, with
/// `width` runs open in all (at most 1024). Returns 0, or an error number.
int pp_baseline_spawn(const char *path, char *const *arguments, int threads, int width, int64_t nanoseconds,
                      struct pp_baseline_spawned *result);
