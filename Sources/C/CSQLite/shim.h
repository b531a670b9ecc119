#pragma once
#include <sqlite3.h>

// Switches off the library's count of its memory, which takes a lock at each allocation; before the first connection.
static inline int pp_sqlite_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/// sqlite3_db_config(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE), which is variadic.
static inline int pp_sqlite_keep_log(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
