#include "broker/core/kept/pending.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/kept/keep.h"

// While too many results are on their way, nothing detached is leased.
static void count_pending(dc_core_t *self, const dc_store_op_t *op, int sign)
{
    size_t bytes = sign > 0 ? op->cost : (size_t)0 - op->cost;
    self->pending_bytes += bytes;
    if (op->what == DC_STORE_RESULT) self->keeper.unacked_bytes += bytes;
    if (sign < 0) self->is_dispatch_due = true;
}

// How long `op` may wait for others: while clients wait for answers there are to be fewer commits.
static uint32_t patience_ms(const dc_core_t *self, const dc_store_op_t *op)
{
    bool is_asked = self->now - self->asked_ms < DC_STORE_ASKED_MS;
    bool is_urgent = op->what == DC_STORE_READ || op->cost > DC_STORE_PATIENT_BYTES;
    if (!is_asked || is_urgent) return op->patience_ms;
    return op->patience_ms > DC_STORE_PATIENCE_MS ? op->patience_ms : DC_STORE_PATIENCE_MS;
}

void dc_pending_put(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions)
{
    dc_store_op_t *op = *op_p;
    op->cost = dc_store_op_bytes(op);
    op->patience_ms = patience_ms(self, op);
    count_pending(self, op, 1);
    dc_actions_store(actions, op_p);
}

void dc_pending_count_back(dc_core_t *self, const dc_store_op_t *op)
{
    count_pending(self, op, -1);
}

dc_store_op_t *dc_pending_make(dc_store_what_t what, uint64_t batch, dc_peer_t peer,
                               uint32_t handle, const char *json)
{
    dc_store_op_t *op = dc_store_op_new(what, batch);
    if (!op) return NULL;
    op->peer = peer;
    op->handle = handle;
    dc_slice_t text = { NULL, dc_str_from(json) };
    if (peer && !dc_slice_keep(&text, &op->reply)) dc_store_op_destroy(&op);
    return op;
}

void dc_pending_log_short(const dc_batch_t *batch, const char *what, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_ERROR, "not stored batch=b%llu what=%s error=no-memory",
                   (unsigned long long)batch->number, what);
}

void dc_pending_answer(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    const dc_client_t *client = dc_sessions_find(self, op->peer);
    if (!client) return;
    if (op->error != DC_OK) {
        dc_refuse(client, op->handle, op->error, actions, "%s", dc_err_text(op->error));
        return;
    }
    if (op->what == DC_STORE_DELETE && op->reply.bytes.len == 0) {
        dc_refuse_unknown(client, op->handle, op->batch, actions);
        return;
    }
    dc_cmd_t reply = { .type = DC_CMD_REPLY, .reply = { .handle = op->handle }, .data = op->reply };
    dc_actions_to_client(actions, client->peer, &reply);
}

void dc_pending_put_later(dc_core_t *self, dc_store_op_t **op_p)
{
    count_pending(self, *op_p, 1);
    if (!self->unstored.first) self->retry_ms = self->now + DC_STORE_RETRY_MS;
    self->unstored_error = (*op_p)->error;
    (*op_p)->error = DC_OK;
    dc_store_queue_push(&self->unstored, *op_p);
    *op_p = NULL;
}

void dc_pending_tick(dc_core_t *self, dc_actions_t *actions)
{
    if (!self->unstored.first || self->now < self->retry_ms) return;
    dc_store_op_t *op;
    while ((op = dc_store_queue_pop(&self->unstored))) {
        if (op->what == DC_STORE_DELETE || dc_keep_find(self, op->batch)) {
            dc_actions_store(actions, &op); // it is counted still
        } else {
            count_pending(self, op, -1);
            dc_store_op_destroy(&op);
        }
    }
}
