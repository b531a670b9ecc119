#pragma once
// A server of one static file by the same library and with the same threading as the engine's.
#include <stdint.h>

/// Serves the file at `path` under every address on a free port of 127.0.0.1, on one thread of its own (epoll), until
/// stopped. Returns the server and stores its port; null when it cannot start, with errno set.
void *pp_baseline_serve(const char *path, uint16_t *port);

/// Ends a server and frees it.
void pp_baseline_serve_end(void *server);
