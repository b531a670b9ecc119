#define _GNU_SOURCE
#include "archive_loop.h"

#include <rrd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// The same numbers as a worker's report: six whole ones and three with a fraction.
static int update(const char *path, int64_t time, int64_t step) {
    char line[256];
    const char *lines[] = {line};
    snprintf(line, sizeof line, "%lld:1:1:%lld:%lld:%.17g:%.17g:%.17g:%lld:%.17g", (long long)time,
             (long long)(step % 64), (long long)(step % 1000), 1200.0 + (double)step / 7, 3.0 + (double)step / 9,
             25.0 + (double)step / 11, 100000000LL + step, (double)(step % 100) / 3);
    rrd_clear_error();
    return rrd_update_r(path, NULL, 1, lines);
}

int pp_baseline_update_archives(char *const *paths, int count, int64_t first, int64_t seconds, int64_t steps,
                                struct pp_baseline_updated *done) {
    memset(done, 0, sizeof *done);
    int64_t began = clock_now(CLOCK_MONOTONIC), cpu = clock_now(CLOCK_THREAD_CPUTIME_ID);
    for (int64_t step = 0; step < steps; step++) {
        for (int i = 0; i < count; i++) {
            if (update(paths[i], first + step * seconds, step) != 0) {
                snprintf(done->message, sizeof done->message, "%s", rrd_get_error());
                return -1;
            }
            done->updates++;
        }
    }
    done->elapsed = clock_now(CLOCK_MONOTONIC) - began;
    done->cpu = clock_now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    return 0;
}
