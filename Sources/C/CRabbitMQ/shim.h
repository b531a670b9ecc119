#pragma once
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

/// Logs in by name and password; the library's own call takes any number of arguments, which Swift cannot.
static inline amqp_rpc_reply_t pp_amqp_login(amqp_connection_state_t connection, const char *vhost, int heartbeat,
                                             const amqp_table_t *properties, const char *user,
                                             const char *password) {
    return amqp_login_with_properties(connection, vhost, AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE,
                                      heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}
