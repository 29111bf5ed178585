#include "client/stored.h"

#include <stdlib.h>

// --- detached ----------------------------------------------------------------------------------

// Jobs [first, end) of `chunk` need no answer any more. False if memory is short.
static bool commit_part(dc_sent_t *sent, dc_sent_chunk_t *chunk, uint64_t first, uint64_t end)
{
    uint64_t before = chunk->answered.count;
    if (!dc_ranges_add(&chunk->answered, first, end)) return false;
    sent->answered += chunk->answered.count - before;
    if (chunk->answered.count == chunk->chunk.jobs) dc_sent_remove(sent, chunk);
    return true;
}

static bool commit(dc_request_t *self, uint64_t first, uint64_t end)
{
    if (!dc_ranges_add(&self->done, first, end)) return false;
    dc_sent_chunk_t *chunk;
    while (first < end && (chunk = dc_sent_next(&self->sent, first)) && chunk->chunk.first < end) {
        uint64_t chunk_end = dc_sent_end(chunk);
        uint64_t from = dc_max_u64(first, chunk->chunk.first);
        if (!commit_part(&self->sent, chunk, from, dc_min_u64(end, chunk_end))) return false;
        first = chunk_end;
    }
    return true;
}

void dc_stored_commit(dc_request_t *self, dc_session_t *session, uint64_t first, uint64_t end)
{
    dc_request_let_in(self);
    if (!commit(self, first, end)) session->is_broken = true;
}

// Is every job with a receipt among `has`?
static bool has_all_committed(const dc_request_t *self, const dc_ranges_t *has)
{
    dc_range_t run = { 0 };
    while (dc_ranges_next_run(&self->done, run.end, UINT64_MAX, &run)) {
        if (dc_ranges_count_in(has, run.first, run.end) != run.end - run.first) return false;
    }
    return true;
}

bool dc_stored_opened(dc_request_t *self, dc_session_t *session, dc_str_t ranges)
{
    dc_ranges_t has;
    bool is_whole = true;
    dc_ranges_init(&has);
    if (!dc_request_read_ranges(ranges, &has)) {
        session->is_broken = true;
    } else {
        is_whole = has_all_committed(self, &has);
        for (uint32_t i = 0; i < has.len; i++) {
            dc_stored_commit(self, session, has.list[i].first, has.list[i].end);
        }
    }
    dc_ranges_fini(&has);
    return is_whole;
}

void dc_stored_closed(dc_request_t *self)
{
    self->is_complete = true;
    dc_ranges_clear(&self->lacks);
    dc_sent_fini(&self->sent);
}

// --- attached ----------------------------------------------------------------------------------

dc_request_t *dc_stored_attached_new(dcalc_id_t id, uint64_t number, uint64_t first)
{
    dc_request_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->id = id;
    self->kind = DC_REQUEST_ATTACHED;
    self->number = number;
    self->first = first;
    self->is_closed = true; // the application has nothing to send
    dc_sent_init(&self->sent);
    dc_ranges_init(&self->lacks);
    dc_ranges_init(&self->done);
    dc_theirs_init(&self->theirs);
    return self;
}

// Chunks come in order, so what lacks at the end is all that has not come at all.
static uint64_t first_lacking(const dc_request_t *self)
{
    dc_sent_chunk_t *chunk;
    for (uint64_t at = 0; (chunk = dc_sent_next(&self->sent, at)); at = dc_sent_end(chunk)) {
        dc_range_t gap;
        if (dc_ranges_next_gap(&chunk->answered, chunk->chunk.first, dc_sent_end(chunk), &gap))
            return dc_max_u64(gap.first, self->first);
    }
    return dc_max_u64(self->sent.jobs, self->first);
}

void dc_stored_attach(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    dc_cmd_t cmd = {
        .type = DC_CMD_ATTACH,
        .attach = {
            .handle = (uint32_t)self->id,
            .number = self->number,
            .first = first_lacking(self),
            .flags = DC_ATTACH_INPUTS,
        },
    };
    if (session->settings.wants_workers) cmd.attach.flags |= DC_ATTACH_WORKERS;
    dc_request_leave_session(self);
    if (!dc_session_send(session, &cmd, out)) return;
    self->state = DC_REQUEST_AGAIN;
    self->was_opened = true;
    self->is_in_session = true;
}

dc_err_t dc_stored_input(dc_request_t *self, const dc_cmd_t *cmd)
{
    dc_sent_t *sent = &self->sent;
    uint64_t first = cmd->input.first;
    uint64_t end = first + cmd->input.count;
    dcalc_chunk_t chunk = {
        .size = cmd->data.bytes.len,
        .width = cmd->input.width,
        .record = cmd->input.flags & DC_CHUNK_RECORD,
    };
    if (end < first || !dc_sent_count_jobs(&chunk, cmd->data.bytes)) return DC_ERR_PROTOCOL;
    if (chunk.jobs != cmd->input.count) return DC_ERR_PROTOCOL;
    if (end <= sent->jobs) return DC_OK;
    if (first < sent->jobs) return DC_ERR_PROTOCOL;
    // What lies before was not asked for, or is no part of a batch that ended while it was sent.
    if (!dc_sent_skip(sent, first)) return DC_ERR_PROTOCOL;
    return dc_sent_push(sent, &chunk, &cmd->data) ? DC_OK : DC_ERR_NOMEM;
}
