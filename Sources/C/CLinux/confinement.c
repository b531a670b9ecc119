#define _GNU_SOURCE
#include "confinement.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE AUDIT_ARCH_AARCH64
#endif

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
// The lower half of an argument; process numbers have no more, and both machines keep it first.
#define ARGUMENT(number) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[number]))
#define END(what) BPF_STMT(BPF_RET | BPF_K, what)
#define ALLOW END(SECCOMP_RET_ALLOW)
#define REFUSE END(SECCOMP_RET_ERRNO | EPERM)
// Goes on after `skipped` instructions unless the value is `value`.
#define UNLESS(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped)
#define IF(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, skipped, 0)

// Allowed only when the argument is 0, "myself".
#define ONLY_MYSELF(call, argument) UNLESS(call, 4), ARGUMENT(argument), UNLESS(0, 1), ALLOW, REFUSE

// The same calls of 32-bit programs on this machine, refused whatever they ask.
enum {
    I386_SETPRIORITY = 97,
    I386_SETPARAM = 154,
    I386_SETSCHEDULER = 156,
    I386_SETAFFINITY = 241,
    I386_IOPRIO = 289,
    I386_MIGRATE = 294,
    I386_MOVE = 317,
    I386_PRLIMIT = 340,
    I386_SETATTR = 351,
};

int pp_confine_thread(void) {
#ifdef OWN_MACHINE
    struct sock_filter filter[] = {
        FIELD(arch),
        IF(OWN_MACHINE, 13),
        UNLESS(AUDIT_ARCH_I386, 11),
        FIELD(nr),
        IF(I386_SETPRIORITY, 8), IF(I386_PRLIMIT, 7), IF(I386_SETSCHEDULER, 6), IF(I386_SETPARAM, 5),
        IF(I386_SETATTR, 4), IF(I386_SETAFFINITY, 3), IF(I386_IOPRIO, 2), IF(I386_MIGRATE, 1), UNLESS(I386_MOVE, 1),
        REFUSE,
        ALLOW,
        FIELD(nr),
#if defined(__x86_64__)
        // The numbers of x32, which nobody uses, would go round what follows.
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xbfffffff),
#endif
        // prlimit: limits may be read, and set for oneself.
        UNLESS(SYS_prlimit64, 9), ARGUMENT(0), UNLESS(0, 1), ALLOW,
        ARGUMENT(2), UNLESS(0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]) + 4), UNLESS(0, 1), ALLOW, REFUSE,
        // setpriority: PRIO_USER is everybody of this user.
        UNLESS(SYS_setpriority, 6), ARGUMENT(0), IF(2, 3), ARGUMENT(1), UNLESS(0, 1), ALLOW, REFUSE,
        // ioprio_set: 3 is everybody of this user.
        UNLESS(SYS_ioprio_set, 6), ARGUMENT(0), IF(3, 3), ARGUMENT(1), UNLESS(0, 1), ALLOW, REFUSE,
        ONLY_MYSELF(SYS_sched_setaffinity, 0),
        ONLY_MYSELF(SYS_sched_setscheduler, 0),
        ONLY_MYSELF(SYS_sched_setparam, 0),
        ONLY_MYSELF(SYS_sched_setattr, 0),
        ONLY_MYSELF(SYS_migrate_pages, 0),
        ONLY_MYSELF(SYS_move_pages, 0),
        ALLOW,
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    // Older kernels would slow programs down to mend a flaw of processors, which is not what this is for.
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
#else
    return 0;
#endif
}
