// gearmand, with libgearman: as many tasks as are to be under way run together.
#include <libgearman/gearman.h>
#include <stdlib.h>

#include "tests/bench/peers/peer.h"

typedef struct client {
    gearman_client_st *gearman;
    dc_buf_t *lines;
    size_t count;
} client_t;

static gearman_return_t take(gearman_task_st *task)
{
    client_t *self = gearman_task_context(task);
    self->count +=
        peer_take(dc_str(gearman_task_data(task), gearman_task_data_size(task)), self->lines);
    return GEARMAN_SUCCESS;
}

static void *connect_client(const peer_address_t *address)
{
    client_t *self = calloc(1, sizeof *self);
    if (!self) peer_die("memory");
    self->gearman = gearman_client_create(NULL);
    if (!self->gearman) peer_die("gearman");
    gearman_client_add_options(self->gearman, GEARMAN_CLIENT_FREE_TASKS);
    gearman_client_set_complete_fn(self->gearman, take);
    if (gearman_failed(
            gearman_client_add_server(self->gearman, "127.0.0.1", (in_port_t)address->port))) {
        peer_die("gearman");
    }
    return self;
}

static void send_messages(void *client, const dc_str_t *messages, size_t count)
{
    client_t *self = client;
    for (size_t i = 0; i < count; i++) {
        gearman_return_t result;
        gearman_client_add_task(self->gearman, NULL, self, "evaluate", NULL, messages[i].data,
                                messages[i].len, &result);
        if (gearman_failed(result)) peer_die(gearman_client_error(self->gearman));
    }
}

static size_t receive(void *client, dc_buf_t *lines)
{
    client_t *self = client;
    self->lines = lines;
    self->count = 0;
    if (gearman_failed(gearman_client_run_tasks(self->gearman))) {
        peer_die(gearman_client_error(self->gearman));
    }
    return self->count;
}

static void leave(void *client, const dc_str_t *messages, size_t count)
{
    client_t *self = client;
    for (size_t i = 0; i < count; i++) {
        gearman_return_t result;
        gearman_client_add_task_background(self->gearman, NULL, self, "evaluate", NULL,
                                           messages[i].data, messages[i].len, &result);
        if (gearman_failed(result)) peer_die(gearman_client_error(self->gearman));
    }
    if (gearman_failed(gearman_client_run_tasks(self->gearman))) {
        peer_die(gearman_client_error(self->gearman));
    }
}

static gearman_return_t evaluate(gearman_job_st *job, void *context)
{
    static dc_buf_t lines;
    (void)context;
    peer_evaluate(dc_str(gearman_job_workload(job), gearman_job_workload_size(job)), &lines);
    return gearman_job_send_complete(job, lines.data, lines.len);
}

static void work(const peer_address_t *address)
{
    gearman_worker_st *self = gearman_worker_create(NULL);
    if (!self) peer_die("gearman");
    gearman_function_t function = gearman_function_create(evaluate);
    if (gearman_failed(gearman_worker_add_server(self, "127.0.0.1", (in_port_t)address->port)) ||
        gearman_failed(gearman_worker_define_function(self, "evaluate", 8, function, 0, NULL))) {
        peer_die(gearman_worker_error(self));
    }
    while (gearman_success(gearman_worker_work(self))) {
    }
    peer_die(gearman_worker_error(self));
}

const peer_t peer_gearman = { .name = "gearmand",
                              .connect = connect_client,
                              .send = send_messages,
                              .receive = receive,
                              .leave = leave,
                              .work = work };
