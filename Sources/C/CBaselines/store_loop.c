#define _GNU_SOURCE
#include "store_loop.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// The newest result of a check, its state being what it was.
static const char refresh[] =
    "UPDATE checks SET due = ?1, started = ?2, ended = ?3, cause = ?4, exit_code = ?5, output = ?6,"
    " long_output = ?7, performance_data = ?8, stderr = ?9, truncated = ?10, sanitised = ?11,"
    " dropped_bytes = ?12, worker = ?13 WHERE host_id = ?14 AND plugin_id = ?15";

static const char keep[] =
    "INSERT INTO history (due, started, ended, cause, exit_code, output, long_output, performance_data,"
    " stderr, truncated, sanitised, dropped_bytes, worker, host_id, plugin_id, state)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

// The history by host follows in pieces, as the store does it, up to due time ?1.
static const char follow[] =
    "INSERT OR IGNORE INTO host_history SELECT host_id, due, plugin_id FROM history"
    " WHERE due > (SELECT due FROM history_mark) AND due <= ?1 ORDER BY host_id, due, plugin_id";

static const char mark[] = "UPDATE history_mark SET due = ?1";

struct statements {
    sqlite3_stmt *refresh, *keep, *follow, *mark, *begin, *commit;
};

static int64_t clock_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int prepare(sqlite3 *database, struct statements *all) {
    const struct {
        const char *text;
        sqlite3_stmt **statement;
    } wanted[] = {
        {refresh, &all->refresh}, {keep, &all->keep},
        {follow, &all->follow},   {mark, &all->mark},
        {"BEGIN IMMEDIATE", &all->begin}, {"COMMIT", &all->commit},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        int code = sqlite3_prepare_v3(database, wanted[i].text, -1, SQLITE_PREPARE_PERSISTENT,
                                      wanted[i].statement, NULL);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

static void finish(struct statements *all) {
    sqlite3_finalize(all->refresh);
    sqlite3_finalize(all->keep);
    sqlite3_finalize(all->follow);
    sqlite3_finalize(all->mark);
    sqlite3_finalize(all->begin);
    sqlite3_finalize(all->commit);
}

static void bind(sqlite3_stmt *statement, const struct pp_baseline_result *result) {
    sqlite3_bind_int64(statement, 1, result->due);
    sqlite3_bind_int64(statement, 2, result->started);
    sqlite3_bind_int64(statement, 3, result->ended);
    sqlite3_bind_text(statement, 4, "exited", 6, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 5, result->state);
    sqlite3_bind_text(statement, 6, result->output, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 7, "", 0, SQLITE_STATIC);
    sqlite3_bind_text(statement, 8, result->performance_data, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 9, "", 0, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 10, 0);
    sqlite3_bind_int64(statement, 11, 0);
    sqlite3_bind_int64(statement, 12, 0);
    sqlite3_bind_text(statement, 13, "worker", 6, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 14, result->host);
    sqlite3_bind_int64(statement, 15, result->plugin);
}

// Runs a statement without rows; returns SQLITE_OK or the failure.
static int run(sqlite3_stmt *statement) {
    sqlite3_step(statement);
    return sqlite3_reset(statement);
}

static int follow_up(const struct statements *all, int64_t due) {
    sqlite3_bind_int64(all->follow, 1, due);
    sqlite3_bind_int64(all->mark, 1, due);
    int code = run(all->follow);
    return code == SQLITE_OK ? run(all->mark) : code;
}

static int write_all(sqlite3 *database, const struct statements *all, const struct pp_baseline_result *results,
                     int64_t count, const struct pp_baseline_batches *batches, struct pp_baseline_stored *done) {
    int code = SQLITE_OK;
    int64_t batch = batches->rows, newest = 0, waiting = 0;
    for (int64_t i = 0; i < count && code == SQLITE_OK; i++) {
        if (i % batch == 0 && (code = run(all->begin)) != SQLITE_OK) break;
        bind(all->refresh, &results[i]);
        if ((code = run(all->refresh)) != SQLITE_OK) break;
        done->statuses += sqlite3_changes64(database);
        bind(all->keep, &results[i]);
        sqlite3_bind_int64(all->keep, 16, results[i].state);
        if ((code = run(all->keep)) != SQLITE_OK) break;
        done->history += sqlite3_changes64(database);
        if (results[i].due > newest) newest = results[i].due;
        waiting++;
        if (i % batch != batch - 1 && i != count - 1) continue;
        if (waiting >= batches->piece) {
            waiting = 0;
            if ((code = follow_up(all, newest)) != SQLITE_OK) break;
        }
        code = run(all->commit);
    }
    return code;
}

int pp_baseline_store(const char *path, const char *settings, const struct pp_baseline_result *results,
                      int64_t count, const struct pp_baseline_batches *batches, struct pp_baseline_stored *done) {
    sqlite3 *database = NULL;
    struct statements all = {0};
    memset(done, 0, sizeof *done);
    int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(database, settings, NULL, NULL, NULL);
    if (code == SQLITE_OK) code = prepare(database, &all);
    if (code == SQLITE_OK) {
        int64_t began = clock_now(CLOCK_MONOTONIC), cpu = clock_now(CLOCK_THREAD_CPUTIME_ID);
        code = write_all(database, &all, results, count, batches, done);
        done->elapsed = clock_now(CLOCK_MONOTONIC) - began;
        done->cpu = clock_now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    }
    if (code != SQLITE_OK) snprintf(done->message, sizeof done->message, "%s", sqlite3_errmsg(database));
    finish(&all);
    sqlite3_close_v2(database);
    return code;
}
