#include "client/cli/run/run_part.h"

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

// Sent between two looks at what has come.
#define CHUNKS_AT_ONCE 4

// Rows of a pipe that come within this time after the batch has ended are still written.
#define REST_MS 2000

static void end_source(dc_run_state_t *self, dc_source_state_t state)
{
    const dc_run_t *run = self->run;
    self->has_source_ended = true;
    if (state == DC_SOURCE_END) return;
    // Rows that were read are computed all the same; a part of them makes no value.
    int status = dc_source_complain(run->source, state, run->name, dc_run_said(self));
    *(run->emit->to == DC_EMIT_REDUCED ? &self->status : &self->input_status) = status;
}

// --- rows that are kept ------------------------------------------------------------------------

static void put_rows(dc_buf_t *out, uint64_t count, const char *what)
{
    dc_numfmt_put_counted(out, count, " row ", " rows ");
    dc_buf_append_text(out, what);
}

// How many rows are left to be computed, as far as it is known.
static void put_left(dc_buf_t *out, const dc_source_t *source, uint64_t kept)
{
    uint64_t all = dc_source_rows_expected(source);
    if (all < kept) {
        dc_buf_append_text(out, "the others");
    } else if (dc_source_is_counted(source)) {
        dc_numfmt_put_count(out, all - kept);
    } else {
        dc_buf_append_text(out, "about ");
        dc_numfmt_put_short(out, (double)(all - kept));
    }
}

// What it has lost is computed again, as if it had never been there.
static void say_damage(dc_run_state_t *self)
{
    const dc_journal_t *journal = self->run->journal;
    dc_buf_t *out = dc_run_said(self);
    dc_buf_append_text(out, "dcalc: ");
    dc_text_put_safe(out, dc_str_from(journal->path));
    dc_buf_append_text(out, " is damaged at byte ");
    dc_numfmt_put_count(out, journal->damaged_at);
    dc_buf_append_text(out, ": what it had there is computed again\n");
}

static void put_changed(const dc_run_t *run, uint64_t count, dc_buf_t *out)
{
    bool is_damaged = run->journal->damaged_at;
    put_rows(out, count, is_damaged ? "lost by that, or changed" : "changed");
    if (*run->name) dc_buf_append_text(out, " in ");
    dc_text_put_safe(out, dc_str_from(run->name));
    dc_buf_append_text(out, " since then, ");
}

// Say what the journal was good for, once its rows have passed by.
static void say_resumed(dc_run_state_t *self)
{
    dc_resume_counts_t counts;
    const dc_run_t *run = self->run;
    dc_buf_t *out = dc_run_said(self);
    if (self->is_resume_told || !dc_resume_is_past(run->resume, &counts)) return;
    self->is_resume_told = true;
    if (run->is_quiet) return;
    if (run->journal->damaged_at) say_damage(self);
    dc_buf_append_text(out, "dcalc: ");
    put_rows(out, counts.kept, "kept, ");
    if (counts.changed) put_changed(run, counts.changed, out);
    if (counts.again) put_rows(out, counts.again, "that failed tried again, ");
    dc_buf_append_text(out, "computing ");
    put_left(out, run->source, counts.kept);
    dc_buf_append_char(out, '\n');
}

// --- rows that are sent ------------------------------------------------------------------------

static dc_source_state_t next_item(dc_run_state_t *self, bool is_idle)
{
    const dc_run_t *run = self->run;
    if (!run->resume) return dc_source_next(run->source, is_idle, self->now, &self->item);
    dc_source_state_t state =
        dc_resume_next(run->resume, run->source, is_idle, self->now, &self->item);
    say_resumed(self);
    return state;
}

// Get the next chunk ready. False if there is none now.
static bool take_item(dc_run_state_t *self)
{
    self->wants_input = false;
    while (!self->item.is_held && !self->has_source_ended && dc_collect_has_room(&self->collect)) {
        bool is_idle = self->collect.answered_count == self->job_next;
        dc_source_state_t state = next_item(self, is_idle);
        switch (state) {
        case DC_SOURCE_CHUNK:
            if (!self->item.kept) break;
            dc_collect_kept(&self->collect, self->job_next, self->item.kept);
            dc_source_drop_item(&self->item);
            break;
        case DC_SOURCE_LOST:
            dc_collect_lost(&self->collect, self->job_next, self->item.row, self->item.line);
            break;
        case DC_SOURCE_WAIT: self->wants_input = true; return false;
        case DC_SOURCE_END:
        case DC_SOURCE_UNCLOSED:
        case DC_SOURCE_FOREIGN:
        case DC_SOURCE_ERROR: end_source(self, state); break;
        }
    }
    return self->item.is_held;
}

// The batch is opened with its first chunk: empty input needs no broker.
static bool is_open(dc_run_state_t *self)
{
    if (self->collect.batch) return true;
    const dc_run_t *run = self->run;
    dcalc_err_t err = dc_connection_open_batch(run->connection, run->options, run->deadline_ms,
                                               self->now, &self->collect.batch);
    if (err) dc_run_give_up(self, err, NULL);
    return !err;
}

static bool send_item(dc_run_state_t *self)
{
    dcalc_chunk_t *chunk = &self->item.chunk;
    if (!is_open(self)) return false;
    if (dcalc_room(self->run->connection->dcalc, self->collect.batch) < self->item.room)
        return false;
    chunk->tag = dc_emit_tag(self->job_next, self->item.row, self->item.line);
    dcalc_err_t err = dcalc_send(self->run->connection->dcalc, self->collect.batch, chunk);
    if (err && (dc_err_t)err != DC_ERR_FULL) dc_run_give_up(self, err, NULL);
    if (err) return false;
    self->job_next += chunk->jobs;
    self->item.is_held = false; // its memory is the library's now
    return true;
}

// Rows that were not sent follow those that were.
static void write_unsent(dc_run_state_t *self)
{
    bool may_never_end = !dc_source_rows_expected(self->run->source);
    for (size_t i = 0; i < CHUNKS_AT_ONCE; i++) {
        bool is_due =
            dc_collect_has_written_all(&self->collect) && dc_sink_has_room(self->run->sink);
        if (!is_due || self->status || !take_item(self)) break;
        dcalc_chunk_t *chunk = &self->item.chunk;
        chunk->tag = dc_emit_tag(self->job_next, self->item.row, self->item.line);
        chunk->first = self->job_next;
        chunk->jobs = self->item.jobs;
        dc_collect_unsent(&self->collect, chunk);
        self->job_next += chunk->jobs;
        dc_source_drop_item(&self->item);
    }
    bool is_enough = may_never_end && self->now - self->rest_ms >= REST_MS;
    if (!is_enough || self->has_source_ended) return;
    self->has_source_ended = self->has_more_input = true;
}

void dc_run_feed(dc_run_state_t *self)
{
    if (self->run->fetched) return;
    if (self->collect.rest_error) {
        write_unsent(self);
        return;
    }
    for (size_t i = 0; i < CHUNKS_AT_ONCE && !self->status && take_item(self); i++) {
        if (!send_item(self)) break;
    }
    bool is_complete = self->has_source_ended && !self->item.is_held && self->wants_close;
    if (!is_complete || self->status) return;
    self->wants_close = false;
    if (!self->collect.batch) {
        self->is_over = true;
    } else {
        dcalc_err_t err = dcalc_close(self->run->connection->dcalc, self->collect.batch);
        if (err) dc_run_give_up(self, err, NULL);
    }
}
