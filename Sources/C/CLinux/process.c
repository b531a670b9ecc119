#define _GNU_SOURCE
#include "process.h"

#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2U
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

// The child runs on its parent's memory and never returns, so that what the thread sanitizer counts would never end.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#pragma clang attribute push(__attribute__((disable_sanitizer_instrumentation)), apply_to = function)
#define IS_HIDDEN_FROM_SANITIZER
#endif
#endif

// Older headers lack it; the layout is the kernel's version 2 of struct clone_args.
struct clone_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

// The kernel's own sigaction; glibc's hides two signals from us.
struct kernel_sigaction {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

static _Noreturn void fail(struct pp_spawn *request, enum pp_spawn_step step) {
    request->error = errno;
    request->failed_step = step;
    // Raw, as dup3 below: the thread sanitizer's own _exit ends what it knows of the parent, and waits a second first.
    syscall(SYS_exit_group, 127);
    __builtin_unreachable();
}

uint64_t pp_ignored_signals(void) {
    uint64_t ignored = 0;
    for (int number = 1; number <= 64; number++) {
        struct kernel_sigaction now;
        memset(&now, 0, sizeof now);
        if (syscall(SYS_rt_sigaction, number, NULL, &now, sizeof now.mask) == 0 && now.handler == (void *)SIG_IGN)
            ignored |= 1ULL << (number - 1);
    }
    return ignored;
}

static void reset_signals(uint64_t signals) {
    struct kernel_sigaction by_default;
    memset(&by_default, 0, sizeof by_default);
    for (; signals != 0; signals &= signals - 1) {
        int number = __builtin_ctzll(signals) + 1;
        syscall(SYS_rt_sigaction, number, &by_default, NULL, sizeof by_default.mask);
    }
}

// Soft limits that plugins expect; the engine may have raised its own. A refusal changes nothing for the plugin.
static void set_limits(uint64_t tag) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1024) {
        limit.rlim_cur = 1024;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &limit);
    }
    if (tag != 0) {
        limit.rlim_cur = limit.rlim_max = tag;
        setrlimit(RLIMIT_RTTIME, &limit);
    }
}

// The thread sanitizer's own dup2 would take the child's descriptors for the parent's.
static int duplicate(int from, int to) { return from == to ? to : (int)syscall(SYS_dup3, from, to, 0); }

// Until then the child uses its parent's descriptors: copying hundreds of them to close them again is what costs. From
// here on it has a table of its own, with what is needed and what happens to have a lower number.
static int leave_shared_descriptors(const struct pp_spawn *request) {
    int wanted[4] = {request->standard_input, request->standard_output, request->standard_error, request->channel};
    int highest = 2;
    for (int i = 0; i < 4; i++)
        if (wanted[i] > highest) highest = wanted[i];
    return (int)syscall(SYS_close_range, highest + 1U, ~0U, CLOSE_RANGE_UNSHARE);
}

static int place_descriptors(struct pp_spawn *request) {
    int wanted[3] = {request->standard_input, request->standard_output, request->standard_error};
    if (leave_shared_descriptors(request) != 0) return -1;
    for (int i = 0; i < 3; i++) {
        if (wanted[i] > 2) continue;
        wanted[i] = fcntl(wanted[i], F_DUPFD, 3);
        if (wanted[i] < 0) return -1;
    }
    for (int i = 0; i < 3; i++)
        if (duplicate(wanted[i], i) < 0) return -1;
    if (request->channel == 0) return (int)syscall(SYS_close_range, 3U, ~0U, 0U);
    if (duplicate(request->channel, PP_SPAWN_CHANNEL) < 0 || fcntl(PP_SPAWN_CHANNEL, F_SETFD, 0) < 0) return -1;
    if (syscall(SYS_close_range, 3U, PP_SPAWN_CHANNEL - 1U, 0U) < 0) return -1;
    return (int)syscall(SYS_close_range, PP_SPAWN_CHANNEL + 1U, ~0U, 0U);
}

static int drop_privileges(int may_gain) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    if (!may_gain) {
        // Without this a root user's execve gets every capability back; others may not set it and need not.
        if (geteuid() == 0) prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return (int)syscall(SYS_capset, &header, none);
}

// Comes before descriptors are placed, which closes the ruleset's.
static int isolate(const struct pp_spawn *request) {
    if (request->ruleset <= 0 || request->may_gain_privileges) return 0;
    return pp_landlock_enter(request->ruleset);
}

static _Noreturn void execute(struct pp_spawn *request) {
    for (int i = 0; request->paths[i] != NULL; i++) {
        request->path_index = i;
        request->arguments[0] = request->paths[i];
        execve(request->paths[i], request->arguments, request->environment);
        int code = errno;
        // A file that exists and still cannot be found lacks its interpreter: that is the answer.
        if ((code != ENOENT && code != ENOTDIR) || access(request->paths[i], F_OK) == 0) {
            errno = code;
            fail(request, PP_SPAWN_EXEC);
        }
        errno = code;
    }
    fail(request, PP_SPAWN_EXEC);
}

// Runs in the child, on memory shared with the parent, which sleeps meanwhile: system calls only.
static int child(void *argument) {
    struct pp_spawn *request = argument;
    uint64_t no_signals = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (setsid() < 0) fail(request, PP_SPAWN_SESSION);
    reset_signals(request->has_clear_signals ? request->ignored_signals : ~0ULL);
    if (isolate(request) != 0) fail(request, PP_SPAWN_PRIVILEGES);
    if (place_descriptors(request) != 0) fail(request, PP_SPAWN_DESCRIPTORS);
    if (chdir("/") != 0) fail(request, PP_SPAWN_FOLDER);
    umask(077);
    set_limits(request->tag);
    if (drop_privileges(request->may_gain_privileges) != 0) fail(request, PP_SPAWN_PRIVILEGES);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof no_signals);
    execute(request);
}

// clone3(2) with a stack of its own; glibc has no wrapper, and a C function cannot return twice on two stacks.
static long clone_into(struct clone_arguments *arguments, int (*entry)(void *), void *argument) {
#if defined(__x86_64__)
    long result;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "mov %[argument], %%rdi\n\t"
                     "call *%[entry]\n\t"
                     "ud2\n"
                     "1:"
                     : "=a"(result)
                     : "0"((long)SYS_clone3), "D"(arguments), "S"(sizeof *arguments), [entry] "r"(entry),
                       [argument] "r"(argument)
                     : "rcx", "r11", "memory", "cc");
    return result;
#elif defined(__aarch64__)
    register long number __asm__("x8") = SYS_clone3;
    register long first __asm__("x0") = (long)arguments;
    register long second __asm__("x1") = sizeof *arguments;
    __asm__ volatile("svc #0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x0, %[argument]\n\t"
                     "blr %[entry]\n\t"
                     "brk #0\n"
                     "1:"
                     : "+r"(first)
                     : "r"(number), "r"(second), [entry] "r"(entry), [argument] "r"(argument)
                     : "memory", "cc");
    return first;
#else
    return -ENOSYS;
#endif
}

// Whether a filter of system calls, which stays for good, has told that there is no clone3(2).
static atomic_int has_no_clone3;

static long start_anew(struct pp_spawn *request, char *stack, size_t size, int cgroup) {
    if (atomic_load_explicit(&has_no_clone3, memory_order_relaxed)) return -ENOSYS;
    struct clone_arguments arguments = {
        .flags = CLONE_VM | CLONE_FILES | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND
                 | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)&request->pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = size,
        .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
    };
    request->has_clear_signals = 1;
    long result = clone_into(&arguments, child, request);
    if (result == -ENOSYS) atomic_store_explicit(&has_no_clone3, 1, memory_order_relaxed);
    return result;
}

// Out of memory, processes or descriptors counts for every way of starting; anything else is the way's own refusal.
static int is_shortage(long result) {
    return result == -EAGAIN || result == -ENOMEM || result == -EMFILE || result == -ENFILE;
}

static pid_t start(struct pp_spawn *request) {
    char stack[32768] __attribute__((aligned(16)));
    long pid = -1;
    if (request->cgroup >= 0) {
        pid = start_anew(request, stack, sizeof stack, request->cgroup);
        request->is_in_cgroup = pid > 0;
    }
    if (pid <= 0 && !is_shortage(pid)) pid = start_anew(request, stack, sizeof stack, -1);
    if (pid > 0) return (pid_t)pid;
    if (is_shortage(pid)) {
        errno = (int)-pid;
        return -1;
    }
    // A filter of system calls may know clone3(2) not at all.
    int flags = CLONE_VM | CLONE_FILES | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    request->has_clear_signals = 0;
    return clone(child, stack + sizeof stack, flags, request, &request->pidfd);
}

int pp_spawn(struct pp_spawn *request) {
    uint64_t all = ~0ULL, before;
    request->pid = -1;
    request->pidfd = -1;
    request->is_in_cgroup = 0;
    request->failed_step = PP_SPAWN_DONE;
    request->error = 0;
    request->path_index = 0;
    // No signal handler of ours may run in the child; the raw call also blocks glibc's two signals.
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    pid_t pid = start(request);
    int code = errno;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    if (pid < 0) {
        request->failed_step = PP_SPAWN_CLONE;
        request->error = code;
        return -1;
    }
    if (request->failed_step != PP_SPAWN_DONE) {
        siginfo_t end;
        while (waitid(P_PID, (id_t)pid, &end, WEXITED) < 0 && errno == EINTR) {}
        close(request->pidfd);
        request->pidfd = -1;
        return -1;
    }
    request->pid = pid;
    return 0;
}

int pp_process_end(int pidfd, int reap, int *code, int *signal) {
    siginfo_t end;
    end.si_pid = 0;
    int options = WEXITED | WNOHANG | (reap ? 0 : WNOWAIT);
    int result;
    do result = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &end, options);
    while (result < 0 && errno == EINTR);
    if (result < 0) return -1;
    if (end.si_pid == 0) return 0;
    *code = end.si_code == CLD_EXITED ? end.si_status : 0;
    *signal = end.si_code == CLD_EXITED ? 0 : end.si_status;
    return 1;
}

int pp_reap(pid_t pid) {
    siginfo_t end;
    end.si_pid = 0;
    int result;
    do result = waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -1 : end.si_pid != 0;
}

uint64_t pp_process_tag(pid_t pid) {
    struct rlimit limit;
    if (prlimit(pid, RLIMIT_RTTIME, NULL, &limit) != 0) return 0;
    return limit.rlim_max == RLIM_INFINITY ? 0 : limit.rlim_max;
}

int pp_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

#ifdef IS_HIDDEN_FROM_SANITIZER
#pragma clang attribute pop
#endif
