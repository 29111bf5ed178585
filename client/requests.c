#include "client/requests.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/state.h"
#include "client/stored.h"
#include "common/tag.h"

dc_session_settings_t dc_requests_settings_default(void)
{
    return (dc_session_settings_t){
        .heartbeat_ms = DC_HEARTBEAT_MS,
        .liveness_beats = DC_LIVENESS_BEATS,
        .reconnect_ms_min = DC_REQUESTS_RECONNECT_MS_MIN,
        .reconnect_ms_max = DC_REQUESTS_RECONNECT_MS_MAX,
        .inputs_bytes_max = DC_REQUESTS_INPUTS_BYTES_MAX,
    };
}

dc_requests_t *dc_requests_new(const dc_session_settings_t *settings, uint64_t seed)
{
    dc_requests_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_session_init(&self->session, settings, seed);
    self->again_ms = UINT64_MAX;
    return self;
}

dc_request_t *dc_requests_find_batch(const dc_requests_t *self, dcalc_id_t id)
{
    uint64_t key = id;
    dc_request_t *batch = NULL;
    HASH_FIND(hh, self->batches, &key, sizeof key, batch);
    return batch;
}

dc_question_t *dc_requests_find_question(const dc_requests_t *self, dcalc_id_t id)
{
    dc_question_t *question = NULL;
    DL_SEARCH_SCALAR(self->questions, question, id, id);
    return question;
}

void dc_requests_remove_batch(dc_requests_t *self, dc_request_t *batch)
{
    self->inputs_bytes -= batch->sent.bytes;
    if (batch->state != DC_REQUEST_OVER) self->unended_count--;
    HASH_DEL(self->batches, batch);
    dc_request_destroy(&batch);
}

void dc_requests_remove_question(dc_requests_t *self, dc_question_t *question)
{
    DL_DELETE(self->questions, question);
    dc_slice_drop(&question->cmd.data);
    free(question);
}

void dc_requests_destroy(dc_requests_t **self_p)
{
    dc_requests_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    while (self->batches) {
        dc_requests_remove_batch(self, self->batches);
    }
    while (self->questions) {
        dc_requests_remove_question(self, self->questions);
    }
    free(self);
}

bool dc_requests_is_idle(const dc_requests_t *self)
{
    return self->unended_count == 0 && !self->questions;
}

// An id for something new. They are never used twice: 2^32 of them last for years.
static dcalc_id_t next_id(dc_requests_t *self)
{
    if (dc_requests_is_idle(self)) self->wanted_ms = self->session.now;
    return ++self->id_next;
}

// --- what the application wants ----------------------------------------------------------------

static bool are_options_sound(const dcalc_batch_options_t *options)
{
    // What is not kept is neither kept for long nor found again.
    bool is_kind_sound = options->detached || (!options->key && !options->keep_ms);
    bool is_key_sound = !options->key || *options->key;
    if (options->program_bytes && !options->program) return false;
    if (options->after_count && !options->after) return false;
    return options->program_bytes <= DC_PROGRAM_BYTES_MAX && options->priority >= DC_PRIORITY_MIN &&
           options->priority <= DC_PRIORITY_MAX &&
           dc_str_from(options->name).len <= DC_NAME_BYTES_MAX &&
           (!options->tag || !dc_tag_flaw(dc_str_from(options->tag))) &&
           options->after_count <= DC_AFTERS_MAX && is_kind_sound && is_key_sound;
}

// Take `made`, and tell the session of it.
static dc_err_t add_batch(dc_requests_t *self, dc_request_t *made, dcalc_id_t *batch,
                          dc_outcome_t *out)
{
    if (!made) return DC_ERR_NOMEM;
    made->opened_ms = self->session.now;
    HASH_ADD(hh, self->batches, id, sizeof made->id, made);
    if (!DC_MAP_ADDED(made)) {
        dc_request_destroy(&made);
        return DC_ERR_NOMEM;
    }
    self->unended_count++;
    dc_request_open(made, &self->session, out);
    *batch = (dcalc_id_t)made->id;
    return DC_OK;
}

dc_err_t dc_requests_open(dc_requests_t *self, dc_ms_t now, const dc_key_t *key,
                          const dcalc_batch_options_t *options, dcalc_id_t *batch,
                          dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    if (!are_options_sound(options)) return DC_ERR_INVALID;
    return add_batch(self, dc_request_new(next_id(self), key, options), batch, out);
}

dc_err_t dc_requests_attach(dc_requests_t *self, dc_ms_t now, uint64_t number, uint64_t first,
                            dcalc_id_t *batch, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    if (number == 0) return DC_ERR_INVALID;
    return add_batch(self, dc_stored_attached_new(next_id(self), number, first), batch, out);
}

size_t dc_requests_room(const dc_requests_t *self, dcalc_id_t id)
{
    const dc_request_t *batch = dc_requests_find_batch(self, id);
    if (!batch || !dc_request_can_send(batch)) return 0;
    uint64_t kept_max = self->session.settings.inputs_bytes_max;
    // Other batches may have to wait until this one has ended, for room at the broker: they must
    // not stop it by what is kept of them.
    uint64_t others = batch->sent.bytes ? self->inputs_bytes : 0;
    uint64_t kept = others + DC_CHUNK_COST_BYTES;
    size_t room = dc_session_room(&self->session);
    // What waits for other batches leaves room for these: they may be this client's.
    if (batch->after_count && !batch->is_released) {
        kept_max /= 2;
        room -= dc_min_size(room, DC_CREDIT_INITIAL_BYTES / 2);
    }
    return kept < kept_max ? (size_t)dc_min_u64(room, kept_max - kept) : 0;
}

// Are the jobs that `chunk`, the next one, needs in order, before it, and not too many?
static bool are_needs_sound(const dc_request_t *batch, const dcalc_chunk_t *chunk)
{
    uint64_t from = 0;
    uint64_t count = 0;
    if (chunk->need_count > DC_NEEDS_MAX) return false;
    for (uint32_t i = 0; i < chunk->need_count; i++) {
        const dcalc_range_t *range = &chunk->needs[i];
        if (range->first < from || range->end <= range->first) return false;
        from = range->end;
        count += range->end - range->first;
        if (count > DC_NEEDS_MAX) return false;
    }
    return from <= batch->sent.jobs;
}

static dc_err_t send_chunk(dc_requests_t *self, dc_request_t *batch, dcalc_chunk_t *chunk,
                           const dc_slice_t *data, dc_outcome_t *out)
{
    uint64_t before = batch->sent.bytes;
    dc_err_t err = dc_request_send(batch, &self->session, chunk, data, out);
    self->inputs_bytes += batch->sent.bytes - before;
    return err;
}

// What the broker has under the key are other jobs: nothing more is sent, and nothing of it
// cancelled, since it is somebody else's. DC_ERR_NOMEM, nothing changed.
static dc_err_t end_another(dc_requests_t *self, dc_request_t *batch, dc_outcome_t *out)
{
    char text[128];
    unsigned long long count = batch->theirs.jobs.count;
    if (!dc_outcome_reserve(out)) return DC_ERR_NOMEM;
    int len = snprintf(text, sizeof text,
                       "key is in use for another batch, b%llu: its first %llu jobs are others",
                       (unsigned long long)batch->number, count);
    dc_news_t *news =
        dc_requests_end_batch(self, batch, DC_ERR_INVALID, dc_str(text, (size_t)len), out);
    news->event.done = count;
    return DC_OK;
}

dc_err_t dc_requests_send(dc_requests_t *self, dc_ms_t now, dcalc_id_t id, dcalc_chunk_t *chunk,
                          const dc_slice_t *data, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    dc_request_t *batch = dc_requests_find_batch(self, id);
    if (!batch || batch->state == DC_REQUEST_OVER) return DC_ERR_UNKNOWN_BATCH;
    if (batch->is_closed || !dc_sent_count_jobs(chunk, data->bytes)) return DC_ERR_INVALID;
    if (!are_needs_sound(batch, chunk)) return DC_ERR_INVALID;
    if (dc_sent_cost(chunk) - DC_CHUNK_COST_BYTES > dc_requests_room(self, id)) return DC_ERR_FULL;
    uint64_t passed = batch->theirs.passed;
    uint64_t sum = batch->theirs.sum;
    bool is_same = dc_theirs_pass(&batch->theirs, batch->sent.jobs, chunk, data->bytes);
    dc_err_t err =
        is_same ? send_chunk(self, batch, chunk, data, out) : end_another(self, batch, out);
    if (err == DC_OK) return DC_OK;
    batch->theirs.passed = passed;
    batch->theirs.sum = sum;
    return err;
}

dc_err_t dc_requests_close(dc_requests_t *self, dc_ms_t now, dcalc_id_t id, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    dc_request_t *batch = dc_requests_find_batch(self, id);
    if (!batch) return DC_ERR_UNKNOWN_BATCH;
    batch->is_closed = true;
    dc_request_pump(batch, &self->session, out);
    dc_requests_end_if_complete(self, batch, out);
    return DC_OK;
}

dc_err_t dc_requests_ack(dc_requests_t *self, dcalc_id_t id, uint64_t first, uint64_t end,
                         dc_outcome_t *out)
{
    dc_request_t *batch = dc_requests_find_batch(self, id);
    if (!batch) return DC_ERR_UNKNOWN_BATCH;
    uint64_t before = batch->sent.bytes;
    dc_err_t err = dc_request_ack(batch, &self->session, first, end, out);
    self->inputs_bytes -= before - batch->sent.bytes;
    self->is_dirty = true;
    dc_requests_end_if_complete(self, batch, out);
    return err;
}

void dc_requests_cancel(dc_requests_t *self, dc_ms_t now, dcalc_id_t id, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    dc_request_t *batch = dc_requests_find_batch(self, id);
    if (!batch) return;
    dc_request_finish(batch, &self->session, out);
    if (dc_outcome_reserve(out)) {
        dc_requests_end_batch(self, batch, DC_ERR_CANCELLED,
                              dc_str_from(dc_err_text(DC_ERR_CANCELLED)), out);
    }
    dc_requests_remove_batch(self, batch);
}

void dc_requests_leave(dc_requests_t *self, dc_ms_t now, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    while (self->batches) {
        // Who comes with the same key goes on where this one stopped, if that is soon.
        if (!self->batches->is_keyed) dc_request_finish(self->batches, &self->session, out);
        dc_requests_remove_batch(self, self->batches);
    }
}

// Ask what `cmd` says, but for the handle.
static dc_err_t ask(dc_requests_t *self, dc_ms_t now, const dc_cmd_t *cmd, dcalc_id_t *question,
                    dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    dc_question_t *made = calloc(1, sizeof *made);
    if (!made) return DC_ERR_NOMEM;
    made->cmd = *cmd;
    if (!dc_slice_keep(&cmd->data, &made->cmd.data)) {
        free(made);
        return DC_ERR_NOMEM;
    }
    made->id = next_id(self);
    switch ((int)cmd->type) {
    case DC_CMD_SET: made->cmd.set.handle = (uint32_t)made->id; break;
    case DC_CMD_CANCEL: made->cmd.cancel.handle = (uint32_t)made->id; break;
    case DC_CMD_DELETE: made->cmd.delete.handle = (uint32_t)made->id; break;
    default: made->cmd.query.handle = (uint32_t)made->id; break;
    }
    DL_APPEND(self->questions, made);
    dc_requests_tell_question(self, made, out);
    *question = made->id;
    return DC_OK;
}

dc_err_t dc_requests_ask(dc_requests_t *self, dc_ms_t now, dc_str_t json, dcalc_id_t *question,
                         dc_outcome_t *out)
{
    if (json.len > DC_JSON_BYTES_MAX) return DC_ERR_INVALID;
    dc_cmd_t cmd = { .type = DC_CMD_QUERY, .data = { .bytes = json } };
    return ask(self, now, &cmd, question, out);
}

dc_err_t dc_requests_cancel_number(dc_requests_t *self, dc_ms_t now, uint64_t number,
                                   dcalc_id_t *question, dc_outcome_t *out)
{
    dc_cmd_t cmd = { .type = DC_CMD_CANCEL, .cancel = { .number = number } };
    return ask(self, now, &cmd, question, out);
}

dc_err_t dc_requests_delete(dc_requests_t *self, dc_ms_t now, uint64_t number, dcalc_id_t *question,
                            dc_outcome_t *out)
{
    dc_cmd_t cmd = { .type = DC_CMD_DELETE, .delete = { .number = number } };
    return ask(self, now, &cmd, question, out);
}

dc_err_t dc_requests_set(dc_requests_t *self, dc_ms_t now, uint64_t number, uint8_t what,
                         uint64_t value, dcalc_id_t *question, dc_outcome_t *out)
{
    dc_cmd_t cmd = { .type = DC_CMD_SET,
                     .set = { .number = number, .what = what, .value = value } };
    return ask(self, now, &cmd, question, out);
}

dc_err_t dc_requests_drain(dc_requests_t *self, dc_ms_t now, const char *worker,
                           dcalc_id_t *question, dc_outcome_t *out)
{
    dc_cmd_t cmd = { .type = DC_CMD_SET,
                     .set = { .what = DC_SET_DRAIN },
                     .data = { .bytes = dc_str_from(worker) } };
    if (cmd.data.bytes.len > DC_NAME_BYTES_MAX) return DC_ERR_INVALID;
    return ask(self, now, &cmd, question, out);
}

void dc_requests_forget(dc_requests_t *self, dcalc_id_t id)
{
    dc_question_t *question = dc_requests_find_question(self, id);
    if (question) dc_requests_remove_question(self, question);
}

const dcalc_chunk_t *dc_requests_chunk(const dc_requests_t *self, dcalc_id_t id, uint64_t index)
{
    const dc_request_t *batch = dc_requests_find_batch(self, id);
    const dc_sent_chunk_t *chunk = batch ? dc_sent_find(&batch->sent, index) : NULL;
    return chunk ? &chunk->chunk : NULL;
}

const dcalc_chunk_t *dc_requests_unanswered(const dc_requests_t *self, dcalc_id_t id, uint64_t from,
                                            dc_range_t *jobs)
{
    const dc_request_t *batch = dc_requests_find_batch(self, id);
    const dc_sent_chunk_t *chunk = batch ? dc_sent_next(&batch->sent, from) : NULL;
    for (; chunk; chunk = dc_sent_next(&batch->sent, dc_sent_end(chunk))) {
        uint64_t first = dc_max_u64(from, chunk->chunk.first);
        if (dc_ranges_next_gap(&chunk->answered, first, dc_sent_end(chunk), jobs))
            return &chunk->chunk;
    }
    return NULL;
}

// --- what there is to know ---------------------------------------------------------------------

bool dc_requests_is_connected(const dc_requests_t *self)
{
    return self->session.is_found;
}

uint64_t dc_requests_waiting_ms(const dc_requests_t *self, dc_ms_t now)
{
    if (self->session.is_found || dc_requests_is_idle(self)) return 0;
    dc_ms_t since = dc_max_u64(self->session.lost_ms, self->wanted_ms);
    return now > since ? now - since : 0;
}

dc_requests_counts_t dc_requests_counts(const dc_requests_t *self)
{
    return (dc_requests_counts_t){
        .sessions = self->session.session_count,
        .duplicates = self->duplicates,
        .strays = self->strays,
        .violations = self->violations,
        .bytes = self->inputs_bytes,
    };
}

const char *dc_requests_audit(const dc_requests_t *self)
{
    uint64_t bytes = 0;
    size_t unended_count = 0;
    const dc_request_t *batch;
    for (batch = self->batches; batch; batch = batch->hh.next) {
        const char *why = dc_request_audit(batch);
        if (why) return why;
        bytes += batch->sent.bytes;
        unended_count += batch->state != DC_REQUEST_OVER;
    }
    if (bytes != self->inputs_bytes) return "the bytes of all batches do not add up";
    if (unended_count != self->unended_count) return "the batches that go on do not add up";
    if (self->session.sent > self->session.sent_max) return "more was sent than credit allows";
    return NULL;
}
