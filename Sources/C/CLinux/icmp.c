#define _GNU_SOURCE
#include "icmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef ICMP_FILTER
#define ICMP_FILTER 1
#endif

int pp_icmp_open(int family, int type) {
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

static int attach(int fd, struct sock_filter *code, unsigned short count) {
    struct sock_fprog program = {count, code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// Offsets count from the IP header. Errors quote our own header, which may have options too.
static int filter_ipv4(int fd, uint16_t identifier) {
    uint32_t blocked = ~((1u << ICMP_ECHOREPLY) | (1u << ICMP_DEST_UNREACH) | (1u << ICMP_TIME_EXCEEDED) |
                         (1u << ICMP_PARAMETERPROB));
    if (setsockopt(fd, SOL_RAW, ICMP_FILTER, &blocked, sizeof blocked) != 0) return -1;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_ECHOREPLY, 10, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8 + 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, 11),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x0f),
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 8),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_ECHO, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    return attach(fd, code, sizeof code / sizeof code[0]);
}

// Offsets count from the ICMPv6 header, as the kernel shows no IPv6 header to these sockets.
static int filter_ipv6(int fd, uint16_t identifier) {
    struct icmp6_filter types;
    ICMP6_FILTER_SETBLOCKALL(&types);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &types);
    ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &types);
    ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &types);
    ICMP6_FILTER_SETPASS(ICMP6_PARAM_PROB, &types);
    ICMP6_FILTER_SETPASS(ICMP6_PACKET_TOO_BIG, &types);
    if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof types) != 0) return -1;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP6_ECHO_REPLY, 6, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8 + 6),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 7),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 48),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP6_ECHO_REQUEST, 0, 5),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 52),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier, 2, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    return attach(fd, code, sizeof code / sizeof code[0]);
}

int pp_icmp_filter(int fd, int family, uint16_t identifier) {
    return family == AF_INET ? filter_ipv4(fd, identifier) : filter_ipv6(fd, identifier);
}

int pp_icmp_prepare(int fd, int family, int type) {
    int one = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one) != 0) return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one) != 0) return -1;
    if (type == SOCK_RAW) return 0;
    return family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof one)
                             : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof one);
}

int pp_icmp_buffer(int fd, int is_send, int bytes) {
    int plain = is_send ? SO_SNDBUF : SO_RCVBUF;
    int force = is_send ? SO_SNDBUFFORCE : SO_RCVBUFFORCE;
    if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof bytes) != 0 &&
        setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes) != 0)
        return -1;
    int size = 0;
    socklen_t length = sizeof size;
    return getsockopt(fd, SOL_SOCKET, plain, &size, &length) == 0 ? size : -1;
}

int pp_icmp_identifier(int fd, int family) {
    struct sockaddr_in6 name = {.sin6_family = (sa_family_t)family};
    socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof name;
    if (bind(fd, (struct sockaddr *)&name, length) != 0) return -1;
    if (getsockname(fd, (struct sockaddr *)&name, &length) != 0) return -1;
    return ntohs(name.sin6_port);
}

static socklen_t fill_name(struct sockaddr_in6 *name, int family, const uint64_t address[2], uint32_t scope) {
    memset(name, 0, sizeof *name);
    if (family == AF_INET) {
        struct sockaddr_in *name4 = (struct sockaddr_in *)name;
        name4->sin_family = AF_INET;
        memcpy(&name4->sin_addr, address, 4);
        return sizeof *name4;
    }
    name->sin6_family = AF_INET6;
    name->sin6_scope_id = scope;
    memcpy(&name->sin6_addr, address, 16);
    return sizeof *name;
}

/// Room for a time to live and a source address.
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static void add_part(struct msghdr *message, union control *control, int level, int type,
                     const void *value, size_t size) {
    struct cmsghdr *part = (struct cmsghdr *)(control->bytes + message->msg_controllen);
    message->msg_control = control;
    message->msg_controllen += CMSG_SPACE(size);
    part->cmsg_level = level;
    part->cmsg_type = type;
    part->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(part), value, size);
}

static void set_hops(struct msghdr *message, union control *control, int family, int hops) {
    if (family == AF_INET)
        add_part(message, control, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
    else
        add_part(message, control, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof hops);
}

static void set_source(struct msghdr *message, union control *control, int family,
                       const struct pp_icmp_request *request) {
    if (family == AF_INET) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, request->source, sizeof info.ipi_spec_dst);
        add_part(message, control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else {
        struct in6_pktinfo info = {.ipi6_ifindex = request->source_scope};
        memcpy(&info.ipi6_addr, request->source, sizeof info.ipi6_addr);
        add_part(message, control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

int pp_icmp_has_address(int family, const uint64_t address[2], uint32_t scope) {
    struct sockaddr_in6 name;
    socklen_t length = fill_name(&name, family, address, scope);
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return 0;
    int result = bind(fd, (struct sockaddr *)&name, length);
    close(fd);
    return result == 0;
}

static const uint8_t zeros[65536];

int pp_icmp_send(int fd, int family, const struct pp_icmp_request *requests, int count) {
    struct mmsghdr messages[PP_ICMP_BATCH];
    struct iovec parts[PP_ICMP_BATCH][2];
    struct sockaddr_in6 names[PP_ICMP_BATCH];
    union control controls[PP_ICMP_BATCH];
    if (count > PP_ICMP_BATCH) count = PP_ICMP_BATCH;
    for (int i = 0; i < count; i++) {
        const struct pp_icmp_request *request = &requests[i];
        parts[i][0] = (struct iovec){(void *)request->head, sizeof request->head};
        parts[i][1] = (struct iovec){(void *)zeros, request->padding};
        struct msghdr *message = &messages[i].msg_hdr;
        *message = (struct msghdr){.msg_name = &names[i], .msg_iov = parts[i], .msg_iovlen = 2};
        message->msg_namelen = fill_name(&names[i], family, request->address, request->scope);
        if (request->padding == 0) message->msg_iovlen = 1;
        if (request->hops != 0) set_hops(message, &controls[i], family, request->hops);
        if (request->has_source) set_source(message, &controls[i], family, request);
    }
    return sendmmsg(fd, messages, (unsigned)count, 0);
}

static void copy_address(uint64_t to[2], uint32_t *scope, const struct sockaddr_in6 *name) {
    to[0] = to[1] = 0;
    if (name->sin6_family == AF_INET) memcpy(to, &((const struct sockaddr_in *)name)->sin_addr, 4);
    if (name->sin6_family != AF_INET6) return;
    memcpy(to, &name->sin6_addr, 16);
    if (scope) *scope = name->sin6_scope_id;
}

static void read_error(const struct cmsghdr *part, struct pp_icmp_received *out) {
    struct sock_extended_err error;
    memcpy(&error, CMSG_DATA(part), sizeof error);
    out->error_number = (int32_t)error.ee_errno;
    if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) return;
    out->error_type = error.ee_type;
    out->error_code = error.ee_code;
    struct sockaddr_in6 sender;
    size_t room = part->cmsg_len - CMSG_LEN(sizeof error);
    memset(&sender, 0, sizeof sender);
    memcpy(&sender, CMSG_DATA(part) + sizeof error, room < sizeof sender ? room : sizeof sender);
    copy_address(out->offender, NULL, &sender);
    out->has_offender = sender.sin6_family != AF_UNSPEC;
}

static void read_control(struct msghdr *message, struct pp_icmp_received *out) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(part), sizeof time);
            out->kernel_time = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
        } else if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&out->dropped, CMSG_DATA(part), sizeof out->dropped);
        } else if ((part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
                   (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR)) {
            read_error(part, out);
        }
    }
}

static void take(struct msghdr *message, unsigned length, const struct sockaddr_in6 *name,
                 struct pp_icmp_received *out) {
    memset(out, 0, sizeof *out);
    out->length = (int32_t)(length < PP_ICMP_KEPT ? length : PP_ICMP_KEPT);
    out->is_cut = (message->msg_flags & MSG_TRUNC) != 0;
    copy_address(out->address, &out->scope, name);
    read_control(message, out);
}

int pp_icmp_receive(int fd, uint8_t *buffer, struct pp_icmp_received *received, int count) {
    struct mmsghdr messages[PP_ICMP_BATCH];
    struct iovec parts[PP_ICMP_BATCH];
    struct sockaddr_in6 names[PP_ICMP_BATCH];
    _Alignas(struct cmsghdr) char controls[PP_ICMP_BATCH][64];
    if (count > PP_ICMP_BATCH) count = PP_ICMP_BATCH;
    for (int i = 0; i < count; i++) {
        parts[i] = (struct iovec){buffer + (size_t)i * PP_ICMP_KEPT, PP_ICMP_KEPT};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &parts[i], .msg_iovlen = 1,
            .msg_control = controls[i], .msg_controllen = sizeof controls[i]};
    }
    int got = recvmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) take(&messages[i].msg_hdr, messages[i].msg_len, &names[i], &received[i]);
    return got;
}

int pp_icmp_receive_error(int fd, uint8_t *buffer, struct pp_icmp_received *received) {
    struct sockaddr_in6 name = {0};
    struct iovec part = {buffer, PP_ICMP_KEPT};
    _Alignas(struct cmsghdr) char control[256];
    struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &part, .msg_iovlen = 1,
                             .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (length < 0) return -1;
    take(&message, (unsigned)length, &name, received);
    return 1;
}
