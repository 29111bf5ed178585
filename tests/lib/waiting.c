#include "tests/lib/waiting.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/bytes.h"

#define NOW_MS 1000000

#define CHUNK_COST (WAITING_TEXT_BYTES + DC_CHUNK_COST_BYTES)

// --- the core ----------------------------------------------------------------------------------

static void step(waiting_t *self, const dc_event_t *event)
{
    dc_core_step(self->core, NOW_MS, event, &self->actions);
    for (size_t i = 0; i < self->actions.len; i++) {
        dc_action_t *action = &self->actions.list[i];
        if (action->cmd.type == DC_CMD_REFUSED) abort();
        if (action->type != DC_ACTION_STORE) continue;
        dc_store_queue_push(&self->store, action->op);
        action->op = NULL;
    }
    dc_actions_clear(&self->actions);
}

static void say(waiting_t *self, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = DC_EVENT_CLIENT, .peer = self->client, .cmd = cmd };
    step(self, &event);
}

static void open_batch(waiting_t *self)
{
    char first_number[8];
    self->client++;
    self->first = 0;
    dc_cmd_t open = { .type = DC_CMD_OPEN, .open = { .handle = 1, .retries = 3 } };
    memcpy(&open.open.key, &self->client, sizeof self->client);
    if (self->kind == WAITING_DETACHED) open.open.flags = DC_OPEN_DETACHED;
    if (self->kind == WAITING_AFTER && self->client > 1) {
        dc_put_u64(first_number, 1);
        open.open.after_count = 1;
        open.data.bytes = dc_str(first_number, sizeof first_number);
    }
    say(self, &open);
}

void waiting_begin(waiting_t *self, waiting_kind_t kind)
{
    dc_settings_t settings = dc_settings_default();
    settings.has_store = true;
    *self = (waiting_t){ .core = dc_core_new(&settings, 1), .kind = kind };
    if (!self->core) abort();
    dc_actions_init(&self->actions);
    dc_store_queue_init(&self->store);
    if (kind == WAITING_AFTER) open_batch(self); // the one that the others come after
}

void waiting_end(waiting_t *self)
{
    dc_core_destroy(&self->core);
    dc_actions_fini(&self->actions);
    dc_store_queue_fini(&self->store);
}

// --- jobs --------------------------------------------------------------------------------------

static void send_job(waiting_t *self)
{
    char text[WAITING_TEXT_BYTES + 1];
    snprintf(text, sizeof text, "1.5*(2.25+%08u)-3/7\n", (unsigned)self->first % 100000000);
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = 1, .first = self->first, .count = 1 },
                       .data = { NULL, dc_str(text, WAITING_TEXT_BYTES) } };
    say(self, &chunk);
    self->first++;
    self->sent++;
}

void waiting_send(waiting_t *self, uint64_t jobs)
{
    // Credit is told a sixteenth at a time: of the last one nobody may know yet.
    const uint64_t credit = DC_CREDIT_BYTES / 16 * 15 / CHUNK_COST;
    bool is_detached = self->kind == WAITING_DETACHED;
    for (; self->sent < jobs; send_job(self)) {
        bool is_spent = self->sent % credit == 0;
        if (is_spent && self->sent && is_detached) waiting_commit(self);
        if (is_spent && (!self->sent || !is_detached)) open_batch(self);
    }
}

void waiting_commit(waiting_t *self)
{
    dc_store_op_t *op;
    while ((op = dc_store_queue_pop(&self->store))) {
        dc_event_t event = { .type = DC_EVENT_STORED, .op = &op };
        step(self, &event);
        dc_store_op_destroy(&op);
    }
}

size_t waiting_heap_bytes(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0;
#else
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
}
