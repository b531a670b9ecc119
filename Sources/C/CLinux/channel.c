#define _GNU_SOURCE
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most_descriptors = 8 };

int pp_channel_pair(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int pp_channel_send(int channel, const void *bytes, size_t size, const int *descriptors, int count) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(most_descriptors * sizeof(int))];
    } control;
    struct iovec data = {.iov_base = (void *)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (count < 0 || count > most_descriptors) {
        errno = EINVAL;
        return -1;
    }
    if (count > 0) {
        size_t length = (size_t)count * sizeof(int);
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(length);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(length);
        memcpy(CMSG_DATA(header), descriptors, length);
    }
    ssize_t sent;
    do sent = sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}

ssize_t pp_channel_receive(int channel, void *bytes, size_t size) {
    ssize_t received;
    // Without room for control data the kernel closes descriptors that somebody sends us.
    do received = recv(channel, bytes, size, MSG_DONTWAIT | MSG_TRUNC);
    while (received < 0 && errno == EINTR);
    return received;
}
