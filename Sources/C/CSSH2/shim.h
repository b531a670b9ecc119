#pragma once
#include <libssh2.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// What pp_ssh2_tap saw in a packet.
enum pp_ssh2_packet { PP_SSH2_OTHER = 0, PP_SSH2_OPENED = 1, PP_SSH2_EXIT_STATUS = 2, PP_SSH2_EXIT_SIGNAL = 3 };

static inline uint32_t pp_ssh2_number(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/// Reads a packet that libssh2 is about to free: which kind (RFC 4254), our number of the channel, the exit status.
///
/// libssh2 says 0 both for "exit status 0" and for "no exit status yet"; its free callback is the one documented
/// place that sees the packet itself.
static inline int pp_ssh2_tap(void *memory, uint32_t *channel, uint32_t *status) {
    if (memory == NULL) return PP_SSH2_OTHER;
    const unsigned char *bytes = (const unsigned char *)memory;
    size_t size = malloc_usable_size(memory);
    if (size < 24 || (bytes[0] != 91 && bytes[0] != 98)) return PP_SSH2_OTHER;
    *channel = pp_ssh2_number(bytes + 1);
    if (bytes[0] == 91) return PP_SSH2_OPENED;
    if (pp_ssh2_number(bytes + 5) != 11) return PP_SSH2_OTHER;
    if (memcmp(bytes + 9, "exit-signal", 11) == 0) return PP_SSH2_EXIT_SIGNAL;
    if (size < 25 || memcmp(bytes + 9, "exit-status", 11) != 0) return PP_SSH2_OTHER;
    *status = pp_ssh2_number(bytes + 21);
    return PP_SSH2_EXIT_STATUS;
}
