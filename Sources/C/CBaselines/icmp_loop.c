#define _GNU_SOURCE
#include "icmp_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef ICMP_FILTER
#define ICMP_FILTER 1
#endif

enum { BATCH = 64, PAYLOAD = 68, SEQUENCES = 65536, MOST = 65000, ROOM = 256 };

struct packet {
    struct icmphdr header;
    char payload[PAYLOAD];
};

struct target {
    struct sockaddr_in name;
    int64_t sum, shortest, longest;
    int64_t received;
};

// The echo that used a sequence number last; its target is -1 when it has been answered.
struct echo {
    int64_t sent_at;
    int32_t target;
};

struct loop {
    int fd;
    int targets;
    uint16_t identifier;
    uint16_t sequence;
    int next;
    int64_t sent, received;
    struct target *table;
    struct echo echoes[SEQUENCES];
};

static int64_t clock_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static uint16_t checksum(const void *bytes, size_t length) {
    const uint16_t *words = bytes;
    uint32_t sum = 0;
    for (size_t i = 0; i < length / 2; i++) sum += words[i];
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~(sum + (sum >> 16));
}

static int send_batch(struct loop *loop) {
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    struct packet packets[BATCH];
    memset(packets, 0, sizeof packets);
    int64_t now = clock_now(CLOCK_REALTIME);
    for (int i = 0; i < BATCH; i++) {
        int number = (loop->next + i) % loop->targets;
        uint16_t sequence = (uint16_t)(loop->sequence + i);
        packets[i].header.type = ICMP_ECHO;
        packets[i].header.un.echo.id = loop->identifier;
        packets[i].header.un.echo.sequence = htons(sequence);
        memcpy(packets[i].payload, &now, sizeof now);
        packets[i].header.checksum = checksum(&packets[i], sizeof packets[i]);
        loop->echoes[sequence] = (struct echo){now, number};
        parts[i] = (struct iovec){&packets[i], sizeof packets[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &loop->table[number].name,
                                              .msg_namelen = sizeof(struct sockaddr_in),
                                              .msg_iov = &parts[i],
                                              .msg_iovlen = 1};
    }
    int sent = sendmmsg(loop->fd, messages, BATCH, 0);
    if (sent < 0) return errno == ENOBUFS || errno == EAGAIN ? 0 : errno;
    loop->next = (loop->next + sent) % loop->targets;
    loop->sequence = (uint16_t)(loop->sequence + sent);
    loop->sent += sent;
    return 0;
}

static int64_t kernel_time(struct msghdr *message) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        struct timespec time;
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
        memcpy(&time, CMSG_DATA(part), sizeof time);
        return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    }
    return 0;
}

static void take(struct loop *loop, struct msghdr *message, const char *bytes, unsigned length,
                 const struct sockaddr_in *from) {
    size_t start = (size_t)(bytes[0] & 15) * 4;
    struct icmphdr header;
    if (length < start + sizeof header) return;
    memcpy(&header, bytes + start, sizeof header);
    if (header.type != ICMP_ECHOREPLY || header.un.echo.id != loop->identifier) return;
    struct echo *echo = &loop->echoes[ntohs(header.un.echo.sequence)];
    if (echo->target < 0) return;
    struct target *target = &loop->table[echo->target];
    if (target->name.sin_addr.s_addr != from->sin_addr.s_addr) return;
    int64_t time = kernel_time(message) - echo->sent_at;
    target->sum += time;
    if (time < target->shortest || target->received == 0) target->shortest = time;
    if (time > target->longest) target->longest = time;
    target->received++;
    echo->target = -1;
    loop->received++;
}

// Receives what is there; the number of messages.
static int receive_batch(struct loop *loop) {
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    struct sockaddr_in names[BATCH];
    char buffer[BATCH][ROOM];
    _Alignas(struct cmsghdr) char controls[BATCH][64];
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){buffer[i], ROOM};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &names[i],
                                              .msg_namelen = sizeof names[i],
                                              .msg_iov = &parts[i],
                                              .msg_iovlen = 1,
                                              .msg_control = controls[i],
                                              .msg_controllen = sizeof controls[i]};
    }
    int count = recvmmsg(loop->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        take(loop, &messages[i].msg_hdr, buffer[i], messages[i].msg_len, &names[i]);
    return count;
}

static int open_socket(void) {
    int one = 1, room = 8 << 20;
    uint32_t blocked = ~(1u << ICMP_ECHOREPLY);
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_RAW, ICMP_FILTER, &blocked, sizeof blocked);
    return fd;
}

static void summarize(const struct loop *loop, struct pp_baseline_pinged *result) {
    double sum = 0;
    for (int i = 0; i < loop->targets; i++) sum += (double)loop->table[i].sum;
    result->sent = loop->sent;
    result->received = loop->received;
    result->mean = loop->received > 0 ? sum / (double)loop->received : 0;
}

static int run(struct loop *loop, int64_t nanoseconds) {
    int64_t end = clock_now(CLOCK_MONOTONIC) + nanoseconds;
    while (clock_now(CLOCK_MONOTONIC) < end) {
        int error = send_batch(loop);
        if (error != 0) return error;
        while (receive_batch(loop) == BATCH) {}
    }
    struct pollfd last = {.fd = loop->fd, .events = POLLIN};
    while (loop->received < loop->sent && poll(&last, 1, 200) > 0) receive_batch(loop);
    return 0;
}

int pp_baseline_ping(int targets, int64_t nanoseconds, struct pp_baseline_pinged *result) {
    memset(result, 0, sizeof *result);
    if (targets < BATCH || targets > MOST) return EINVAL;
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop) return ENOMEM;
    loop->table = calloc((size_t)targets, sizeof *loop->table);
    loop->targets = targets;
    loop->identifier = htons((uint16_t)getpid());
    for (int i = 0; i < SEQUENCES; i++) loop->echoes[i].target = -1;
    for (int i = 0; loop->table && i < targets; i++) {
        uint32_t address = 0x7f010001u + (uint32_t)(i / 250 * 256 + i % 250);
        loop->table[i].name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    }
    loop->fd = open_socket();
    int error = !loop->table ? ENOMEM : loop->fd < 0 ? errno : 0;
    if (error == 0) {
        int64_t began = clock_now(CLOCK_MONOTONIC), cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID);
        error = run(loop, nanoseconds);
        result->elapsed = clock_now(CLOCK_MONOTONIC) - began;
        result->cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        summarize(loop, result);
    }
    if (loop->fd >= 0) close(loop->fd);
    free(loop->table);
    free(loop);
    return error;
}
