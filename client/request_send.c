// What of a batch goes to the broker: chunks, for the first time and again, its end, and what the
// application is done with.
#include "client/request.h"
#include "client/stored.h"

// The data of jobs `part` of a chunk that needs others: `data` with the pairs in front.
static bool put_needs(const dcalc_chunk_t *chunk, dc_str_t inputs, dc_buf_t *data)
{
    for (uint32_t i = 0; i < chunk->need_count; i++) {
        dc_range_t pair = { chunk->needs[i].first, chunk->needs[i].end };
        dc_wire_put_range(data, &pair);
    }
    dc_buf_append_str(data, inputs);
    return !data->failed;
}

static uint8_t chunk_flags(const dcalc_chunk_t *chunk)
{
    return (uint8_t)((chunk->record ? DC_CHUNK_RECORD : 0) | (chunk->needed ? DC_CHUNK_NEEDED : 0));
}

// Send jobs [first, end) of a chunk, and before them what they need, where the broker may not have
// it. False if there is no room, or no memory.
static bool send_part(dc_request_t *self, dc_session_t *session, const dc_sent_chunk_t *chunk,
                      dc_range_t part, dc_outcome_t *out)
{
    dc_cmd_t cmd = {
        .type = DC_CMD_CHUNK,
        .chunk = {
            .handle = (uint32_t)self->id,
            .count = (uint32_t)(part.end - part.first),
            .first = part.first,
            .width = chunk->chunk.width,
            .need_count = (uint16_t)chunk->chunk.need_count,
            .flags = chunk_flags(&chunk->chunk),
        },
        .data = dc_sent_part(chunk, part.first, part.end),
    };
    dc_buf_t data = { 0 };
    bool is_made = true;
    if (chunk->chunk.need_count) {
        is_made = dc_given_send(&self->given, session, (uint32_t)self->id, &chunk->chunk, out) &&
                  put_needs(&chunk->chunk, cmd.data.bytes, &data);
        cmd.data = (dc_slice_t){ .bytes = dc_buf_str(&data) };
    }
    size_t cost = is_made ? dc_wire_cost(&cmd) - DC_CHUNK_COST_BYTES : 0;
    bool has_room = is_made && cost <= dc_session_room(session);
    bool is_joined = has_room && self->is_short && dc_session_join(session, &cmd, out);
    bool is_sent = has_room && !is_joined && dc_session_send(session, &cmd, out);
    if (is_sent) dc_session_count_chunk(session, cost);
    dc_buf_fini(&data);
    return is_joined || is_sent;
}

// The first jobs that must be sent again and still have no answer; those before are crossed out.
static dc_sent_chunk_t *next_lack(dc_request_t *self, dc_range_t *lack)
{
    while (dc_ranges_next_run(&self->lacks, 0, UINT64_MAX, lack)) {
        dc_sent_chunk_t *chunk = dc_sent_next(&self->sent, lack->first);
        uint64_t end = chunk ? dc_min_u64(lack->end, dc_sent_end(chunk)) : lack->end;
        uint64_t from = chunk ? dc_max_u64(lack->first, chunk->chunk.first) : end;
        if (from < end && dc_ranges_next_gap(&chunk->answered, from, end, lack)) return chunk;
        // Cutting off the front of a range needs no memory.
        if (!dc_ranges_remove(&self->lacks, lack->first, end)) return NULL;
    }
    return NULL;
}

// Send again what the broker lacks. True if there is more than there is room for.
static bool send_lacks(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    dc_range_t lack;
    dc_sent_chunk_t *chunk;
    while ((chunk = next_lack(self, &lack))) {
        if (!send_part(self, session, chunk, lack, out)) return true;
        if (!dc_ranges_remove(&self->lacks, 0, lack.end)) return true;
    }
    return false;
}

// Some of the jobs `all`, a chunk, were committed when somebody sent them before, under the same
// key: only the rest of them is sent.
static void send_rest(dc_request_t *self, dc_session_t *session, dc_range_t all, dc_outcome_t *out)
{
    dc_range_t part = { .end = all.first };
    while (dc_ranges_next_gap(&self->done, part.end, all.end, &part)) {
        if (!dc_ranges_add(&self->lacks, part.first, part.end)) session->is_broken = true;
    }
    part.end = all.first;
    while (dc_ranges_next_run(&self->done, part.end, all.end, &part)) {
        dc_stored_commit(self, session, part.first, part.end);
    }
    send_lacks(self, session, out);
}

dc_err_t dc_request_send(dc_request_t *self, dc_session_t *session, dcalc_chunk_t *chunk,
                         const dc_slice_t *data, dc_outcome_t *out)
{
    dc_sent_chunk_t *sent = dc_sent_push(&self->sent, chunk, data);
    if (!sent) return DC_ERR_NOMEM;
    dc_range_t all = { chunk->first, dc_sent_end(sent) };
    if (dc_ranges_count_in(&self->done, all.first, all.end)) {
        send_rest(self, session, all, out);
        return DC_OK;
    }
    if (send_part(self, session, sent, all, out)) return DC_OK;
    dc_sent_pop(&self->sent);
    return DC_ERR_NOMEM;
}

// May the broker find the template too long? OPENED tells. What is detached and closed is kept, so
// it is not closed before: of what is refused nothing is to stay.
static bool may_be_refused(const dc_request_t *self)
{
    return self->kind == DC_REQUEST_DETACHED && self->template_bytes && !self->is_admitted;
}

static void send_close(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    if (!self->is_closed || self->is_close_sent || self->kind == DC_REQUEST_ATTACHED) return;
    if (may_be_refused(self)) return;
    dc_cmd_t cmd = {
        .type = DC_CMD_CLOSE,
        .close = { .handle = (uint32_t)self->id, .jobs = self->sent.jobs },
    };
    self->is_close_sent = dc_session_send(session, &cmd, out);
}

static void send_ack(dc_request_t *self, dc_session_t *session, dc_range_t range, dc_outcome_t *out)
{
    if (range.first == range.end) return;
    dc_cmd_t cmd = {
        .type = DC_CMD_ACK,
        .ack = { .handle = (uint32_t)self->id, .first = range.first, .end = range.end },
    };
    // One that cannot be sent is made good by the next session, which does not open these chunks.
    dc_session_send(session, &cmd, out);
}

bool dc_request_pump(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    if (!self->is_in_session || self->state == DC_REQUEST_AGAIN) return false;
    send_ack(self, session, self->ack, out);
    self->ack = (dc_range_t){ 0 };
    if (self->lacks.count && send_lacks(self, session, out)) return true;
    send_close(self, session, out);
    return false;
}

// --- acknowledging -----------------------------------------------------------------------------

// Have all jobs of [first, end) an answer? Those of chunks that are done have.
static bool are_answered(const dc_request_t *self, uint64_t first, uint64_t end)
{
    dc_sent_chunk_t *chunk;
    while (first < end && (chunk = dc_sent_next(&self->sent, first)) && chunk->chunk.first < end) {
        uint64_t from = dc_max_u64(first, chunk->chunk.first);
        uint64_t to = dc_min_u64(end, dc_sent_end(chunk));
        if (dc_ranges_count_in(&chunk->answered, from, to) != to - from) return false;
        first = dc_sent_end(chunk);
    }
    return true;
}

// The broker is to be told that jobs `done` are done with. What meets is told together.
static void note_done(dc_request_t *self, dc_session_t *session, dc_range_t done, dc_outcome_t *out)
{
    if (!self->is_in_session) return;
    bool is_any = self->ack.first < self->ack.end;
    if (is_any && self->ack.first <= done.end && done.first <= self->ack.end) {
        done.first = dc_min_u64(done.first, self->ack.first);
        done.end = dc_max_u64(done.end, self->ack.end);
    } else if (is_any) {
        send_ack(self, session, self->ack, out);
    }
    self->ack = done;
}

dc_err_t dc_request_ack(dc_request_t *self, dc_session_t *session, uint64_t first, uint64_t end,
                        dc_outcome_t *out)
{
    if (self->kind == DC_REQUEST_DETACHED) return DC_ERR_INVALID;
    if (first > end || end > self->sent.jobs) return DC_ERR_INVALID;
    if (!are_answered(self, first, end)) return DC_ERR_INVALID;
    if (!dc_ranges_add(&self->done, first, end)) return DC_ERR_NOMEM;
    dc_sent_chunk_t *chunk;
    while (first < end && (chunk = dc_sent_next(&self->sent, first)) && chunk->chunk.first < end) {
        const dc_range_t *done = dc_ranges_find(&self->done, chunk->chunk.first);
        first = dc_sent_end(chunk);
        if (!done || done->end < first) continue;
        dc_sent_remove(&self->sent, chunk);
        // The broker drops what lies within it, and may have chunks that are of several here.
        note_done(self, session, *done, out);
    }
    return DC_OK;
}

void dc_request_finish(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    if (!self->is_in_session) return;
    self->is_in_session = false;
    if (dc_request_is_complete(self)) {
        // All of it, since a broker that came later knows nothing of what was acknowledged before.
        send_close(self, session, out);
        send_ack(self, session, (dc_range_t){ 0, self->sent.jobs }, out);
        return;
    }
    dc_cmd_t cmd = { .type = DC_CMD_CANCEL, .cancel = { .handle = (uint32_t)self->id } };
    dc_session_send(session, &cmd, out);
}
