#define _GNU_SOURCE
#include "file_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct server {
    struct MHD_Daemon *daemon;
    char *path;
};

// Opens the file for each request, as servers of files do; the library sends it by sendfile.
static enum MHD_Result answer(void *closure, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *count,
                              void **state) {
    static int seen;
    struct server *server = closure;
    struct stat status;
    (void)url, (void)method, (void)version, (void)data, (void)count;
    if (*state == NULL) {
        *state = &seen;
        return MHD_YES;
    }
    int file = open(server->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return MHD_NO;
    if (fstat(file, &status) != 0) {
        close(file);
        return MHD_NO;
    }
    struct MHD_Response *response = MHD_create_response_from_fd64((uint64_t)status.st_size, file);
    if (response == NULL) {
        close(file);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

void *pp_baseline_serve(const char *path, uint16_t *port) {
    struct server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (server == NULL) return NULL;
    server->path = strdup(path);
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, answer, server,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, 4096u,
        MHD_OPTION_CONNECTION_TIMEOUT, 60u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        server->daemon ? MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (info == NULL) {
        int error = errno;
        pp_baseline_serve_end(server);
        errno = error;
        return NULL;
    }
    *port = info->port;
    return server;
}

void pp_baseline_serve_end(void *given) {
    struct server *server = given;
    if (server->daemon) MHD_stop_daemon(server->daemon);
    free(server->path);
    free(server);
}
