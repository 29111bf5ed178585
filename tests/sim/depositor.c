#include "tests/sim/depositor.h"

#include <stdlib.h>

#include "tests/sim/answers.h"
#include "tests/sim/app.h"

// Of others; a third send their jobs one by one, and as many jobs at a time.
#define CHUNK_JOBS_MAX 40

static uint64_t act(sim_t *sim, void *owner);

// --- its process -------------------------------------------------------------------------------

static void begin(sim_t *sim, depositor_t *self)
{
    dc_session_settings_t settings = dc_requests_settings_default();
    settings.wants_workers = caller_wants_workers(&self->caller);
    caller_begin(sim, &self->caller, &settings, sim->now_us + 1);
    self->id = self->question = 0;
    self->sent = 0;
    self->is_closed = self->differs = false;
    self->may_differ = self->lives++ > 0;
    dc_ranges_clear(&self->unacked);
}

static void start(sim_t *sim, void *object, uint64_t number)
{
    depositor_t *self = object;
    (void)number;
    if (self->caller.requests || sim->is_closing) return;
    sim_note(sim, "        depositor%u starts", self->number);
    begin(sim, self);
}

void depositor_kill(sim_t *sim, depositor_t *self)
{
    if (!self->caller.requests) return;
    sim_note(sim, "        depositor%u is killed", self->number);
    caller_end(sim, &self->caller);
    agenda_add(&sim->agenda, sim->now_us + sim_between(sim, 1000, 3000000), start, self, 0);
}

// --- what it does ------------------------------------------------------------------------------

// Another one's that has a number, and is not known to have ended; NULL if there is none.
static const depositor_t *find_open(const sim_t *sim, const depositor_t *self)
{
    for (size_t i = 0; i < sim->depositor_count; i++) {
        const depositor_t *other = sim->depositors[i];
        bool is_open = other->broker_number && other->state <= DEPOSIT_KEPT;
        if (other != self && is_open) return other;
    }
    return NULL;
}

// What is kept already will not go before it has ended; what is being sent may, and an
// application's.
static void draw_after(sim_t *sim, depositor_t *self)
{
    self->is_after_drawn = true;
    if (!sim->plan.after_per_mille || sim_chance(sim, 200)) return;
    self->is_after_any = sim_chance(sim, 300);
    const depositor_t *other = find_open(sim, self);
    const app_t *app = sim->app_count ? sim->apps[sim_below(sim, sim->app_count)] : NULL;
    if (other) {
        self->after = other->batch;
        self->after_number = other->broker_number;
        if (other->state == DEPOSIT_KEPT) self->after_kept = other;
        if (!self->is_after_any) self->batch->after = other->batch;
    } else if (app && app->task_count) {
        const task_t *task = &app->tasks[sim_below(sim, app->task_count)];
        self->after_number = task->known_as;
        self->after = task->known_as ? task->batch : NULL;
    }
}

static void open_batch(sim_t *sim, depositor_t *self)
{
    if (!self->is_after_drawn) draw_after(sim, self);
    const batch_t *batch = self->batch;
    char program[] = "t0 program X"; // as a slot reads it
    program[sizeof program - 2] = batch->letter;
    dcalc_batch_options_t options = {
        .program = program,
        .program_bytes = sizeof program - 1,
        .name = "kept",
        .retries = batch->retries,
        .columns = batch->is_columns,
        .detached = true,
        .key = "word",
        .after = &self->after_number,
        .after_count = self->after != NULL,
        .after_any = self->is_after_any,
    };
    self->sent = 0;
    self->is_closed = false;
    dc_err_t err = dc_requests_open(self->caller.requests, sim_now_ms(sim), &batch->key, &options,
                                    &self->id, &self->caller.outcome);
    if (err != DC_OK) sim_fail(sim, "a detached batch cannot be opened: %s", dc_err_name(err));
}

// The results that the jobs of a chunk are to get: of a few jobs before them.
static void draw_needs(batch_t *batch, dcalc_chunk_t *chunk, uint64_t first, uint64_t count,
                       dcalc_range_t *needs)
{
    uint64_t number = job_mix(first, batch->number + 1);
    chunk->needed = batch->is_needing;
    if (!batch->is_needing || first == 0 || number % 5 == 0) return;
    uint64_t from = number % 2 ? first - 1 : number % first;
    *needs = (dcalc_range_t){ from, dc_min_u64(from + 1 + number % 7, first) };
    chunk->needs = needs;
    chunk->need_count = 1;
    for (uint64_t i = first; i < first + count; i++) {
        batch->needs[i] = (dc_range_t){ needs->first, needs->end };
    }
}

// Chunks have the same borders, and needs, whoever sends them.
static void send_chunk(sim_t *sim, depositor_t *self)
{
    batch_t *batch = self->batch;
    uint64_t count = dc_min_u64(1 + job_mix(self->sent, batch->number) % self->chunk_jobs_max,
                                batch->jobs - self->sent);
    dc_buf_t text = { 0 };
    for (uint64_t i = self->sent; i < self->sent + count; i++) {
        job_put_text(batch, i, &text);
    }
    if (self->differs && self->sent == 0) text.data[0] ^= 1;
    dcalc_chunk_t chunk = { .size = text.len, .width = batch->width };
    dc_slice_t data = { NULL, dc_buf_str(&text) };
    dcalc_range_t needs;
    draw_needs(batch, &chunk, self->sent, count, &needs);
    size_t need_bytes = batch->is_needing ? 256 + count * DC_NEED_COST_BYTES : 0;
    if (dc_requests_room(self->caller.requests, self->id) >= text.len + need_bytes) {
        dc_err_t err = dc_requests_send(self->caller.requests, sim_now_ms(sim), self->id, &chunk,
                                        &data, &self->caller.outcome);
        if (err != DC_OK) sim_fail(sim, "a chunk cannot be deposited: %s", dc_err_name(err));
        self->sent += count;
        sim->chunks_sent++;
    }
    dc_buf_fini(&text);
}

static void go_on_sending(sim_t *sim, depositor_t *self)
{
    if (!self->id) open_batch(sim, self);
    uint64_t most = self->chunk_jobs_max == 1 ? 50 : 5;
    for (uint64_t some = sim_between(sim, 1, most); some && self->sent < self->batch->jobs;
         some--) {
        send_chunk(sim, self);
    }
    if (self->sent < self->batch->jobs || self->is_closed) return;
    self->is_closed = true;
    dc_err_t err =
        dc_requests_close(self->caller.requests, sim_now_ms(sim), self->id, &self->caller.outcome);
    if (err != DC_OK) sim_fail(sim, "a detached batch cannot be closed: %s", dc_err_name(err));
}

// Nothing of it was seen yet by this process.
static void fetch(sim_t *sim, depositor_t *self)
{
    batch_t *batch = self->batch;
    if (batch->jobs) memset(batch->answers, 0, batch->jobs * sizeof *batch->answers);
    batch->answered = 0;
    self->first = batch->jobs && sim_chance(sim, 200) ? sim_below(sim, batch->jobs) : 0;
    dc_ranges_clear(&self->unacked);
    dc_err_t err = dc_requests_attach(self->caller.requests, sim_now_ms(sim), self->broker_number,
                                      self->first, &self->id, &self->caller.outcome);
    if (err != DC_OK) sim_fail(sim, "a batch cannot be attached to: %s", dc_err_name(err));
}

static void ask_to_hold(sim_t *sim, depositor_t *self, bool is_held)
{
    self->hold = is_held ? HOLD_ASKED : HOLD_RELEASING;
    self->batch->is_held = false; // until the answer says so
    dc_err_t err = dc_requests_set(self->caller.requests, sim_now_ms(sim), self->broker_number,
                                   DC_SET_HOLD, is_held, &self->question, &self->caller.outcome);
    if (err != DC_OK) sim_fail(sim, "a batch cannot be held: %s", dc_err_name(err));
}

static void ask_to_delete(sim_t *sim, depositor_t *self)
{
    self->state = DEPOSIT_DELETING;
    dc_err_t err = dc_requests_delete(self->caller.requests, sim_now_ms(sim), self->broker_number,
                                      &self->question, &self->caller.outcome);
    if (err != DC_OK) sim_fail(sim, "a batch cannot be deleted: %s", dc_err_name(err));
}

static void acknowledge(sim_t *sim, depositor_t *self)
{
    dc_range_t run = { 0 };
    while (dc_ranges_next_run(&self->unacked, 0, UINT64_MAX, &run)) {
        dc_err_t err = dc_requests_ack(self->caller.requests, self->id, run.first, run.end,
                                       &self->caller.outcome);
        if (err != DC_OK) sim_fail(sim, "answers cannot be acknowledged: %s", dc_err_name(err));
        if (!dc_ranges_remove(&self->unacked, run.first, run.end)) abort();
    }
}

// What a process said that was killed may come late, so that it is released now and then.
static void go_on_fetching(sim_t *sim, depositor_t *self)
{
    if (self->hold != HOLD_NONE || (self->holds && self->id && sim_chance(sim, 100))) {
        ask_to_hold(sim, self, false);
    } else if (self->holds < self->holds_max && !self->id) {
        self->holds++;
        ask_to_hold(sim, self, true);
    } else if (!self->id) {
        fetch(sim, self);
    }
}

static void go_on(sim_t *sim, depositor_t *self)
{
    if (self->id) acknowledge(sim, self);
    if (sim->now_us < self->act_us) return;
    self->act_us = sim->now_us + sim_between(sim, 100, 200000);
    switch (self->state) {
    case DEPOSIT_SENDING: go_on_sending(sim, self); break;
    case DEPOSIT_KEPT:
        if (!self->question) go_on_fetching(sim, self);
        break;
    case DEPOSIT_FETCHED:
    case DEPOSIT_DELETING:
        if (!self->question) ask_to_delete(sim, self);
        break;
    case DEPOSIT_GONE: self->act_us = UINT64_MAX; break;
    }
}

// --- turns -------------------------------------------------------------------------------------

static uint64_t act(sim_t *sim, void *owner)
{
    depositor_t *self = owner;
    depositor_hear(sim, self);
    if (!sim->has_failed) go_on(sim, self);
    return self->act_us;
}

// --- life cycle --------------------------------------------------------------------------------

depositor_t *depositor_new(sim_t *sim, unsigned number)
{
    depositor_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    const plan_t *plan = &sim->plan;
    uint64_t jobs = sim_between(sim, plan->batch_jobs_min, plan->batch_jobs_max);
    self->number = number;
    self->caller = (caller_t){ .name = "depositor", .number = number, .owner = self, .act = act };
    self->batch = answers_new_batch(sim, sim_chance(sim, 50) ? 0 : jobs);
    self->batch->is_columns = sim_chance(sim, 150);
    self->batch->width = self->batch->is_columns ? 8 : 0;
    self->batch->is_needing = sim_chance(sim, plan->needs_per_mille);
    self->chunk_jobs_max = sim_chance(sim, 333) ? 1 : CHUNK_JOBS_MAX;
    self->fetches_left = (uint32_t)sim_between(sim, 1, 3);
    self->holds_max = sim_chance(sim, 500) ? (uint32_t)sim_between(sim, 1, 3) : 0;
    self->act_us = sim_below(sim, plan->fault_us / 2 + 1);
    dc_ranges_init(&self->unacked);
    begin(sim, self);
    return self;
}

void depositor_destroy(sim_t *sim, depositor_t **self_p)
{
    depositor_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    caller_end(sim, &self->caller);
    dc_ranges_fini(&self->unacked);
    free(self);
}

bool depositor_is_done(const depositor_t *self)
{
    return self->state == DEPOSIT_GONE;
}

// Whether the disk has spoiled a job, which may have been as it should when others asked for it.
static bool is_spoiled(const batch_t *batch)
{
    for (uint64_t i = 0; i < batch->jobs; i++) {
        if (batch->errors[i] == DC_ERR_DAMAGED) return true;
    }
    return false;
}

// Whether it depends on the slots that a job has failed: it may have been sound before its client
// lost what it was told, and had it computed again.
static bool is_of_slots(dc_err_t error)
{
    return error == DC_ERR_DISAGREE || error == DC_ERR_LOST;
}

// Has a job of it failed? With `is_sure` only those count that fail whenever they are computed.
static bool has_failed(const batch_t *batch, bool is_sure)
{
    for (uint64_t i = 0; i < batch->jobs; i++) {
        dc_err_t error = (dc_err_t)batch->errors[i];
        if (error != DC_OK && !(is_sure && is_of_slots(error))) return true;
    }
    return false;
}

void depositor_check(sim_t *sim, const depositor_t *self)
{
    if (!self->after || is_spoiled(self->after)) return;
    bool is_skipped = self->after_kept && self->after_kept->is_skipped;
    bool is_bad = is_skipped || has_failed(self->after, !self->is_skipped);
    if (self->is_after_any && self->is_skipped) {
        sim_fail(sim, "batch %u is skipped, and comes after any end", self->batch->number);
    } else if (self->is_after_any || is_bad == self->is_skipped) {
        return;
    } else if (!self->is_skipped) {
        sim_fail(sim, "batch %u is computed after batch %u, of which a job failed",
                 self->batch->number, self->after->number);
    } else if (self->is_after_there && self->after_kept->is_seen && !sim->plan.full_per_mille) {
        // On a full disk it may be lost that one was waited for which is deleted now.
        sim_fail(sim, "batch %u is skipped, and batch %u, which it comes after, is sound",
                 self->batch->number, self->after->number);
    }
}
