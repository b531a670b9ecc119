#pragma once
// The simplest loop that pings many addresses: what the ICMP engine costs is measured against it.
#include <stdint.h>

/// What a loop did.
struct pp_baseline_pinged {
    int64_t sent;
    /// Replies with our identifier, the sequence of an echo that was waiting and the address that it went to.
    int64_t received;
    /// Nanoseconds from the first echo to the last reply.
    int64_t elapsed;
    /// Nanoseconds of processor time, the kernel's for us included.
    int64_t cpu;
    /// Mean of all round trips by the kernel's time stamps, in nanoseconds.
    double mean;
};

/// Pings `targets` addresses (64 to 65,000) from 127.1.0.1 on, 250 of each 256, round after round, for so many nanoseconds: one raw socket,
/// sendmmsg and recvmmsg of 64 messages with 68 bytes of payload. Keeps number, mean, shortest and longest round trip of each
/// address. Returns 0, or an error number.
int pp_baseline_ping(int targets, int64_t nanoseconds, struct pp_baseline_pinged *result);
