#define _GNU_SOURCE
#include "queue_loop.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

struct side {
    const struct pp_baseline_queue_plan *plan;
    amqp_connection_state_t connection;
    int32_t done;
    int64_t cpu;
    int code;
};

static int64_t clock_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static amqp_connection_state_t open_connection(const struct pp_baseline_queue_plan *plan) {
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (socket == NULL || amqp_socket_open(socket, plan->address, plan->port) != 0) goto failed;
    if (amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest").reply_type !=
        AMQP_RESPONSE_NORMAL)
        goto failed;
    amqp_channel_open(connection, 1);
    amqp_table_entry_t kind = {.key = amqp_cstring_bytes("x-queue-type")};
    kind.value.kind = AMQP_FIELD_KIND_UTF8;
    kind.value.value.bytes = amqp_cstring_bytes("quorum");
    amqp_table_t arguments = {.num_entries = 1, .entries = &kind};
    amqp_queue_declare(connection, 1, amqp_cstring_bytes(plan->queue), 0, 1, 0, 0, arguments);
    if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) goto failed;
    return connection;
failed:
    amqp_destroy_connection(connection);
    return NULL;
}

// Takes one confirmation; 1 when there is none and `waits` is 0, -1 at a failure.
static int take_confirmation(struct side *side, int waits, int32_t *confirmed) {
    amqp_frame_t frame;
    struct timeval none = {0, 0};
    int code = waits ? amqp_simple_wait_frame(side->connection, &frame)
                     : amqp_simple_wait_frame_noblock(side->connection, &frame, &none);
    if (code == AMQP_STATUS_TIMEOUT) return 1;
    if (code != AMQP_STATUS_OK) return -1;
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD) {
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        *confirmed = ack->multiple ? (int32_t)ack->delivery_tag : *confirmed + 1;
        // Numbers come in order here, as there is one queue; the highest one says it all.
        if ((int32_t)ack->delivery_tag > *confirmed) *confirmed = (int32_t)ack->delivery_tag;
    }
    amqp_maybe_release_buffers(side->connection);
    return 0;
}

static void *publish(void *argument) {
    struct side *side = argument;
    const struct pp_baseline_queue_plan *plan = side->plan;
    int64_t cpu = clock_now(CLOCK_THREAD_CPUTIME_ID);
    char *text = malloc((size_t)plan->size);
    memset(text, 'x', (size_t)plan->size);
    amqp_bytes_t body = {.len = (size_t)plan->size, .bytes = text};
    amqp_bytes_t queue = amqp_cstring_bytes(plan->queue);
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
    int32_t sent = 0;
    while (side->done < plan->count && side->code == 0) {
        for (int i = 0; i < 64 && sent < plan->count && sent - side->done < plan->window; i++, sent++)
            if (amqp_basic_publish(side->connection, 1, amqp_empty_bytes, queue, 0, 0, &properties, body) != 0)
                side->code = -1;
        int waits = sent == plan->count || sent - side->done >= plan->window;
        int code;
        while ((code = take_confirmation(side, waits, &side->done)) == 0) waits = 0;
        if (code < 0) side->code = -1;
    }
    free(text);
    side->cpu = clock_now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    return NULL;
}

static void *consume(void *argument) {
    struct side *side = argument;
    int64_t cpu = clock_now(CLOCK_THREAD_CPUTIME_ID);
    while (side->done < side->plan->count && side->code == 0) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(side->connection);
        if (amqp_consume_message(side->connection, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) {
            side->code = -1;
            break;
        }
        side->done++;
        if (side->done % 100 == 0 || side->done == side->plan->count)
            side->code = amqp_basic_ack(side->connection, 1, envelope.delivery_tag, 1);
        amqp_destroy_envelope(&envelope);
    }
    side->cpu = clock_now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    return NULL;
}

int pp_baseline_queue(const struct pp_baseline_queue_plan *plan, struct pp_baseline_carried *result) {
    struct side out = {.plan = plan, .connection = open_connection(plan)};
    struct side in = {.plan = plan, .connection = open_connection(plan)};
    int code = -1;
    if (out.connection != NULL && in.connection != NULL) {
        amqp_confirm_select(out.connection, 1);
        amqp_basic_qos(in.connection, 1, 0, (uint16_t)plan->prefetch, 0);
        amqp_basic_consume(in.connection, 1, amqp_cstring_bytes(plan->queue), amqp_empty_bytes, 0, 0, 0,
                           amqp_empty_table);
        int64_t began = clock_now(CLOCK_MONOTONIC);
        pthread_t publisher, consumer;
        pthread_create(&consumer, NULL, consume, &in);
        pthread_create(&publisher, NULL, publish, &out);
        pthread_join(publisher, NULL);
        pthread_join(consumer, NULL);
        result->elapsed = clock_now(CLOCK_MONOTONIC) - began;
        result->cpu = out.cpu + in.cpu;
        result->confirmed = out.done;
        result->acknowledged = in.done;
        code = out.code != 0 || in.code != 0 ? -1 : 0;
    }
    if (out.connection != NULL) amqp_destroy_connection(out.connection);
    if (in.connection != NULL) amqp_destroy_connection(in.connection);
    return code;
}
