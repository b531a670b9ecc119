#pragma once
// Messages with descriptors between this process and a helper: a pair of sockets that keeps the borders of messages.
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Makes the pair; both ends are close-on-exec, and the first one does not block. 0, or -1 with errno.
int pp_channel_pair(int ends[2]);
/// Sends one message with at most 8 descriptors, without waiting. 0, or -1 with errno.
int pp_channel_send(int channel, const void *bytes, size_t size, const int *descriptors, int count);
/// Takes one message, without waiting; descriptors that come with it are closed. Its whole size, which may exceed
/// `size` when it was cut; 0 at the end; -1 with errno.
ssize_t pp_channel_receive(int channel, void *bytes, size_t size);
