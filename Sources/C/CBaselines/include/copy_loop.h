#pragma once
// The barest loop that writes results into PostgreSQL: what the store and the queue before it cost is measured against it.
#include "store_loop.h"

/// Writes `count` results into tables of its own, which are made anew like `history` and `checks` of ours: in each transaction `batch` rows
/// of history by COPY, the same by COPY into a table of the session, and from there into the statuses, those that are there already being changed.
/// The server is at `address`, a URI of libpq, and lets us in without a password. Returns 0, or 1 with a message.
int pp_baseline_copy(const char *address, const struct pp_baseline_result *results, int64_t count, int64_t batch,
                     struct pp_baseline_stored *done);
