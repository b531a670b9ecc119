#pragma once
#include <sqlite3.h>

// Switches off the library's count of its memory, which takes a lock at each allocation; before the first connection.
static inline int pp_sqlite_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
