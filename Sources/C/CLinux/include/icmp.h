#pragma once
// ICMP sockets: batches, kernel time stamps and filters, none of which Glibc's Swift module can reach.
#include <stdint.h>
#include <sys/random.h>
#include <sys/types.h>

enum {
    /// Messages in one call, at most.
    PP_ICMP_BATCH = 64,
    /// Bytes kept of a received message; the rest of a large one is cut off.
    PP_ICMP_KEPT = 256
};

/// One echo request; an address is its 16 bytes as they lie in memory (IPv4: the first four).
struct pp_icmp_request {
    uint64_t address[2];
    /// The ICMP header and the first 16 bytes of payload, as they lie in memory.
    uint64_t head[3];
    /// The address to send from, in the same form; used only with `has_source`.
    uint64_t source[2];
    uint32_t scope;
    uint32_t source_scope;
    /// Bytes after `head`, all zero.
    uint32_t padding;
    /// Time to live; 0 is the system's.
    uint8_t hops;
    uint8_t has_source;
};

/// What came with one received message.
struct pp_icmp_received {
    uint64_t address[2];
    uint32_t scope;
    /// Bytes in the buffer.
    int32_t length;
    /// Nanoseconds since 1970 when the kernel received it; 0 when it did not say.
    int64_t kernel_time;
    /// Messages that the socket has dropped since it was made; 0 when the kernel did not say.
    uint32_t dropped;
    uint8_t is_cut;
    /// For ``pp_icmp_receive_error``: type, code and sender of the error; sender's family 0 is none.
    uint8_t error_type;
    uint8_t error_code;
    int32_t error_number;
    uint64_t offender[2];
    int32_t has_offender;
};

/// Opens an ICMP socket of a family (AF_INET, AF_INET6) and type (SOCK_RAW, SOCK_DGRAM), close-on-exec, non-blocking.
int pp_icmp_open(int family, int type);
/// Lets only echo replies to `identifier` and errors about our echoes reach a raw socket.
int pp_icmp_filter(int fd, int family, uint16_t identifier);
/// Asks for time stamps and drop counts; on datagram sockets for errors too.
int pp_icmp_prepare(int fd, int family, int type);
/// Sets the receive or send buffer, beyond the system's limit when allowed; returns what came out, or -1.
int pp_icmp_buffer(int fd, int is_send, int bytes);
/// Binds a datagram socket to an identifier of the kernel's choice and returns it, or -1.
int pp_icmp_identifier(int fd, int family);
/// Sends at most 64 requests in one call; the number sent, or -1 when the first failed.
int pp_icmp_send(int fd, int family, const struct pp_icmp_request *requests, int count);
/// Whether this machine has an address and so can send from it: 1, or 0.
int pp_icmp_has_address(int family, const uint64_t address[2], uint32_t scope);
/// Receives at most 64 messages in one call, each into its 256 bytes of `buffer`; the number, or -1.
int pp_icmp_receive(int fd, uint8_t *buffer, struct pp_icmp_received *received, int count);
/// Takes one error off the queue of a datagram socket: our request into 256 bytes of `buffer`; 1, or -1.
int pp_icmp_receive_error(int fd, uint8_t *buffer, struct pp_icmp_received *received);
