#define _GNU_SOURCE
#include "spawn_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024 };

struct loop {
    const char *path;
    char *const *arguments;
    int width;
    int64_t end;
    int64_t runs;
    int64_t bytes;
    int error;
};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int start(struct loop *loop, pid_t *pid, struct pollfd *slot) {
    int ends[2];
    posix_spawn_file_actions_t actions;
    char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    int error = posix_spawn(pid, loop->path, &actions, NULL, loop->arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return error;
    }
    *slot = (struct pollfd){.fd = ends[0], .events = POLLIN};
    return 0;
}

// Reads one pipe; at its end waits for the program and frees the slot.
static void take(struct loop *loop, pid_t pid, struct pollfd *slot) {
    char buffer[65536];
    ssize_t count = read(slot->fd, buffer, sizeof buffer);
    if (count > 0) {
        loop->bytes += count;
        return;
    }
    int status = -1;
    close(slot->fd);
    slot->fd = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) loop->runs++;
}

static void *run(void *argument) {
    struct loop *loop = argument;
    struct pollfd slots[MOST];
    pid_t pids[MOST];
    int open = 0;
    for (int i = 0; i < loop->width; i++) slots[i] = (struct pollfd){.fd = -1};
    do {
        for (int i = 0; i < loop->width && loop->error == 0 && now() < loop->end; i++) {
            if (slots[i].fd < 0) loop->error = start(loop, &pids[i], &slots[i]);
        }
        if (poll(slots, (nfds_t)loop->width, 1000) < 0 && errno != EINTR) loop->error = errno;
        open = 0;
        for (int i = 0; i < loop->width; i++) {
            if (slots[i].fd >= 0 && slots[i].revents != 0) take(loop, pids[i], &slots[i]);
            open += slots[i].fd >= 0;
        }
    } while (open > 0 || (loop->error == 0 && now() < loop->end));
    return NULL;
}

int pp_baseline_spawn(const char *path, char *const *arguments, int threads, int width, int64_t nanoseconds,
                      struct pp_baseline_spawned *result) {
    struct loop loops[16];
    pthread_t others[16];
    if (threads < 1 || threads > 16 || width < threads || width > MOST) return EINVAL;
    int64_t began = now(), cpu = processor_time();
    memset(result, 0, sizeof *result);
    for (int i = 0; i < threads; i++) {
        loops[i] = (struct loop){path, arguments, width / threads, began + nanoseconds, 0, 0, 0};
        int error = pthread_create(&others[i], NULL, run, &loops[i]);
        if (error != 0) return error;
    }
    int error = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(others[i], NULL);
        result->runs += loops[i].runs;
        result->bytes += loops[i].bytes;
        if (loops[i].error != 0) error = loops[i].error;
    }
    result->elapsed = now() - began;
    result->own_cpu = processor_time() - cpu;
    return error;
}
