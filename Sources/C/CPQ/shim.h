#pragma once
#include <libpq-fe.h>

static inline void pp_pq_drop_notice(void *nothing, const char *text) {
    (void)nothing;
    (void)text;
}

/// The library prints notices of the server to standard error unless told otherwise.
static inline void pp_pq_keep_quiet(PGconn *connection) {
    PQsetNoticeProcessor(connection, pp_pq_drop_notice, (void *)0);
}
