#pragma once
// Starts one program without copying this process's memory: clone(2) with CLONE_VM, CLONE_VFORK and CLONE_PIDFD.
#include <stdint.h>
#include <sys/types.h>

/// Where starting a program failed.
enum pp_spawn_step {
    PP_SPAWN_DONE = 0,
    PP_SPAWN_CLONE,
    PP_SPAWN_SESSION,
    PP_SPAWN_DESCRIPTORS,
    PP_SPAWN_FOLDER,
    PP_SPAWN_PRIVILEGES,
    PP_SPAWN_EXEC,
};

/// The number of the one descriptor beyond 0, 1 and 2 that a program may be given.
enum { PP_SPAWN_CHANNEL = 200 };

/// What to start, and what came of it.
struct pp_spawn {
    /// Paths to try in order, NULL at the end; the next one is tried only when a file does not exist.
    char *const *paths;
    /// The first entry is replaced by the path.
    char **arguments;
    char *const *environment;
    int standard_input;
    int standard_output;
    int standard_error;
    /// An open cgroup v2 folder to be born in, or -1.
    int cgroup;
    /// Whether set-user-id programs keep their meaning; otherwise no privilege can be gained.
    int may_gain_privileges;
    /// A Landlock ruleset (see landlock.h) that restricts it, unless it may gain privileges; 0 for none.
    int ruleset;
    /// Marks the program and all its descendants (see pp_process_tag); 0 for none.
    uint64_t tag;
    /// A descriptor that the program gets as PP_SPAWN_CHANNEL; 0 for none.
    int channel;
    /// The signals that this process ignores, as pp_ignored_signals gave them.
    uint64_t ignored_signals;

    pid_t pid;
    int pidfd;
    /// Whether it was born in `cgroup`; the kernel may have refused that.
    int is_in_cgroup;
    /// Whether it was born with default handlers, so that only ignored signals are left to reset.
    int has_clear_signals;
    enum pp_spawn_step failed_step;
    int error;
    /// The path that `error` is about, as an index into `paths`.
    int path_index;
};

/// The signals that this process ignores: bit n - 1 for signal n. They are the only ones that a child of clone3(2) keeps.
uint64_t pp_ignored_signals(void);

/// Starts the program; blocks until it runs or could not be started. 0, or -1 with `failed_step` and `error`.
///
/// Low numbers of the three descriptors make it cheap: only what is below the highest of them is copied for the child.
/// The child has its own session, descriptors 0, 1 and 2 only, default signals, an empty mask, folder `/`, umask 077,
/// no capability and dies with the calling thread. There is no shell fallback.
int pp_spawn(struct pp_spawn *request);

/// Reads how the process of `pidfd` ended; it stays a zombie unless `reap`. 1 ended, 0 still runs, -1 with errno.
/// `*signal` is 0 when it exited with `*code`.
int pp_process_end(int pidfd, int reap, int *code, int *signal);
/// Reaps the child `pid` when it has ended. 1 reaped, 0 still runs, -1 with errno.
int pp_reap(pid_t pid);
/// The tag that pp_spawn gave to `pid` or one of its ancestors; 0 when there is none or it cannot be read.
///
/// It is the hard limit RLIMIT_RTTIME, which is without effect on programs that may not run in real time, inherited by
/// every descendant, readable with one call, and can be lowered but never raised or removed.
uint64_t pp_process_tag(pid_t pid);
/// Makes this process the new parent of orphaned descendants: 0, or -1 with errno.
int pp_become_subreaper(void);
