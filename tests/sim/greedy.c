#include "tests/sim/greedy.h"

#include <stdlib.h>

#include "tests/sim/answers.h"

// More than any credit of a simulation's size: 8 MiB are 32 records.
#define RECORDS 40

static void deliver(sim_t *sim, void *owner, msg_t *msg)
{
    (void)owner; // whether it is refused is for the watch to see
    msg_free(sim, msg);
}

static void broken(sim_t *sim, void *owner)
{
    (void)sim;
    (void)owner;
}

// A chunk of one job that fills a record.
static void put_chunk(greedy_t *self, msg_t *msg, uint64_t index)
{
    dc_buf_t text = { 0 };
    job_put_text(self->batch, index, &text);
    while (text.len < DC_RECORD_BYTES_MAX) {
        dc_buf_append_char(&text, ' ');
    }
    dc_cmd_t cmd = { .type = DC_CMD_CHUNK,
                     .chunk = { .handle = 1, .count = 1, .first = index, .flags = DC_CHUNK_RECORD },
                     .data = { NULL, dc_buf_str(&text) } };
    msg_copy(msg, &cmd);
    dc_buf_fini(&text);
}

static void act(sim_t *sim, void *object, uint64_t number)
{
    greedy_t *self = object;
    (void)number;
    self->conn = conn_new(sim, self, true, deliver, broken);
    msg_t *msg = msg_new(sim);
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = 1, .key = self->batch->key, .retries = 3 } };
    msg_copy(msg, &open);
    for (uint64_t i = 0; i < RECORDS; i++) {
        put_chunk(self, msg, i);
    }
    conn_send(sim, self->conn, msg, true);
}

greedy_t *greedy_new(sim_t *sim)
{
    greedy_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->batch = answers_new_batch(sim, RECORDS);
    self->batch->poison = self->batch->long_job = UINT64_MAX;
    self->batch->is_careless = true;
    agenda_add(&sim->agenda, sim_below(sim, sim->plan.fault_us), act, self, 0);
    return self;
}

void greedy_destroy(sim_t *sim, greedy_t **self_p)
{
    greedy_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    conn_close(sim, &self->conn);
    free(self);
}
