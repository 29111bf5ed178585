// A batch in a session: how the broker is told of it, and what follows from its answer.
#include "client/request.h"
#include "client/requests.h"
#include "client/stored.h"
#include "common/bytes.h"

// Append the jobs that were sent and have no answer; returns how many ranges these are.
static uint32_t put_unanswered(const dc_request_t *self, dc_buf_t *data)
{
    uint32_t count = 0;
    dc_sent_chunk_t *chunk;
    for (uint64_t at = 0; (chunk = dc_sent_next(&self->sent, at)); at = dc_sent_end(chunk)) {
        dc_range_t gap = { .end = chunk->chunk.first };
        while (dc_ranges_next_gap(&chunk->answered, gap.end, dc_sent_end(chunk), &gap)) {
            bool is_rest = count == DC_REQUESTS_LACKS_MAX - 1;
            if (is_rest) gap.end = self->sent.jobs;
            dc_wire_put_range(data, &gap);
            count++;
            if (is_rest) return count;
        }
    }
    return count;
}

// How long the batch has from now; 0: as long as it takes.
static uint64_t time_left(const dc_request_t *self, dc_ms_t now)
{
    uint64_t deadline_ms = self->options.deadline_ms;
    uint64_t passed_ms = now - self->opened_ms;
    if (!deadline_ms) return 0;
    return deadline_ms > passed_ms ? deadline_ms - passed_ms : 1;
}

static uint16_t open_flags(const dc_request_t *self, const dc_session_t *session)
{
    // Who opens it again may have seen it released.
    bool is_held = self->options.held && !self->was_opened;
    return (uint16_t)((self->was_opened ? DC_OPEN_AGAIN : 0) |
                      (self->options.columns ? DC_OPEN_COLUMNS : 0) |
                      (self->options.detached ? DC_OPEN_DETACHED : 0) |
                      (self->options.verify ? DC_OPEN_VERIFY : 0) |
                      (self->options.after_any ? DC_OPEN_AFTER_ANY : 0) |
                      (self->has_failed ? DC_OPEN_FAULTY : 0) | (is_held ? DC_OPEN_HELD : 0) |
                      (self->is_keyed && !self->sent.jobs ? DC_OPEN_DIGEST : 0) |
                      (session->settings.wants_workers ? DC_OPEN_WORKERS : 0));
}

// Append whom it comes after and still waits for; returns how many these are.
static uint16_t put_after(const dc_request_t *self, dc_buf_t *data)
{
    if (self->is_released) return 0;
    for (uint32_t i = 0; i < self->after_count; i++) {
        char bytes[8];
        dc_put_u64(bytes, self->after[i]);
        dc_buf_append(data, bytes, sizeof bytes);
    }
    return (uint16_t)self->after_count;
}

// The OPEN of the batch, whose variable parts are in `data`.
static dc_cmd_t make_open(const dc_request_t *self, const dc_session_t *session, dc_buf_t *data)
{
    bool lacks_results = self->was_opened && self->kind == DC_REQUEST_INTERACTIVE;
    dc_buf_append(data, self->name, self->name_bytes);
    dc_buf_append(data, self->tag, self->tag_bytes);
    uint32_t lack_count = lacks_results ? put_unanswered(self, data) : 0;
    uint16_t after_count = put_after(self, data);
    return (dc_cmd_t){
        .type = DC_CMD_OPEN,
        .open = {
            .handle = (uint32_t)self->id,
            .key = self->key,
            .flags = open_flags(self, session),
            .priority = (uint8_t)self->options.priority,
            .retries = self->options.retries,
            .name_bytes = self->name_bytes,
            .tag_bytes = self->tag_bytes,
            .lack_count = lack_count,
            .number = self->number,
            .session = (uint32_t)session->session_count,
            .steps_max = self->steps_max,
            .timeout_ms = self->timeout_ms,
            .deadline_ms = time_left(self, session->now),
            .keep_ms = self->options.keep_ms,
            .after_count = after_count,
        },
        .data = { .bytes = dc_buf_str(data) },
        .program = self->program,
    };
}

void dc_request_open(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    if (self->kind == DC_REQUEST_ATTACHED) {
        dc_stored_attach(self, session, out);
        return;
    }
    // What the broker has of the batch must be known first, where it may have something.
    bool is_known = self->was_opened || self->is_keyed;
    dc_buf_t data = { 0 };
    dc_cmd_t cmd = make_open(self, session, &data);
    dc_request_leave_session(self);
    if (data.failed) session->is_broken = true;
    if (!data.failed && dc_session_send(session, &cmd, out)) {
        self->state = is_known ? DC_REQUEST_AGAIN : DC_REQUEST_OPEN;
        self->was_opened = true;
        self->is_in_session = true;
    }
    dc_buf_fini(&data);
}

void dc_request_leave_session(dc_request_t *self)
{
    self->is_in_session = false;
    self->is_close_sent = false;
    self->ack = (dc_range_t){ 0 };
    dc_ranges_clear(&self->lacks);
    if (self->state != DC_REQUEST_OVER) self->state = DC_REQUEST_NEW;
}

// Note what of `chunk` the broker neither answered nor has.
static bool note_lacks(dc_request_t *self, const dc_sent_chunk_t *chunk, const dc_ranges_t *has)
{
    dc_range_t open = { .end = chunk->chunk.first };
    while (dc_ranges_next_gap(&chunk->answered, open.end, dc_sent_end(chunk), &open)) {
        dc_range_t gap = { .end = open.first };
        while (dc_ranges_next_gap(has, gap.end, open.end, &gap)) {
            if (!dc_ranges_add(&self->lacks, gap.first, gap.end)) return false;
        }
    }
    return true;
}

static bool find_lacks(dc_request_t *self, const dc_ranges_t *has)
{
    dc_sent_chunk_t *chunk;
    for (uint64_t at = 0; (chunk = dc_sent_next(&self->sent, at)); at = dc_sent_end(chunk)) {
        if (!note_lacks(self, chunk, has)) return false;
    }
    return true;
}

bool dc_request_read_ranges(dc_str_t pairs, dc_ranges_t *ranges)
{
    for (size_t i = 0; i < pairs.len / DC_WIRE_RANGE_BYTES; i++) {
        dc_range_t range = dc_wire_get_range(pairs, i);
        if (!dc_ranges_add(ranges, range.first, range.end)) return false;
    }
    return true;
}

void dc_request_let_in(dc_request_t *self)
{
    self->refused_ms = 0;
    self->refusals = 0;
}

bool dc_request_opened(dc_request_t *self, dc_session_t *session, dc_str_t ranges)
{
    // There may be room for a detached batch, and none for its jobs: a receipt says that there is.
    bool lacks_receipt = self->kind == DC_REQUEST_DETACHED && self->sent.answered < self->sent.jobs;
    if (!lacks_receipt) dc_request_let_in(self);
    if (self->state != DC_REQUEST_AGAIN) return true;
    self->state = DC_REQUEST_OPEN;
    if (self->kind == DC_REQUEST_ATTACHED) return true;
    if (self->kind == DC_REQUEST_DETACHED && !dc_stored_opened(self, session, ranges)) return false;
    dc_ranges_t has;
    dc_ranges_init(&has);
    bool is_noted = dc_request_read_ranges(ranges, &has) && find_lacks(self, &has);
    if (!is_noted) session->is_broken = true;
    dc_ranges_fini(&has);
    return true;
}

// When a batch that is refused may be asked for again: when the broker said, or a little later,
// lest a thousand clients that were told the same ask at once; where it said nothing, later each
// time.
static dc_ms_t retry_time(dc_request_t *self, dc_session_t *session, uint32_t retry_ms)
{
    uint32_t refusals = self->refusals++;
    if (retry_ms == 0) {
        return session->now + dc_session_delay(session, DC_REQUESTS_BUSY_MS_MIN,
                                               DC_REQUESTS_BUSY_MS_MAX, refusals);
    }
    uint64_t wait_ms = dc_min_u64(retry_ms, DC_REQUESTS_RETRY_MS_MAX);
    return session->now + wait_ms + dc_rng_below(&session->rng, wait_ms / 4 + 1);
}

void dc_request_refused(dc_request_t *self, dc_session_t *session, uint32_t retry_ms)
{
    dc_request_leave_session(self);
    self->state = DC_REQUEST_REFUSED;
    if (!self->refused_ms) self->refused_ms = session->now;
    self->again_ms = retry_time(self, session, retry_ms);
}
