#pragma once
// The barest loop that writes results into a database of ours: what the store costs is measured against it.
#include <stdint.h>

/// One result, as the store gets it; texts end with a zero and stay valid during the call.
struct pp_baseline_result {
    int64_t host, plugin, due, started, ended;
    int32_t state;
    const char *output, *performance_data;
};

/// After how many results a transaction ends, and after how many the history by host follows.
struct pp_baseline_batches {
    int64_t rows, piece;
};

/// What the loop did.
struct pp_baseline_stored {
    /// Rows of the status that changed and of the history that are new; each should be the number of results.
    int64_t statuses, history;
    /// Nanoseconds on the wall and of processor time, from the first result to the last commit.
    int64_t elapsed, cpu;
    /// SQLite's words when it failed.
    char message[160];
};

/// Writes `count` results into the database at `path`, with prepared statements and nothing copied. `settings` are the pragmas of the store. Returns 0, or SQLite's code.
int pp_baseline_store(const char *path, const char *settings, const struct pp_baseline_result *results,
                      int64_t count, const struct pp_baseline_batches *batches, struct pp_baseline_stored *done);
