#include "tests/sim/app.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/answers.h"
#include "tests/sim/depositor.h"
#include "tests/sim/patience.h"

// --- what the application does -----------------------------------------------------------------

// Another of the client's batches, or one that is kept, which has a number: it may be over.
static void draw_after(sim_t *sim, app_t *self, task_t *task)
{
    const task_t *other = &self->tasks[sim_below(sim, self->task_count)];
    bool has_after = sim_chance(sim, sim->plan.after_per_mille);
    task->is_after_any = sim_chance(sim, 300);
    if (!has_after) return;
    bool is_kept = sim->depositor_count && sim_chance(sim, 300);
    size_t at = is_kept ? sim_below(sim, sim->depositor_count) : 0;
    const depositor_t *kept = is_kept ? sim->depositors[at] : NULL;
    task->after_number = kept ? kept->broker_number : other->known_as;
    if (task->after_number) task->after = kept ? kept->batch : other->batch;
}

static void open_task(sim_t *sim, app_t *self, task_t *task)
{
    draw_after(sim, self, task);
    const batch_t *batch = task->batch;
    char tag[] = { 't', (char)('0' + batch->tag), '\0' };
    char program[] = "t0 program X"; // so that a slot sees whether it carries the tag
    program[1] = tag[1];
    program[sizeof program - 2] = batch->letter;
    dcalc_batch_options_t options = {
        .program = program,
        .program_bytes = sizeof program - 1,
        .name = "sim",
        .tag = batch->tag ? tag : NULL,
        .retries = batch->retries,
        .columns = batch->is_columns,
        .priority = task->priority,
        .held = task->is_held,
        .verify = batch->is_verified,
        .deadline_ms = task->deadline_ms,
        .after = &task->after_number,
        .after_count = task->after != NULL,
        .after_any = task->is_after_any,
    };
    dc_err_t err = dc_requests_open(self->caller.requests, sim_now_ms(sim), &batch->key, &options,
                                    &task->id, &self->caller.outcome);
    caller_count_step(sim, &self->caller);
    if (err != DC_OK) sim_fail(sim, "a batch cannot be opened: %s", dc_err_name(err));
}

// The results that jobs from `first` on are to get: of a few jobs before them.
static void draw_needs(sim_t *sim, const batch_t *batch, uint64_t first, dcalc_chunk_t *chunk,
                       dcalc_range_t *needs)
{
    chunk->needed = batch->is_needing;
    if (!batch->is_needing || first == 0 || sim_chance(sim, 200)) return;
    uint64_t from = sim_chance(sim, 500) ? sim_below(sim, first) : first - 1;
    *needs = (dcalc_range_t){ from, dc_min_u64(from + 1 + sim_below(sim, 5), first) };
    chunk->needs = needs;
    chunk->need_count = 1;
}

// Send one chunk. False if there is nothing to send, or no room.
static bool send_chunk(sim_t *sim, app_t *self, task_t *task)
{
    batch_t *batch = task->batch;
    if (task->sent == batch->jobs) return false;
    uint64_t count = 1 + sim_below(sim, task->chunk_jobs_max);
    count = batch->is_records ? 1 : dc_min_u64(count, batch->jobs - task->sent);
    dc_buf_t text = { 0 };
    for (uint64_t i = task->sent; i < task->sent + count; i++) {
        job_put_text(batch, i, &text);
    }
    bool has_last_newline = batch->width || sim_chance(sim, 900);
    if (!has_last_newline) text.len--;
    dcalc_chunk_t chunk = { .size = text.len, .width = batch->width, .record = batch->is_records };
    dc_slice_t data = { NULL, dc_buf_str(&text) };
    bool is_sent = false;
    dcalc_range_t needs;
    draw_needs(sim, batch, task->sent, &chunk, &needs);
    size_t need_bytes = batch->is_needing ? 256 + count * DC_NEED_COST_BYTES : 0;
    if (dc_requests_room(self->caller.requests, task->id) >= text.len + need_bytes) {
        dc_err_t err = dc_requests_send(self->caller.requests, sim_now_ms(sim), task->id, &chunk,
                                        &data, &self->caller.outcome);
        caller_count_step(sim, &self->caller);
        is_sent = err == DC_OK;
        if (!is_sent) sim_fail(sim, "a chunk cannot be sent: %s", dc_err_name(err));
        if (is_sent && (chunk.first != task->sent || chunk.jobs != count)) {
            sim_fail(sim, "a chunk has other jobs than were sent");
        }
        for (uint64_t i = task->sent; chunk.need_count && i < task->sent + count; i++) {
            batch->needs[i] = (dc_range_t){ needs.first, needs.end };
        }
        task->sent += count;
        sim->chunks_sent++;
    }
    dc_buf_fini(&text);
    return is_sent;
}

static void close_task(sim_t *sim, app_t *self, task_t *task)
{
    dc_err_t err =
        dc_requests_close(self->caller.requests, sim_now_ms(sim), task->id, &self->caller.outcome);
    caller_count_step(sim, &self->caller);
    if (err != DC_OK) sim_fail(sim, "a batch cannot be closed: %s", dc_err_name(err));
    task->is_closed = true;
}

static void cancel_task(sim_t *sim, app_t *self, task_t *task)
{
    dc_requests_cancel(self->caller.requests, sim_now_ms(sim), task->id, &self->caller.outcome);
    caller_count_step(sim, &self->caller);
    task->is_over = true;
    dc_ranges_clear(&task->unacked);
}

// Acknowledge some of what is answered: whole, or in odd parts.
static void acknowledge(sim_t *sim, app_t *self, task_t *task)
{
    dc_range_t run = { 0 };
    while (dc_ranges_next_run(&task->unacked, 0, UINT64_MAX, &run)) {
        if (!sim->is_calm && !sim_chance(sim, task->ack_per_mille)) return;
        if (sim_chance(sim, 200)) run.end = run.first + 1 + sim_below(sim, run.end - run.first);
        dc_err_t err = dc_requests_ack(self->caller.requests, task->id, run.first, run.end,
                                       &self->caller.outcome);
        caller_count_step(sim, &self->caller);
        if (err != DC_OK) sim_fail(sim, "answers cannot be acknowledged: %s", dc_err_name(err));
        if (!dc_ranges_remove(&task->unacked, run.first, run.end)) abort();
        if (sim->has_failed) return;
    }
}

static void see_asked(sim_t *sim, app_t *self, dc_err_t err, bool may_be_refused)
{
    self->may_be_refused = may_be_refused;
    caller_count_step(sim, &self->caller);
    if (err != DC_OK) sim_fail(sim, "a question cannot be asked: %s", dc_err_name(err));
}

// Ask the broker to change a batch, which may not be there.
static void set(sim_t *sim, app_t *self, uint64_t number, uint8_t what, uint64_t value)
{
    dc_err_t err = dc_requests_set(self->caller.requests, sim_now_ms(sim), number, what, value,
                                   &self->question, &self->caller.outcome);
    see_asked(sim, self, err, true);
}

static void release_one(sim_t *sim, app_t *self)
{
    for (size_t i = 0; i < self->task_count && !self->question; i++) {
        task_t *task = &self->tasks[i];
        if (!task->number) continue;
        set(sim, self, task->number, DC_SET_HOLD, 0);
        task->number = 0;
    }
}

static void ask(sim_t *sim, app_t *self)
{
    static const char *const questions[] = { "{\"what\":\"ping\"}", "{\"what\":\"list\"}",
                                             "{\"what\":\"workers\"}" };
    release_one(sim, self);
    if (self->question || sim->is_calm || !sim_chance(sim, sim->plan.question_per_mille)) return;
    dc_ms_t now = sim_now_ms(sim);
    uint64_t choice = sim_below(sim, DC_ARRAY_LEN(questions) + 3);
    if (choice < DC_ARRAY_LEN(questions)) {
        dc_str_t json = dc_str_from(questions[choice]);
        dc_err_t err = dc_requests_ask(self->caller.requests, now, json, &self->question,
                                       &self->caller.outcome);
        see_asked(sim, self, err, false);
    } else if (choice == DC_ARRAY_LEN(questions)) {
        // A number that nobody has: to cancel what others wait for is not this one's business.
        dc_err_t err = dc_requests_cancel_number(self->caller.requests, now, UINT64_C(1) << 40,
                                                 &self->question, &self->caller.outcome);
        see_asked(sim, self, err, true);
    } else if (choice == DC_ARRAY_LEN(questions) + 1) {
        char worker[16]; // it may be away
        snprintf(worker, sizeof worker, "slot%u", (unsigned)sim_below(sim, sim->plan.slots));
        dc_err_t err = dc_requests_drain(self->caller.requests, now, worker, &self->question,
                                         &self->caller.outcome);
        see_asked(sim, self, err, true);
    } else {
        int64_t priority = (int64_t)sim_below(sim, 21) + DC_PRIORITY_MIN;
        set(sim, self, sim_between(sim, 1, 8), DC_SET_PRIORITY, (uint64_t)priority);
    }
}

static void send_some(sim_t *sim, app_t *self, task_t *task)
{
    if (sim->now_us < task->send_us && !sim->is_calm) return;
    unsigned count_max = task->pace_us ? 1 + (unsigned)sim_below(sim, 4) : 16;
    for (unsigned count = 0; count < count_max && !task->is_over; count++) {
        if (!send_chunk(sim, self, task)) break;
    }
    task->send_us = sim->now_us + sim_below(sim, task->pace_us + 1);
}

// Returns when it wants to act again; UINT64_MAX: when something happens.
static uint64_t act_on(sim_t *sim, app_t *self, task_t *task)
{
    if (sim->now_us < task->open_us && !sim->is_calm) return task->open_us;
    if (!task->id) open_task(sim, self, task);
    if (!task->is_over && !sim->is_calm && sim->now_us >= task->cancel_us) {
        cancel_task(sim, self, task);
    }
    if (task->is_over && task->unacked.count == 0) return UINT64_MAX;
    send_some(sim, self, task);
    if (!task->is_over && task->sent == task->batch->jobs && !task->is_closed) {
        close_task(sim, self, task);
    }
    acknowledge(sim, self, task);
    bool has_more =
        task->unacked.count || (!task->is_over && task->sent < task->batch->jobs &&
                                dc_requests_room(self->caller.requests, task->id) > 4096);
    uint64_t soon_us = dc_max_u64(sim->now_us + sim_between(sim, 20, 20000),
                                  task->unacked.count || sim->is_calm ? 0 : task->send_us);
    if (has_more) return soon_us;
    return task->is_over || task->cancel_us <= sim->now_us ? UINT64_MAX : task->cancel_us;
}

// --- news --------------------------------------------------------------------------------------

static task_t *find_task(app_t *self, dcalc_id_t id)
{
    for (size_t i = 0; i < self->task_count; i++) {
        if (id && self->tasks[i].id == id) return &self->tasks[i];
    }
    return NULL;
}

static void on_end(sim_t *sim, task_t *task, const dcalc_event_t *event)
{
    if (task->batch->is_ended) sim_fail(sim, "batch %u ends twice", task->batch->number);
    task->batch->is_ended = true;
    bool is_cancel = event->error == DCALC_ERR_CANCELLED && task->is_over;
    bool is_late = event->error == DCALC_ERR_DEADLINE && task->deadline_ms;
    if (event->error == DCALC_OK) answers_check_skipped(sim, task->batch);
    if (event->error == DCALC_OK && task->after && !task->is_after_any && task->batch->jobs) {
        answers_check_after(sim, task->batch, task->after);
    }
    bool may_be_skipped =
        task->after && (event->error == DCALC_ERR_INVALID ||
                        (event->error == DCALC_ERR_SKIPPED && !task->is_after_any));
    bool is_short = sim->plan.settings.memory_bytes_max < dc_settings_default().memory_bytes_max;
    bool is_large = event->error == DCALC_ERR_TOO_LARGE && task->batch->is_needing && is_short;
    if (event->error != DCALC_OK && !is_cancel && !is_late && !may_be_skipped && !is_large) {
        sim_fail(sim, "batch %u ends with %s: %s", task->batch->number,
                 dc_err_name((dc_err_t)event->error), event->text);
    }
    if (event->error == DCALC_OK && task->batch->answered != task->batch->jobs) {
        sim_fail(sim, "batch %u ends with %llu of %llu jobs answered", task->batch->number,
                 (unsigned long long)task->batch->answered, (unsigned long long)task->batch->jobs);
    }
    task->is_over = true;
}

static void on_answer(sim_t *sim, app_t *self, const dcalc_event_t *event)
{
    if (event->id != self->question) sim_fail(sim, "an answer to what nobody asked");
    self->question = 0;
    bool is_of_nobody =
        event->error == DCALC_ERR_UNKNOWN_BATCH || event->error == DCALC_ERR_NO_WORKER;
    bool is_refused = is_of_nobody && self->may_be_refused;
    // A depositor's may have ended, and is there all the same.
    is_refused |= event->error == DCALC_ERR_INVALID && self->may_be_refused;
    if (event->error != DCALC_OK && !is_refused) {
        sim_fail(sim, "a question is answered with %s", dc_err_name((dc_err_t)event->error));
    }
}

// Only a job that was split makes progress, and that is told before it is answered.
static void on_progress(sim_t *sim, const task_t *task, const dcalc_event_t *event)
{
    if (!task || task->is_over) return;
    const batch_t *batch = task->batch;
    if (event->job >= batch->jobs || !batch->forked_us[event->job] || batch->answers[event->job]) {
        sim_fail(sim, "progress is told of job %llu of batch %u", (unsigned long long)event->job,
                 batch->number);
    }
    sim->tidings++;
}

static void take_news(sim_t *sim, app_t *self)
{
    dc_news_t news;
    while (!sim->has_failed && dc_outcome_take(&self->caller.outcome, &news)) {
        const dcalc_event_t *event = &news.event;
        task_t *task = find_task(self, event->id);
        switch (event->type) {
        case DCALC_EVENT_PIECE:
            // What was cancelled may have had pieces under way.
            if (task && !(task->is_over && !task->batch->is_ended)) {
                answers_take(sim, task->batch, event->piece, caller_wants_workers(&self->caller),
                             &task->unacked);
            }
            break;
        case DCALC_EVENT_END:
            if (task) on_end(sim, task, event);
            break;
        case DCALC_EVENT_ANSWER: on_answer(sim, self, event); break;
        case DCALC_EVENT_OPENED:
            if (task) task->known_as = event->number;
            if (task && task->is_held) task->number = event->number;
            break;
        case DCALC_EVENT_LOST: patience_broker_lost(sim, "app", self->number); break;
        case DCALC_EVENT_BUSY:
        case DCALC_EVENT_RECEIPT:
        case DCALC_EVENT_FOUND: break;
        case DCALC_EVENT_PROGRESS: on_progress(sim, task, event); break;
        }
        dc_news_fini(&news);
    }
}

// --- turns -------------------------------------------------------------------------------------

static uint64_t act(sim_t *sim, void *owner)
{
    app_t *self = owner;
    take_news(sim, self);
    uint64_t next_us = UINT64_MAX;
    for (size_t i = 0; i < self->task_count && !sim->has_failed; i++) {
        next_us = dc_min_u64(next_us, act_on(sim, self, &self->tasks[i]));
    }
    ask(sim, self);
    return next_us;
}

// --- the process -------------------------------------------------------------------------------

static void draw_task(sim_t *sim, task_t *task)
{
    const plan_t *plan = &sim->plan;
    uint64_t jobs = sim_between(sim, plan->batch_jobs_min, plan->batch_jobs_max);
    if (sim_chance(sim, 30)) jobs = 0;
    task->batch = answers_new_batch(sim, jobs);
    batch_t *batch = task->batch;
    batch->is_columns = sim_chance(sim, 150);
    batch->width = batch->is_columns && sim_chance(sim, 700) ? 8 : 0;
    batch->is_records = !batch->is_columns && sim_chance(sim, 80);
    if (batch->is_records) batch->jobs = dc_min_u64(batch->jobs, 40);
    dc_ranges_init(&task->unacked);
    task->chunk_jobs_max = plan->chunk_jobs_max;
    if (sim_chance(sim, 700)) task->pace_us = sim_below(sim, plan->pace_us_max + 1);
    task->open_us = sim_below(sim, plan->fault_us / 2 + 1);
    bool is_cancelled = sim_chance(sim, plan->cancel_per_mille);
    task->cancel_us = is_cancelled ? task->open_us + sim_below(sim, 2000000) : UINT64_MAX;
    batch->is_needing = sim_chance(sim, plan->needs_per_mille);
    if (plan->has_priorities) task->priority = (int8_t)(sim_below(sim, 21) - 10);
    if (plan->tag_count) batch->tag = (uint32_t)sim_below(sim, plan->tag_count + 1);
    // One slot alone may carry a tag, and waits for a second one for ever.
    batch->is_verified = !batch->tag && sim_chance(sim, plan->verified_per_mille);
    task->is_held = sim_chance(sim, plan->held_per_mille);
    if (sim_chance(sim, plan->deadline_per_mille)) task->deadline_ms = sim_between(sim, 1, 20000);
    task->ack_per_mille = sim_chance(sim, 700) ? 1000 : (uint32_t)sim_between(sim, 5, 500);
    if (batch->is_columns || batch->is_needing || !sim_chance(sim, plan->wide_per_mille)) return;
    // More results than may be under way, and whoever gets them takes his time.
    batch->letter = (char)(batch->letter - 'A' + 'a');
    task->ack_per_mille = (uint32_t)sim_between(sim, 1, 20);
}

app_t *app_new(sim_t *sim, unsigned number)
{
    app_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->number = number;
    self->caller = (caller_t){ .name = "app", .number = number, .owner = self, .act = act };
    self->task_count = sim_between(sim, sim->plan.batches_min, sim->plan.batches_max);
    for (size_t i = 0; i < self->task_count; i++) {
        draw_task(sim, &self->tasks[i]);
    }
    dc_session_settings_t settings = dc_requests_settings_default();
    settings.wants_workers = caller_wants_workers(&self->caller);
    if (sim_chance(sim, 200)) settings.inputs_bytes_max = sim_between(sim, 8192, 65536);
    caller_begin(sim, &self->caller, &settings, 1 + sim_below(sim, 100000));
    return self;
}

void app_destroy(sim_t *sim, app_t **self_p)
{
    app_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    caller_end(sim, &self->caller);
    for (size_t i = 0; i < self->task_count; i++) {
        dc_ranges_fini(&self->tasks[i].unacked);
    }
    free(self);
}

void app_kill(sim_t *sim, app_t *self)
{
    sim_note(sim, "        app%u is killed", self->number);
    self->is_dead = true;
    caller_end(sim, &self->caller);
}

void app_stop(sim_t *sim, app_t *self)
{
    caller_stop(sim, &self->caller);
}

void app_resume(sim_t *sim, app_t *self)
{
    caller_resume(sim, &self->caller);
}

bool app_is_done(const app_t *self)
{
    if (self->is_dead) return true;
    for (size_t i = 0; i < self->task_count; i++) {
        const task_t *task = &self->tasks[i];
        if (!task->batch->is_ended || task->unacked.count) return false;
    }
    return self->question == 0;
}

void app_leave(sim_t *sim, app_t *self)
{
    if (!self->caller.requests) return;
    dc_requests_leave(self->caller.requests, sim_now_ms(sim), &self->caller.outcome);
    caller_flush(sim, &self->caller);
    caller_end(sim, &self->caller);
}
