#define _GNU_SOURCE
#include "copy_loop.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char prepare_tables[] =
    "SET client_min_messages = warning;"
    "CREATE TABLE IF NOT EXISTS bare_history (LIKE history INCLUDING ALL);"
    "CREATE TABLE IF NOT EXISTS bare_checks ("
    " host_id bigint, plugin_id bigint, due bigint, started bigint, ended bigint, exit_code bigint,"
    " dropped_bytes bigint, state smallint, truncated boolean, sanitised boolean, cause text, output text,"
    " long_output text, performance_data text, stderr text, worker text, PRIMARY KEY (host_id, plugin_id));"
    "CREATE TEMP TABLE incoming (LIKE bare_checks)";

#define COLUMNS                                                                                                 \
    "host_id, plugin_id, due, started, ended, exit_code, dropped_bytes, state, truncated, sanitised, cause,"     \
    " output, long_output, performance_data, stderr, worker"

static const char upsert[] =
    "INSERT INTO bare_checks (" COLUMNS ") SELECT " COLUMNS " FROM incoming"
    " ON CONFLICT (host_id, plugin_id) DO UPDATE SET due = excluded.due, started = excluded.started,"
    " ended = excluded.ended, exit_code = excluded.exit_code, state = excluded.state, cause = excluded.cause,"
    " output = excluded.output, performance_data = excluded.performance_data, worker = excluded.worker"
    " WHERE bare_checks.due < excluded.due";

static int64_t clock_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Runs a statement; -1 when it failed, else how many rows it changed.
static int64_t run(PGconn *server, const char *sql) {
    PGresult *result = PQexec(server, sql);
    ExecStatusType status = PQresultStatus(result);
    int64_t rows = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? atoll(PQcmdTuples(result)) : -1;
    PQclear(result);
    return rows;
}

// Sends a batch by COPY; -1 when it failed, else how many rows came in.
static int64_t copy(PGconn *server, const char *sql, const char *text, size_t size) {
    PGresult *result = PQexec(server, sql);
    int is_ready = PQresultStatus(result) == PGRES_COPY_IN;
    PQclear(result);
    if (!is_ready || PQputCopyData(server, text, (int)size) != 1 || PQputCopyEnd(server, NULL) != 1) return -1;
    int64_t rows = -1;
    while ((result = PQgetResult(server))) {
        if (PQresultStatus(result) == PGRES_COMMAND_OK) rows = atoll(PQcmdTuples(result));
        PQclear(result);
    }
    return rows;
}

// Lays a batch down as COPY reads it; nothing in these texts needs to be escaped.
static size_t lay_down(char *text, size_t room, const struct pp_baseline_result *results, int64_t count) {
    size_t size = 0;
    for (int64_t i = 0; i < count && size < room; i++) {
        const struct pp_baseline_result *one = &results[i];
        size += (size_t)snprintf(text + size, room - size,
                                 "%lld\t%lld\t%lld\t%lld\t%lld\t%d\t0\t%d\tf\tf\texited\t%s\t\t%s\t\tworker\n",
                                 (long long)one->host, (long long)one->plugin, (long long)one->due,
                                 (long long)one->started, (long long)one->ended, one->state, one->state, one->output,
                                 one->performance_data);
    }
    return size;
}

static int write_all(PGconn *server, char *text, size_t room, const struct pp_baseline_result *results,
                     int64_t count, int64_t batch, struct pp_baseline_stored *done) {
    for (int64_t start = 0; start < count; start += batch) {
        int64_t rows = count - start < batch ? count - start : batch;
        size_t size = lay_down(text, room, results + start, rows);
        if (size >= room || run(server, "BEGIN") < 0) return 1;
        int64_t history = copy(server, "COPY bare_history (" COLUMNS ") FROM STDIN", text, size);
        int64_t incoming = copy(server, "COPY incoming (" COLUMNS ") FROM STDIN", text, size);
        int64_t statuses = run(server, upsert);
        if (history < 0 || incoming < 0 || statuses < 0) return 1;
        if (run(server, "TRUNCATE incoming") < 0 || run(server, "COMMIT") < 0) return 1;
        done->history += history;
        done->statuses += statuses;
    }
    return 0;
}

int pp_baseline_copy(const char *address, const struct pp_baseline_result *results, int64_t count, int64_t batch,
                     struct pp_baseline_stored *done) {
    memset(done, 0, sizeof *done);
    size_t room = (size_t)batch * 1024;
    char *text = malloc(room);
    PGconn *server = PQconnectdb(address);
    int code = !text || PQstatus(server) != CONNECTION_OK || run(server, prepare_tables) < 0;
    if (!code) {
        int64_t began = clock_now(CLOCK_MONOTONIC), cpu = clock_now(CLOCK_THREAD_CPUTIME_ID);
        code = write_all(server, text, room, results, count, batch, done);
        done->elapsed = clock_now(CLOCK_MONOTONIC) - began;
        done->cpu = clock_now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    }
    if (code) snprintf(done->message, sizeof done->message, "%s", PQerrorMessage(server));
    PQfinish(server);
    free(text);
    return code;
}
