#include "client/request.h"

#include <stdlib.h>

#include "client/requests.h"
#include "client/stored.h"
#include "common/bytes.h"
#include "common/program.h"

// A decoded program is at most some ten times its frame.
#define ARENA_BYTES_MAX ((size_t)32 * DC_PROGRAM_BYTES_MAX)

// What the program allows a job, for the broker to hold a job that forks to. A program that cannot
// be read is a fault of each of its jobs, whatever is allowed. False if memory is short.
static bool read_limits(dc_request_t *self)
{
    dc_arena_t arena;
    dc_program_t program;
    dc_diag_t diag;
    dc_arena_init(&arena, ARENA_BYTES_MAX);
    dc_err_t err = dc_program_decode(&program, self->program.bytes, &arena, &diag);
    if (!err) {
        self->steps_max = dc_max_u64(program.steps_max, 1);
        bool has_timeout = program.timeout_ms && program.timeout_ms < UINT32_MAX;
        self->timeout_ms = has_timeout ? (uint32_t)program.timeout_ms : UINT32_MAX;
    }
    dc_arena_fini(&arena);
    return err != DC_ERR_NOMEM;
}

static uint8_t copy_text(char *to, size_t capacity, const char *from)
{
    dc_str_t text = dc_str_from(from);
    size_t len = dc_min_size(text.len, capacity);
    if (len) memcpy(to, text.data, len);
    return (uint8_t)len;
}

static bool copy_after(dc_request_t *self, const dcalc_batch_options_t *options)
{
    if (options->after_count == 0) return true;
    self->after = calloc(options->after_count, sizeof *self->after);
    if (!self->after) return false;
    memcpy(self->after, options->after, options->after_count * sizeof *self->after);
    self->after_count = (uint32_t)options->after_count;
    return true;
}

dc_request_t *dc_request_new(dcalc_id_t id, const dc_key_t *key,
                             const dcalc_batch_options_t *options)
{
    dc_request_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_slice_t program = { .bytes = dc_str(options->program, options->program_bytes) };
    if (!dc_slice_keep(&program, &self->program)) {
        free(self);
        return NULL;
    }
    self->id = id;
    self->kind = options->detached ? DC_REQUEST_DETACHED : DC_REQUEST_INTERACTIVE;
    self->key = *key;
    self->is_keyed = options->key != NULL;
    self->options = *options;
    self->options.program = NULL;
    self->options.name = self->options.tag = self->options.key = NULL;
    self->options.after = NULL;
    self->name_bytes = copy_text(self->name, sizeof self->name, options->name);
    self->tag_bytes = copy_text(self->tag, sizeof self->tag, options->tag);
    dc_sent_init(&self->sent);
    dc_ranges_init(&self->lacks);
    dc_ranges_init(&self->committed);
    if (!copy_after(self, options) || !read_limits(self)) dc_request_destroy(&self);
    return self;
}

void dc_request_destroy(dc_request_t **self_p)
{
    dc_request_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_slice_drop(&self->program);
    dc_sent_fini(&self->sent);
    dc_given_fini(&self->given);
    free(self->after);
    dc_ranges_fini(&self->lacks);
    dc_ranges_fini(&self->committed);
    free(self);
}

// --- a session ---------------------------------------------------------------------------------

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
    uint64_t passed_ms = now - self->opened_at;
    if (!deadline_ms) return 0;
    return deadline_ms > passed_ms ? deadline_ms - passed_ms : 1;
}

static uint8_t open_flags(const dc_request_t *self)
{
    // Who opens it again may have seen it released.
    bool is_held = self->options.held && !self->was_opened;
    return (uint8_t)((self->was_opened ? DC_OPEN_AGAIN : 0) |
                     (self->options.columns ? DC_OPEN_COLUMNS : 0) |
                     (self->options.detached ? DC_OPEN_DETACHED : 0) |
                     (self->options.verify ? DC_OPEN_VERIFY : 0) |
                     (self->options.after_any ? DC_OPEN_AFTER_ANY : 0) |
                     (self->has_failed ? DC_OPEN_FAULTY : 0) | (is_held ? DC_OPEN_HELD : 0));
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

void dc_request_open(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    if (self->kind == DC_REQUEST_ATTACHED) {
        dc_stored_attach(self, session, out);
        return;
    }
    // What the broker has of the batch must be known first, where it may have something.
    bool is_known = self->was_opened || self->is_keyed;
    bool lacks_results = self->was_opened && self->kind == DC_REQUEST_INTERACTIVE;
    dc_buf_t data = { 0 };
    dc_buf_append(&data, self->name, self->name_bytes);
    dc_buf_append(&data, self->tag, self->tag_bytes);
    uint32_t lack_count = lacks_results ? put_unanswered(self, &data) : 0;
    uint16_t after_count = put_after(self, &data);
    dc_cmd_t cmd = {
        .type = DC_CMD_OPEN,
        .open = {
            .handle = (uint32_t)self->id,
            .key = self->key,
            .flags = open_flags(self),
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
        .data = { .bytes = dc_buf_str(&data) },
        .program = self->program,
    };
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

bool dc_request_opened(dc_request_t *self, dc_session_t *session, dc_str_t ranges)
{
    self->refused_at = 0;
    self->refusals = 0;
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

// When a batch that is refused may be asked for again: when the broker said, or a little later, lest a
// thousand clients that were told the same ask at once; where it said nothing, later each time.
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
    if (!self->refused_at) self->refused_at = session->now;
    self->retry_at = retry_time(self, session, retry_ms);
}

// --- sending -----------------------------------------------------------------------------------

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
    bool is_sent =
        is_made && cost <= dc_session_room(session) && dc_session_send(session, &cmd, out);
    if (is_sent) dc_session_count_chunk(session, cost);
    dc_buf_fini(&data);
    return is_sent;
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
    while (dc_ranges_next_gap(&self->committed, part.end, all.end, &part)) {
        if (!dc_ranges_add(&self->lacks, part.first, part.end)) session->is_broken = true;
    }
    part.end = all.first;
    while (dc_ranges_next_run(&self->committed, part.end, all.end, &part)) {
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
    if (dc_ranges_count_in(&self->committed, all.first, all.end)) {
        send_rest(self, session, all, out);
        return DC_OK;
    }
    if (send_part(self, session, sent, all, out)) return DC_OK;
    dc_sent_pop(&self->sent);
    return DC_ERR_NOMEM;
}

static void send_close(dc_request_t *self, dc_session_t *session, dc_outcome_t *out)
{
    if (!self->is_closed || self->is_close_sent || self->kind == DC_REQUEST_ATTACHED) return;
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

// The broker is to be told that chunks in [first, end) are done with. Neighbours are told together.
static void note_done(dc_request_t *self, dc_session_t *session, dc_range_t done, dc_outcome_t *out)
{
    if (!self->is_in_session) return;
    if (self->ack.first == self->ack.end) {
        self->ack = done;
    } else if (self->ack.end == done.first) {
        self->ack.end = done.end;
    } else if (self->ack.first == done.end) {
        self->ack.first = done.first;
    } else {
        send_ack(self, session, self->ack, out);
        self->ack = done;
    }
}

dc_err_t dc_request_ack(dc_request_t *self, dc_session_t *session, uint64_t first, uint64_t end,
                        dc_outcome_t *out)
{
    if (self->kind == DC_REQUEST_DETACHED) return DC_ERR_INVALID;
    if (first > end || end > self->sent.jobs) return DC_ERR_INVALID;
    if (!are_answered(self, first, end)) return DC_ERR_INVALID;
    dc_sent_chunk_t *chunk;
    while (first < end && (chunk = dc_sent_next(&self->sent, first)) && chunk->chunk.first < end) {
        dc_range_t whole = { chunk->chunk.first, dc_sent_end(chunk) };
        uint64_t from = dc_max_u64(first, whole.first);
        uint64_t to = dc_min_u64(end, whole.end);
        bool is_done;
        if (!dc_sent_ack(&self->sent, chunk, from, to, &is_done)) return DC_ERR_NOMEM;
        if (is_done) note_done(self, session, whole, out);
        first = whole.end;
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

// --- checking ----------------------------------------------------------------------------------

static const char *audit_chunk(const dc_sent_chunk_t *chunk)
{
    uint64_t first = chunk->chunk.first;
    uint64_t end = dc_sent_end(chunk);
    if (dc_ranges_count_in(&chunk->answered, first, end) != chunk->answered.count) {
        return "an answer for a job that its chunk does not have";
    }
    if (chunk->acked.count >= chunk->chunk.jobs) return "a chunk that is done with is kept";
    dc_range_t run = { .end = first };
    while (dc_ranges_next_run(&chunk->acked, run.end, end, &run)) {
        if (dc_ranges_count_in(&chunk->answered, run.first, run.end) != run.end - run.first) {
            return "a job is acknowledged that has no answer";
        }
    }
    return NULL;
}

// What has its receipt is not kept, nor sent again.
static const char *audit_committed(const dc_request_t *self)
{
    dc_sent_chunk_t *chunk;
    for (uint64_t at = 0; (chunk = dc_sent_next(&self->sent, at)); at = dc_sent_end(chunk)) {
        uint64_t committed =
            dc_ranges_count_in(&self->committed, chunk->chunk.first, dc_sent_end(chunk));
        if (committed != chunk->answered.count) return "receipts and what is kept do not add up";
    }
    return NULL;
}

const char *dc_request_audit(const dc_request_t *self)
{
    uint64_t bytes = 0;
    uint64_t unanswered = 0;
    dc_sent_chunk_t *chunk;
    for (uint64_t at = 0; (chunk = dc_sent_next(&self->sent, at)); at = dc_sent_end(chunk)) {
        const char *why = audit_chunk(chunk);
        if (why) return why;
        bytes += dc_sent_cost(&chunk->chunk);
        unanswered += chunk->chunk.jobs - chunk->answered.count;
    }
    if (bytes != self->sent.bytes) return "the bytes of a batch's chunks do not add up";
    if (self->sent.answered + unanswered != self->sent.jobs) {
        return "the answered and unanswered jobs of a batch do not add up";
    }
    if (self->state != DC_REQUEST_OVER && dc_request_is_complete(self)) {
        return "a batch that is complete is not over";
    }
    if (self->kind == DC_REQUEST_DETACHED) return audit_committed(self);
    return NULL;
}
