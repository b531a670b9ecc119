#define _GNU_SOURCE
#include "ssh_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libssh2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 256 };

enum step { IDLE, STARTING, RUNNING, CLOSING };

struct slot {
    enum step step;
    LIBSSH2_CHANNEL *channel;
    int64_t bytes;
};

struct loop {
    LIBSSH2_SESSION *session;
    int fd;
    const char *command;
    int64_t end;
    int64_t received;
    // The slot that opens a channel, as libssh2 opens one at a time; -1 for none.
    int opening;
    struct pp_baseline_ssh_ran *result;
};

static int64_t clock_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static ssize_t count_received(libssh2_socket_t fd, void *buffer, size_t length, int flags, void **abstract) {
    struct loop *loop = *abstract;
    ssize_t count = recv(fd, buffer, length, flags | MSG_DONTWAIT);
    if (count < 0) return -errno;
    loop->received += count;
    return count;
}

static int connect_to(const struct pp_baseline_ssh_server *server) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    int one = 1;
    if (inet_pton(AF_INET, server->address, &name.sin_addr) != 1) return -1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&name, sizeof name) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

// Goes on with one slot as far as possible; 0, or an error of libssh2.
static int step(struct loop *loop, struct slot *slot, int number) {
    char buffer[16384];
    int code = 0;
    if (slot->step == IDLE) {
        if (loop->opening >= 0 && loop->opening != number) return 0;
        if (loop->opening < 0 && clock_now(CLOCK_MONOTONIC) >= loop->end) return 0;
        loop->opening = number;
        slot->channel = libssh2_channel_open_session(loop->session);
        if (!slot->channel) {
            code = libssh2_session_last_errno(loop->session);
            if (code == LIBSSH2_ERROR_EAGAIN) return 0;
            loop->opening = -1;
            loop->result->failures++;
            return code == LIBSSH2_ERROR_CHANNEL_FAILURE ? 0 : code;
        }
        loop->opening = -1;
        slot->bytes = 0;
        slot->step = STARTING;
    }
    if (slot->step == STARTING) {
        code = libssh2_channel_exec(slot->channel, loop->command);
        if (code == LIBSSH2_ERROR_EAGAIN) return 0;
        if (code != 0) return code;
        slot->step = RUNNING;
    }
    if (slot->step == RUNNING) {
        ssize_t count;
        while ((count = libssh2_channel_read(slot->channel, buffer, sizeof buffer)) > 0) slot->bytes += count;
        if (count < 0 && count != LIBSSH2_ERROR_EAGAIN) return (int)count;
        if (!libssh2_channel_eof(slot->channel)) return 0;
        slot->step = CLOSING;
    }
    code = libssh2_channel_close(slot->channel);
    if (code == 0) code = libssh2_channel_wait_closed(slot->channel);
    if (code == LIBSSH2_ERROR_EAGAIN) return 0;
    if (code != 0) return code;
    int is_fine = slot->bytes > 0 && libssh2_channel_get_exit_status(slot->channel) == 0;
    code = libssh2_channel_free(slot->channel);
    if (code == LIBSSH2_ERROR_EAGAIN) return 0;
    is_fine ? loop->result->runs++ : loop->result->failures++;
    *slot = (struct slot){0};
    return code;
}

static int run(struct loop *loop, int channels) {
    struct slot slots[MOST] = {0};
    int busy = 1;
    while (busy > 0) {
        int64_t received;
        do {
            received = loop->received;
            busy = 0;
            for (int i = 0; i < channels; i++) {
                int code = step(loop, &slots[i], i);
                if (code != 0) return code;
                busy += slots[i].step != IDLE || loop->opening == i;
            }
            // One call takes packets of other channels off the socket too.
        } while (loop->received != received);
        int directions = libssh2_session_block_directions(loop->session);
        struct pollfd wait = {.fd = loop->fd, .events = POLLIN};
        if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) wait.events |= POLLOUT;
        if (busy > 0 && poll(&wait, 1, 10000) == 0) return ETIMEDOUT;
    }
    return 0;
}

static int log_in(struct loop *loop, const struct pp_baseline_ssh_server *server) {
    int code = libssh2_session_handshake(loop->session, loop->fd);
    if (code != 0) return code;
    code = libssh2_userauth_publickey_fromfile(loop->session, server->user, NULL, server->key_file, NULL);
    if (code != 0) return code;
    libssh2_session_set_blocking(loop->session, 0);
    fcntl(loop->fd, F_SETFL, O_NONBLOCK);
    libssh2_session_callback_set(loop->session, LIBSSH2_CALLBACK_RECV, (void *)count_received);
    return 0;
}

int pp_baseline_ssh(const struct pp_baseline_ssh_server *server, int channels, int64_t nanoseconds,
                    struct pp_baseline_ssh_ran *result) {
    memset(result, 0, sizeof *result);
    if (channels < 1 || channels > MOST) return EINVAL;
    int code = libssh2_init(0);
    if (code != 0) return code;
    struct loop loop = {.command = server->command, .opening = -1, .result = result};
    loop.fd = connect_to(server);
    if (loop.fd < 0) return errno;
    loop.session = libssh2_session_init_ex(NULL, NULL, NULL, &loop);
    if (!loop.session) {
        close(loop.fd);
        return ENOMEM;
    }
    code = log_in(&loop, server);
    if (code == 0) {
        int64_t began = clock_now(CLOCK_MONOTONIC), cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID);
        loop.end = began + nanoseconds;
        code = run(&loop, channels);
        result->elapsed = clock_now(CLOCK_MONOTONIC) - began;
        result->cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    }
    libssh2_session_set_blocking(loop.session, 1);
    libssh2_session_disconnect(loop.session, "done");
    libssh2_session_free(loop.session);
    close(loop.fd);
    return code;
}
