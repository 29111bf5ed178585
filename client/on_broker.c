#include <stdio.h>

#include "client/answer.h"
#include "client/state.h"
#include "client/stored.h"
#include "common/bytes.h"

// Count anew what is kept of `batch`, which was `before` bytes.
static void count_inputs(dc_requests_t *self, const dc_request_t *batch, uint64_t before)
{
    self->inputs_bytes = self->inputs_bytes - before + batch->sent.bytes;
}

// The broker had committed more of a detached batch than it has now; those inputs are not here any
// more.
static void end_forgotten(dc_requests_t *self, dc_request_t *batch, dc_outcome_t *out)
{
    if (!dc_outcome_reserve(out)) {
        self->session.is_broken = true; // opened again, and seen again
        return;
    }
    dc_request_finish(batch, &self->session, out);
    dc_requests_end_batch(self, batch, DC_ERR_UNKNOWN_BATCH,
                          DC_STR("the broker does not have any more what was sent of the batch: it "
                                 "has to be sent anew"),
                          out);
}

// No worker of this broker would compute any job of the batch. True if so, and the batch is over;
// if memory is short for that, it is so in the next session.
static bool end_long(dc_requests_t *self, dc_request_t *batch, uint32_t bytes_max,
                     dc_outcome_t *out)
{
    if (!bytes_max || batch->template_bytes <= bytes_max) return false;
    if (!dc_outcome_reserve(out)) {
        self->session.is_broken = true;
        return true;
    }
    char text[128];
    int len = snprintf(text, sizeof text,
                       "the template has %zu bytes, and the broker takes %u at most (--max-expr)",
                       batch->template_bytes, bytes_max);
    dc_request_finish(batch, &self->session, out);
    dc_requests_end_batch(self, batch, DC_ERR_TOO_LONG, dc_str(text, (size_t)len), out);
    return true;
}

static uint64_t count_jobs(dc_str_t ranges)
{
    uint64_t count = 0;
    for (size_t i = 0; i < ranges.len / DC_WIRE_RANGE_BYTES; i++) {
        dc_range_t range = dc_wire_get_range(ranges, i);
        count += range.end - range.first;
    }
    return count;
}

// What the broker says that its jobs add up to; 0: nothing.
static uint64_t digest_of(const dc_cmd_t *opened)
{
    dc_str_t data = opened->data.bytes;
    return opened->opened.flags & DC_OPENED_DIGEST ? dc_get_u64(data.data + data.len - 8) : 0;
}

// What is there of `batch` before anything was sent is an earlier process's.
static void note_theirs(dc_requests_t *self, dc_request_t *batch, const dc_cmd_t *cmd)
{
    bool is_asked = batch->is_keyed && !batch->sent.jobs && !batch->theirs.jobs.count;
    if (!is_asked || !(cmd->opened.flags & DC_OPENED_DIGEST)) return;
    batch->theirs.digest = digest_of(cmd);
    if (!dc_request_read_ranges(cmd->data.bytes, &batch->theirs.jobs))
        self->session.is_broken = true;
}

// Tell the application that `batch` is known to the broker: once, unless its number changes.
// Whoever attached to it needs its program, and is told in the next session if memory is short.
static void tell_opened(dc_requests_t *self, dc_request_t *batch, const dc_cmd_t *cmd,
                        dc_outcome_t *out)
{
    if (batch->is_told && batch->number == cmd->opened.number) return;
    dc_slice_t program = { 0 };
    bool has_program = batch->kind == DC_REQUEST_ATTACHED;
    if (has_program && !dc_slice_keep(&cmd->program, &program)) self->session.is_broken = true;
    if (self->session.is_broken || !dc_outcome_reserve(out)) {
        dc_slice_drop(&program);
        self->session.is_broken |= has_program;
        return;
    }
    batch->is_told = true;
    batch->number = cmd->opened.number;
    dc_news_t *news =
        dc_outcome_add(out, DCALC_EVENT_OPENED, (dcalc_id_t)batch->id, (dc_str_t){ 0 });
    news->event.number = batch->number;
    if (cmd->opened.flags & DC_OPENED_THERE) {
        bool is_whole = cmd->opened.flags & DC_OPENED_COMPLETE;
        news->event.found = is_whole ? DCALC_FOUND_ALL : DCALC_FOUND_PART;
        news->event.done = count_jobs(cmd->data.bytes);
        if (is_whole) news->event.digest = digest_of(cmd);
    }
    news->data = program;
    news->event.program = program.bytes.data;
    news->event.program_bytes = program.bytes.len;
}

// Tell how much of a detached batch is on disk, which was `before` jobs.
static void tell_receipt(const dc_request_t *batch, uint64_t before, dc_outcome_t *out)
{
    if (batch->done.count == before || !dc_outcome_reserve(out)) return; // more will come
    dc_news_t *news =
        dc_outcome_add(out, DCALC_EVENT_RECEIPT, (dcalc_id_t)batch->id, (dc_str_t){ 0 });
    news->event.number = batch->number;
    news->event.done = batch->done.count;
    news->event.total = dc_max_u64(batch->sent.jobs, batch->done.count);
}

static void receive_opened(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    dc_request_t *batch = dc_requests_find_batch(self, cmd->opened.handle);
    if (!batch || !batch->is_in_session) {
        self->strays++;
        return;
    }
    if (batch->kind == DC_REQUEST_ATTACHED) {
        if (cmd->opened.number != batch->number) {
            dc_requests_violate(self, DC_ERR_PROTOCOL,
                                DC_STR("the broker sent another batch than was asked for"), out);
            return;
        }
        batch->options.columns = cmd->opened.flags & DC_OPEN_COLUMNS;
    }
    uint64_t bytes = batch->sent.bytes;
    uint64_t done = batch->done.count;
    self->session.who_after = self->session.now;
    note_theirs(self, batch, cmd);
    bool is_whole = dc_request_opened(batch, &self->session, cmd->data.bytes);
    count_inputs(self, batch, bytes);
    self->is_dirty = true;
    tell_opened(self, batch, cmd, out);
    if (end_long(self, batch, cmd->opened.expr_bytes_max, out)) return;
    batch->is_admitted = true;
    if (!is_whole) {
        end_forgotten(self, batch, out);
    } else if (batch->kind == DC_REQUEST_DETACHED) {
        tell_receipt(batch, done, out);
    }
}

static void receive_receipt(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    const struct dc_cmd_receipt *receipt = &cmd->receipt;
    dc_request_t *batch = dc_requests_find_batch(self, receipt->handle);
    if (!batch || !batch->is_in_session) {
        self->strays++;
        return;
    }
    // Of a batch that was there before this client sent anything there may be more than was sent.
    bool is_foreign = receipt->end > batch->sent.jobs && !batch->is_keyed;
    if (batch->kind != DC_REQUEST_DETACHED || is_foreign) {
        dc_requests_violate(self, DC_ERR_PROTOCOL,
                            DC_STR("the broker sent a receipt for what was not sent"), out);
        return;
    }
    uint64_t bytes = batch->sent.bytes;
    uint64_t done = batch->done.count;
    dc_stored_commit(batch, &self->session, receipt->first, receipt->end);
    if (receipt->flags & DC_RECEIPT_CLOSED) dc_stored_closed(batch);
    count_inputs(self, batch, bytes);
    self->session.violations = 0;
    tell_receipt(batch, done, out);
    dc_requests_end_if_complete(self, batch, out);
}

static void receive_input(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    dc_request_t *batch = dc_requests_find_batch(self, cmd->input.handle);
    if (!batch || !batch->is_in_session) {
        self->strays++;
        return;
    }
    uint64_t bytes = batch->sent.bytes;
    bool is_expected = batch->kind == DC_REQUEST_ATTACHED && batch->state == DC_REQUEST_OPEN;
    dc_err_t err = is_expected ? dc_stored_input(batch, cmd) : DC_ERR_PROTOCOL;
    count_inputs(self, batch, bytes);
    if (err == DC_ERR_NOMEM) self->session.is_broken = true;
    if (err != DC_ERR_PROTOCOL) return;
    dc_requests_violate(self, err, DC_STR("the broker sent inputs that do not fit the others"),
                        out);
}

// Keep the results that other jobs need. False if memory is short.
static bool keep_needed(const dc_requests_t *self, dc_request_t *batch, const dc_news_t *news)
{
    if (news->piece.fresh_count == 0) return true;
    if (news->piece.faults_bytes) batch->has_failed = true;
    const dc_sent_chunk_t *chunk = dc_sent_find(&batch->sent, news->piece.first);
    if (!chunk || !chunk->chunk.needed) return true;
    return dc_given_keep(&batch->given, self->session.session_count, news, batch->options.columns);
}

static void receive_released(dc_requests_t *self, const dc_cmd_t *cmd)
{
    dc_request_t *batch = dc_requests_find_batch(self, cmd->released.handle);
    if (batch) batch->is_released = true;
    if (!batch) self->strays++;
}

// Take the next part of `answer`. False if there is no more to take: the batch has ended.
static bool take_part(dc_requests_t *self, dc_request_t *batch, dc_answer_t *answer,
                      dc_outcome_t *out)
{
    dc_news_t *news =
        dc_outcome_add(out, DCALC_EVENT_PIECE, answer->piece->handle, (dc_str_t){ 0 });
    dc_err_t err = dc_answer_next(answer, &batch->sent, news);
    if (err == DC_ERR_NOMEM) self->session.is_broken = true;
    if (!keep_needed(self, batch, news)) {
        dc_outcome_drop_last(out);
        dc_requests_end_batch(self, batch, DC_ERR_NOMEM, dc_str_from(dc_err_text(DC_ERR_NOMEM)),
                              out);
        return false;
    }
    if (news->piece.fresh_count == 0) {
        dc_outcome_drop_last(out);
    } else {
        news->piece.batch = answer->piece->handle;
    }
    return err == DC_OK;
}

// Take the results of `batch`, whatever they are.
static void take_piece(dc_requests_t *self, dc_request_t *batch, const dc_cmd_t *cmd,
                       dc_outcome_t *out)
{
    dc_answer_t answer;
    dc_err_t err = dc_answer_begin(&answer, &batch->sent, cmd, batch->options.columns);
    if (err) {
        dc_requests_violate(self, err,
                            DC_STR("the broker sent results that do not fit what was sent"), out);
        return;
    }
    uint64_t before = batch->sent.answered;
    bool has_more = true;
    while (has_more && dc_answer_has_more(&answer)) {
        if (!dc_outcome_reserve(out)) self->session.is_broken = true;
        has_more = !self->session.is_broken && take_part(self, batch, &answer, out);
    }
    if (batch->state == DC_REQUEST_OVER) return;
    if (batch->sent.answered > before) {
        self->session.violations = 0;
        batch->is_short = cmd->piece.spent_us <= cmd->piece.count * (uint64_t)DC_GATHER_JOB_US;
    } else if (!self->session.is_broken) {
        self->duplicates++;
    }
    dc_requests_end_if_complete(self, batch, out);
}

static void receive_piece(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    dc_request_t *batch = dc_requests_find_batch(self, cmd->piece.handle);
    if (!batch || batch->state == DC_REQUEST_OVER) {
        self->strays++;
    } else if (batch->kind == DC_REQUEST_DETACHED) {
        dc_requests_violate(self, DC_ERR_PROTOCOL,
                            DC_STR("the broker sent results of a batch that is only stored"), out);
    } else {
        take_piece(self, batch, cmd, out);
    }
}

static bool is_open_job(const dc_request_t *batch, uint64_t index)
{
    const dc_sent_chunk_t *chunk = dc_sent_find(&batch->sent, index);
    return chunk && !dc_ranges_has(&chunk->answered, index);
}

static void receive_progress(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    const dc_request_t *batch = dc_requests_find_batch(self, cmd->progress.handle);
    if (!batch || !is_open_job(batch, cmd->progress.first)) {
        self->strays++;
        return;
    }
    if (!dc_outcome_reserve(out)) return; // there will be more of them
    dc_news_t *news =
        dc_outcome_add(out, DCALC_EVENT_PROGRESS, cmd->progress.handle, (dc_str_t){ 0 });
    news->event.job = cmd->progress.first;
    news->event.done = cmd->progress.done;
    news->event.total = cmd->progress.total;
}

// Has all come of a batch that is fetched, if the broker says so? What is sent is over by the
// client's own count, before.
static bool has_come(const dc_request_t *batch)
{
    return batch->kind == DC_REQUEST_ATTACHED && batch->state == DC_REQUEST_OPEN &&
           batch->sent.answered == batch->sent.jobs;
}

static void receive_done(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    dc_request_t *batch = dc_requests_find_batch(self, cmd->done.handle);
    if (!batch || batch->state == DC_REQUEST_OVER) {
        self->strays++; // the usual case: the last answer told us before
        return;
    }
    dc_err_t error;
    if (!dc_err_from_number(cmd->done.error, &error)) error = DC_ERR_PROTOCOL;
    if (error == DC_OK && has_come(batch)) {
        batch->is_complete = true;
        dc_requests_end_if_complete(self, batch, out);
        return;
    }
    if (error == DC_OK) {
        dc_requests_violate(self, DC_ERR_PROTOCOL,
                            DC_STR("the broker ended a batch before its last answer"), out);
        return;
    }
    if (!dc_outcome_reserve(out)) {
        self->session.is_broken = true; // opened again, and told again
        return;
    }
    dc_requests_end_batch(self, batch, error, dc_str_from(dc_err_text(error)), out);
}

static void receive_reply(dc_requests_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    dc_question_t *question = dc_requests_find_question(self, cmd->reply.handle);
    if (question) {
        dc_requests_answer(self, question, DC_OK, cmd->data.bytes, out);
    } else {
        self->strays++;
    }
}

static void receive_credit(dc_requests_t *self, const dc_cmd_t *cmd)
{
    // It never shrinks, so an old one that comes late changes nothing.
    self->session.sent_max = dc_max_u64(self->session.sent_max, cmd->credit.sent_max);
    self->is_dirty = true;
}

// The next session is not on this connection: the broker may know that again, by what was said on
// it before, and count it.
static void receive_who(dc_requests_t *self, dc_outcome_t *out)
{
    if (!dc_session_believes_who(&self->session)) return;
    dc_requests_end_session(self, false, 0, DC_STR(""), out);
}

void dc_requests_receive(dc_requests_t *self, dc_ms_t now, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    dc_session_set_now(&self->session, now);
    if (!self->session.is_open) return;
    if (dc_session_hear(&self->session) && dc_outcome_reserve(out)) {
        dc_outcome_add(out, DCALC_EVENT_FOUND, 0, (dc_str_t){ 0 });
    }
    switch (cmd->type) {
    case DC_CMD_PIECE: receive_piece(self, cmd, out); break;
    case DC_CMD_CREDIT: receive_credit(self, cmd); break;
    case DC_CMD_OPENED: receive_opened(self, cmd, out); break;
    case DC_CMD_INPUT: receive_input(self, cmd, out); break;
    case DC_CMD_RECEIPT: receive_receipt(self, cmd, out); break;
    case DC_CMD_PROGRESS: receive_progress(self, cmd, out); break;
    case DC_CMD_RELEASED: receive_released(self, cmd); break;
    case DC_CMD_DONE: receive_done(self, cmd, out); break;
    case DC_CMD_REPLY: receive_reply(self, cmd, out); break;
    case DC_CMD_REFUSED: dc_requests_receive_refused(self, cmd, out); break;
    case DC_CMD_WHO: receive_who(self, out); break;
    case DC_CMD_HEARTBEAT: break;
    case DC_CMD_ANSWER:
        // clang-format off
    DC_CASES(DC_COMMANDS_OF_CLIENT)
    DC_CASES(DC_COMMANDS_TO_SLOT)
    DC_CASES(DC_COMMANDS_OF_SLOT)
        self->strays++; // what no broker says to a client
        // clang-format on
    }
}
