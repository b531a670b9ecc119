#pragma once
// What Glibc's Swift module leaves out: headers outside its map, and functions that need _GNU_SOURCE.
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

/// pipe2(2): both ends close-on-exec and non-blocking as `flags` say; 0 or -1 with errno.
int pp_pipe2(int fds[2], int flags);
/// dup3(2): puts a copy of `descriptor` in the place of `replaced`, close-on-exec; 0 or higher, or -1 with errno.
int pp_replace(int descriptor, int replaced);
/// gettid(2).
pid_t pp_gettid(void);
/// pidfd_open(2).
int pp_pidfd_open(pid_t pid);
/// pidfd_send_signal(2).
int pp_pidfd_send_signal(int pidfd, int signal);
/// Blocks `signals` (a list of `count`) in the calling thread and, by inheritance, in all that it starts.
int pp_block_signals(const int *signals, int count);
/// signalfd(2) for `signals`, close-on-exec and non-blocking.
int pp_signalfd(const int *signals, int count);
/// pthread_setname_np(3) for the calling thread; at most 15 bytes are kept.
void pp_name_thread(const char *name);
/// gettid(2), asked for once a thread.
pid_t pp_gettid_cached(void);
/// The system's words for an error number, in `buffer` of `size` bytes.
void pp_error_text(int code, char *buffer, size_t size);
/// Waits for one of `signals`, which must be blocked, and returns its number; -1 with errno on failure.
int pp_wait_signal(const int *signals, int count);
/// capset(2): gives up every capability of the calling thread for good, ambient ones too; 0 or -1 with errno.
int pp_drop_capabilities(void);
/// posix_spawn_file_actions_addclosefrom_np(3): the new program gets no descriptor from `first` on.
int pp_close_from(posix_spawn_file_actions_t *actions, int first);
