#define _GNU_SOURCE
#include "system.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int pp_pipe2(int fds[2], int flags) { return pipe2(fds, flags); }

int pp_replace(int descriptor, int replaced) { return dup3(descriptor, replaced, O_CLOEXEC); }

pid_t pp_gettid(void) { return (pid_t)syscall(SYS_gettid); }

int pp_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int pp_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static sigset_t set_of(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    return set;
}

int pp_block_signals(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    return pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int pp_signalfd(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void pp_name_thread(const char *name) {
    char short_name[16];
    strncpy(short_name, name, 15);
    short_name[15] = 0;
    pthread_setname_np(pthread_self(), short_name);
}

static __thread pid_t cached_thread_id;

pid_t pp_gettid_cached(void) {
    if (cached_thread_id == 0) cached_thread_id = pp_gettid();
    return cached_thread_id;
}

void pp_error_text(int code, char *buffer, size_t size) {
    const char *text = strerror_r(code, buffer, size);
    if (text != buffer) {
        strncpy(buffer, text, size - 1);
        buffer[size - 1] = 0;
    }
}

int pp_wait_signal(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    return sigwaitinfo(&set, NULL);
}

int pp_drop_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return -1;
    return (int)syscall(SYS_capset, &header, none);
}

int pp_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
