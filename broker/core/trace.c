#include "broker/core/trace.h"

#include "broker/core/schedule/lane.h"

static void put_peer(char kind, dc_peer_t peer, dc_buf_t *out)
{
    dc_buf_printf(out, "%c%llu", kind, (unsigned long long)peer);
}

static void put_result(const dc_store_op_t *op, dc_buf_t *out)
{
    dc_buf_printf(out, " at=%llu answered=%llu", (unsigned long long)op->result.first,
                  (unsigned long long)op->result.answered);
    dc_wire_words_put_number("failed", op->result.failed, out);
}

// What an operation of the store does, its batch, its fields.
static void put_store_op(const dc_store_op_t *op, dc_buf_t *out)
{
    const char *of = op->what == DC_STORE_NUMBERS ? "up to " : "";
    dc_buf_printf(out, "%s %sb%llu", dc_store_op_name(op->what), of, (unsigned long long)op->batch);
    switch (op->what) {
    case DC_STORE_BATCH:
        dc_buf_printf(out, " key=%02x%02x", op->opened.key.bytes[0], op->opened.key.bytes[1]);
        dc_wire_words_put_number("afters", op->awaited.bytes.len / 8, out);
        break;
    case DC_STORE_CHUNK:
        dc_buf_append_text(out, " jobs=");
        dc_wire_words_put_jobs(op->chunk.first, op->chunk.first + op->chunk.count, out);
        dc_wire_words_put_number("needs", op->awaited.bytes.len / DC_WIRE_RANGE_BYTES, out);
        break;
    case DC_STORE_CLOSE: dc_wire_words_put_number("jobs", op->close.jobs, out); break;
    case DC_STORE_TERMS:
        dc_buf_printf(out, " priority=%d", dc_priority_of(op->terms.level));
        if (op->terms.is_held) dc_buf_append_text(out, " held");
        dc_wire_words_put_number("deadline", op->terms.deadline_date, out);
        break;
    case DC_STORE_SPOILED: dc_buf_printf(out, " chunk=%u", (unsigned)op->spoiled.chunk); break;
    case DC_STORE_MET: dc_buf_printf(out, " index=%u", (unsigned)op->met.index); break;
    case DC_STORE_RESULT: put_result(op, out); break;
    case DC_STORE_END: dc_wire_words_put_error(op->end.error, out); break;
    case DC_STORE_DELETE:
    case DC_STORE_NUMBERS: break;
    case DC_STORE_READ:
        dc_buf_printf(out, " %s at=%llu", op->read.is_of_result ? "result" : "input",
                      (unsigned long long)op->read.first);
        dc_wire_words_put_number("offset", op->read.offset, out);
        break;
    }
    dc_wire_words_put_number("data", op->data.bytes.len, out);
    dc_wire_words_put_error(op->error, out);
}

void dc_trace_event(const dc_event_t *event, dc_buf_t *out)
{
    if (event->type == DC_EVENT_STORED || event->type == DC_EVENT_FOUND) {
        const dc_store_op_t *op = event->type == DC_EVENT_STORED ? *event->op : event->found;
        dc_buf_append_text(out, event->type == DC_EVENT_STORED ? "stored " : "found ");
        if (op) put_store_op(op, out);
        return;
    }
    if (event->type == DC_EVENT_TICK || event->type == DC_EVENT_STOP ||
        event->type == DC_EVENT_FAREWELL) {
        dc_buf_append_text(out, event->type == DC_EVENT_TICK   ? "tick"
                                : event->type == DC_EVENT_STOP ? "stop"
                                                               : "farewell");
        return;
    }
    bool is_client = event->type == DC_EVENT_CLIENT || event->type == DC_EVENT_CLIENT_GONE;
    bool is_gone = event->type == DC_EVENT_CLIENT_GONE || event->type == DC_EVENT_WORKER_GONE;
    put_peer(is_client ? 'c' : 'w', event->peer, out);
    dc_buf_append_char(out, ' ');
    if (is_gone) {
        dc_buf_append_text(out, "gone");
    } else {
        dc_wire_put_words(event->cmd, out);
    }
}

void dc_trace_action(const dc_action_t *action, dc_buf_t *out)
{
    dc_buf_append_text(out, "> ");
    switch (action->type) {
    case DC_ACTION_TO_CLIENT: put_peer('c', action->peer, out); break;
    case DC_ACTION_TO_WORKER: put_peer('w', action->peer, out); break;
    case DC_ACTION_FORGET_CLIENT:
        dc_buf_append_text(out, "forget ");
        put_peer('c', action->peer, out);
        return;
    case DC_ACTION_FORGET_WORKER:
        dc_buf_append_text(out, "forget ");
        put_peer('w', action->peer, out);
        return;
    case DC_ACTION_STORE:
        dc_buf_append_text(out, "store ");
        put_store_op(action->op, out);
        return;
    case DC_ACTION_LOG:
        dc_buf_append_text(out, "log ");
        dc_buf_append_str(out, action->cmd.data.bytes);
        return;
    }
    dc_buf_append_char(out, ' ');
    dc_wire_put_words(&action->cmd, out);
}
