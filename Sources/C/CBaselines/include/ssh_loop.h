#pragma once
// The simplest loop that runs commands over one SSH session: what an SSH check costs is measured against it.
#include <stdint.h>

/// Where to log in, and what to run there.
struct pp_baseline_ssh_server {
    /// An IPv4 address.
    const char *address;
    int port;
    const char *user;
    /// A private key without passphrase.
    const char *key_file;
    const char *command;
};

/// What a loop did.
struct pp_baseline_ssh_ran {
    /// Commands that ended with exit status 0 and some output.
    int64_t runs;
    /// Commands that ended otherwise, and channels that the server refused.
    int64_t failures;
    /// Nanoseconds from the first channel to the last end; the login is not counted.
    int64_t elapsed;
    /// Nanoseconds of processor time.
    int64_t cpu;
};

/// Runs a command again and again for so many nanoseconds: libssh2, one session that never blocks, `channels` of them (at
/// most 256) at once. Returns 0, an error number, or what libssh2 said (below 0).
int pp_baseline_ssh(const struct pp_baseline_ssh_server *server, int channels, int64_t nanoseconds,
                    struct pp_baseline_ssh_ran *result);
