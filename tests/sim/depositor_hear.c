// What a depositor hears, and what of that must not be.
#include "client/state.h"
#include "common/jobs_digest.h"
#include "tests/sim/answers.h"
#include "tests/sim/depositor.h"
#include "tests/sim/kept.h"

// An OPEN may be under way for so long that the one which it comes after has been deleted.
static void see_after(depositor_t *self)
{
    self->is_after_there = self->after_kept && self->after_kept->state < DEPOSIT_DELETING;
}

// The digest of all of its jobs.
static uint64_t digest_of(const batch_t *batch)
{
    uint64_t digest = 0;
    for (uint64_t i = 0; i < batch->jobs; i++) {
        dc_buf_t text = { 0 };
        job_put_text(batch, i, &text);
        digest += dc_jobs_digest(i, dc_buf_str(&text), batch->width, false);
        dc_buf_fini(&text);
    }
    return digest;
}

static void on_opened(sim_t *sim, depositor_t *self, const dcalc_event_t *event)
{
    self->broker_number = event->number;
    if (self->state != DEPOSIT_SENDING) return;
    see_after(self);
    // What differs is the first job: so that must be there.
    const dc_request_t *request = dc_requests_find_batch(self->caller.requests, self->id);
    bool is_part = event->found == DCALC_FOUND_PART && request;
    self->differs = self->may_differ && is_part && dc_ranges_has(&request->theirs.jobs, 0);
    if (event->found == DCALC_FOUND_ALL && event->digest != digest_of(self->batch))
        sim_fail(sim, "batch %u is there, and said to be of other jobs", self->batch->number);
}

static void on_others(sim_t *sim, depositor_t *self)
{
    if (!self->differs) sim_fail(sim, "batch %u is said to be of other jobs", self->batch->number);
    self->differs = self->may_differ = false; // it has the right ones from now on
    sim->others_refused++;
}

static void on_kept(sim_t *sim, depositor_t *self, const dcalc_event_t *event)
{
    self->id = 0;
    if (event->error == DCALC_ERR_INVALID && event->done) {
        on_others(sim, self);
        return;
    }
    if (event->error == DCALC_OK && self->differs)
        sim_fail(sim, "other jobs are taken for those of batch %u", self->batch->number);
    if (event->error == DCALC_OK) {
        self->state = DEPOSIT_KEPT;
        if (!self->broker_number) sim_fail(sim, "a batch is kept under no number");
        return;
    }
    // The disk is full for a while; or it was away for longer than the broker waits for those who
    // have not sent everything. It begins anew.
    bool is_full = sim->plan.full_per_mille;
    if (event->error == DCALC_ERR_STORE_FULL && is_full) return;
    bool is_short = sim->plan.settings.memory_bytes_max < dc_settings_default().memory_bytes_max;
    if (event->error == DCALC_ERR_TOO_LARGE && self->batch->is_needing && is_short) {
        self->after = NULL;
        self->state = DEPOSIT_GONE; // nor would it have memory for the same again
        return;
    }
    // What it was to come after has ended, and gone.
    if (event->error == DCALC_ERR_INVALID && self->after) {
        self->after = NULL;
        self->batch->after = NULL;
        return;
    }
    if (event->error == DCALC_ERR_SKIPPED && self->after) {
        self->is_skipped = true;
        self->state = DEPOSIT_GONE;
        return;
    }
    if (event->error == DCALC_ERR_UNKNOWN_BATCH && (sim->plan.fault_interval_us || is_full)) return;
    // The last words of a process that was killed.
    if (event->error == DCALC_ERR_TAKEN_OVER && sim->plan.weight_client) return;
    sim_fail(sim, "a detached batch ends with %s: %s", dc_err_name((dc_err_t)event->error),
             event->text);
}

static void on_fetched(sim_t *sim, depositor_t *self, const dcalc_event_t *event)
{
    const batch_t *batch = self->batch;
    self->id = 0;
    bool is_skipped = event->error == DCALC_ERR_SKIPPED && self->after;
    self->is_skipped |= is_skipped;
    self->is_seen |= self->first == 0;
    if (event->error != DCALC_OK && !is_skipped) {
        sim_fail(sim, "batch %u, which is kept, is fetched with %s: %s", batch->number,
                 dc_err_name((dc_err_t)event->error), event->text);
    }
    for (uint64_t i = self->first; !is_skipped && i < batch->jobs && !sim->has_failed; i++) {
        if (batch->answers[i]) continue;
        sim_fail(sim, "batch %u is fetched from job %llu on, without the result of job %llu",
                 batch->number, (unsigned long long)self->first, (unsigned long long)i);
    }
    if (self->first == 0 && !is_skipped) answers_check_skipped(sim, batch);
    if (--self->fetches_left == 0) self->state = DEPOSIT_FETCHED;
}

static void on_hold_answer(sim_t *sim, depositor_t *self, const dcalc_event_t *event)
{
    bool is_done = event->error == DCALC_OK;
    if (!is_done && event->error != DCALC_ERR_INVALID) { // it has ended
        sim_fail(sim, "a batch is not held: %s", dc_err_name((dc_err_t)event->error));
    }
    self->batch->is_held = is_done && self->hold == HOLD_ASKED;
    if (self->hold == HOLD_RELEASING) self->hold = HOLD_NONE;
}

// Of a deletion: when it asked before and was killed, or the broker was, the batch may have gone
// already, for good.
static void on_answer(sim_t *sim, depositor_t *self, const dcalc_event_t *event)
{
    if (event->id != self->question) sim_fail(sim, "an answer to what no depositor asked");
    self->question = 0;
    if (self->state != DEPOSIT_DELETING) {
        on_hold_answer(sim, self, event);
        return;
    }
    if (event->error != DCALC_OK && event->error != DCALC_ERR_UNKNOWN_BATCH) {
        sim_fail(sim, "a batch is not deleted: %s", dc_err_name((dc_err_t)event->error));
    }
    kept_on_gone(sim, self->broker_number);
    self->state = DEPOSIT_GONE;
}

void depositor_hear(sim_t *sim, depositor_t *self)
{
    dc_news_t news;
    while (!sim->has_failed && dc_outcome_take(&self->caller.outcome, &news)) {
        const dcalc_event_t *event = &news.event;
        bool is_its = event->id && event->id == self->id;
        switch (event->type) {
        case DCALC_EVENT_OPENED:
            if (is_its) on_opened(sim, self, event);
            break;
        case DCALC_EVENT_PIECE:
            if (is_its)
                answers_take(sim, self->batch, event->piece, caller_wants_workers(&self->caller),
                             &self->unacked);
            break;
        case DCALC_EVENT_END:
            if (is_its && self->state == DEPOSIT_SENDING) {
                on_kept(sim, self, event);
            } else if (is_its) {
                on_fetched(sim, self, event);
            }
            break;
        case DCALC_EVENT_ANSWER: on_answer(sim, self, event); break;
        case DCALC_EVENT_BUSY:
        case DCALC_EVENT_LOST:
        case DCALC_EVENT_FOUND:
        case DCALC_EVENT_RECEIPT:
        case DCALC_EVENT_PROGRESS: break;
        }
        dc_news_fini(&news);
    }
}
