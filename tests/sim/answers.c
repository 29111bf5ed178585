#include "tests/sim/answers.h"

#include <stdlib.h>

#include "common/fault.h"
#include "tests/sim/kept.h"
#include "tests/sim/parts.h"

static batch_t *enter(sim_t *sim, batch_t *batch)
{
    if (sim->batch_count == sim->batch_capacity) {
        sim->batch_capacity = sim->batch_capacity ? 2 * sim->batch_capacity : 16;
        sim->batches = realloc(sim->batches, sim->batch_capacity * sizeof *sim->batches);
        if (!sim->batches) abort();
    }
    sim->batches[sim->batch_count++] = batch;
    return batch;
}

batch_t *answers_new_batch(sim_t *sim, uint64_t jobs)
{
    plan_t *plan = &sim->plan;
    batch_t *batch = batch_new((uint32_t)sim->batch_count, jobs, sim_below(sim, UINT64_MAX));
    batch->retries = sim_chance(sim, 500) ? DC_RETRIES : 20;
    batch->job_ns = 1 + sim_below(sim, plan->job_ns_max);
    batch->fault_per_mille = plan->fault_per_mille;
    batch->slow_per_mille = plan->slow_per_mille;
    batch->tree_per_mille = sim_chance(sim, 700) ? plan->tree_per_mille : 0;
    if (jobs && plan->poison_count && sim_chance(sim, 500)) {
        plan->poison_count--;
        batch->poison = sim_below(sim, jobs);
    }
    if (jobs && plan->long_count && sim_chance(sim, 500)) {
        plan->long_count--;
        batch->long_job = sim_below(sim, jobs);
        batch->long_ns = sim_between(sim, 1000, 90000) * 1000000;
    }
    return enter(sim, batch);
}

// --- one answer --------------------------------------------------------------------------------

// The job failed since its slots were lost: was it rightly blamed?
static void check_blame(sim_t *sim, batch_t *batch, uint64_t index)
{
    if (index == batch->poison) return;
    sim->jobs_blamed++;
    if (batch->losses[index] > batch->retries) return;
    sim_fail(sim, "job %llu of batch %u is blamed, after %u losses of %u",
             (unsigned long long)index, batch->number, batch->losses[index], batch->retries);
}

// Slots disagree about the job: does one of them lie?
static void check_dispute(sim_t *sim, const batch_t *batch, uint64_t index)
{
    sim->jobs_disputed++;
    if (batch->lied[index]) return;
    sim_fail(sim, "slots are said to disagree about job %llu of batch %u, and none has lied",
             (unsigned long long)index, batch->number);
}

static bool begins_with(dc_str_t line, const char *word)
{
    size_t len = strlen(word);
    return line.len >= len && memcmp(line.data, word, len) == 0;
}

// The error of a job, as its fault says, or its line if it has none.
static dc_err_t error_of(const batch_t *batch, dc_str_t line, const dc_fault_t *fault)
{
    if (fault) return fault->code;
    if (batch->is_columns) return DC_OK;
    if (begins_with(line, "error: worker-lost")) return DC_ERR_LOST;
    if (begins_with(line, "error: time-limit")) return DC_ERR_TIME;
    if (begins_with(line, "error: too-large")) return DC_ERR_TOO_LARGE;
    if (begins_with(line, "error: workers-disagree")) return DC_ERR_DISAGREE;
    return DC_OK;
}

// Has the broker ended the job, which it may where that is too much for it?
static bool is_ended(sim_t *sim, const batch_t *batch, const job_t *job, dc_err_t error)
{
    bool is_short = sim->plan.settings.memory_bytes_max < dc_settings_default().memory_bytes_max;
    bool has_forked = parts_are_in(job) && batch->forked_us[job->index];
    uint64_t age_us = sim->now_us - batch->forked_us[job->index];
    if (error == DC_ERR_TIME) return has_forked && age_us >= DC_JOB_TIMEOUT_MS * UINT64_C(1000);
    bool needs_memory = has_forked || batch->needs[job->index].end;
    return error == DC_ERR_TOO_LARGE && needs_memory && is_short;
}

// Is `fault` the first of `expected`, as put by job_put_result?
static bool is_fault(const dc_fault_t *fault, dc_str_t expected)
{
    dc_fault_t wish;
    if (!dc_fault_take(&expected, &wish)) return !fault;
    return fault && fault->code == wish.code && fault->column == wish.column &&
           dc_str_eq(fault->message, wish.message);
}

// The answer to a job that has a value, or fails by itself, is the one that computing gives.
static void check_value(sim_t *sim, const batch_t *batch, uint64_t index, dc_str_t line,
                        const dc_fault_t *fault, dc_err_t error)
{
    job_t job;
    dc_buf_t text = { 0 };
    dc_buf_t expected = { 0 };
    dc_buf_t faults = { 0 };
    job_put_text(batch, index, &text);
    if (!job_read(dc_buf_str(&text), batch->width, &job)) sim_fail(sim, "a job cannot be read");
    bool has_result = job_put_result(&job, batch->letter, batch->is_columns, &expected,
                                     batch->is_plain ? NULL : &faults);
    if (faults.len) sim->jobs_failed++;
    bool is_right = has_result && dc_str_eq(dc_buf_str(&expected), line) &&
                    is_fault(fault, dc_buf_str(&faults));
    if (!is_right && !is_ended(sim, batch, &job, error)) {
        sim_fail(sim, "job %llu of batch %u has a wrong answer: %.*s, not %.*s",
                 (unsigned long long)index, batch->number, (int)line.len, line.data,
                 (int)expected.len, expected.data);
    }
    dc_buf_fini(&text);
    dc_buf_fini(&expected);
    dc_buf_fini(&faults);
}

static void check_result(sim_t *sim, batch_t *batch, uint64_t index, dc_str_t line,
                         const dc_fault_t *fault)
{
    if (batch->answers[index]++) {
        sim_fail(sim, "job %llu of batch %u is answered twice", (unsigned long long)index,
                 batch->number);
        return;
    }
    batch->answered++;
    sim->jobs_answered++;
    dc_err_t error = error_of(batch, line, fault);
    batch->errors[index] = (uint8_t)error;
    if (error == DC_ERR_SKIPPED && batch->needs[index].end) {
        sim->jobs_skipped++; // see answers_check_skipped
    } else if (error == DC_ERR_LOST) {
        check_blame(sim, batch, index);
    } else if (error == DC_ERR_DAMAGED) {
        kept_on_damaged(sim, batch, index);
    } else if (error == DC_ERR_DISAGREE) {
        check_dispute(sim, batch, index);
    } else {
        check_value(sim, batch, index, line, fault, error);
    }
}

// Whether the job may have come to another end than its answer says, which others then saw: slots
// were lost, it took too long or too much memory, the disk has spoiled it, or it was computed
// wrongly one time, and rightly when the answer was lost.
static bool is_shaky(const batch_t *batch, uint64_t index)
{
    dc_err_t error = (dc_err_t)batch->errors[index];
    return batch->losses[index] || batch->lied[index] || error == DC_ERR_TIME ||
           error == DC_ERR_TOO_LARGE || error == DC_ERR_DAMAGED;
}

void answers_check_skipped(sim_t *sim, const batch_t *batch)
{
    bool *shaky = calloc(batch->jobs + 1, sizeof *shaky);
    if (!shaky) abort();
    for (uint64_t i = 0; i < batch->jobs; i++) {
        bool must_skip = false;
        shaky[i] = is_shaky(batch, i);
        for (uint64_t need = batch->needs[i].first; need < batch->needs[i].end; need++) {
            must_skip |= batch->errors[need] != DC_OK;
            shaky[i] |= shaky[need];
        }
        bool is_skipped = batch->errors[i] == DC_ERR_SKIPPED;
        // What it needs may have been read before the disk spoiled it, and it computed again.
        shaky[i] |= is_skipped && sim->plan.spoil_per_mille;
        if (is_skipped == must_skip || shaky[i]) continue;
        sim_fail(sim, "job %llu of batch %u is%s skipped", (unsigned long long)i, batch->number,
                 is_skipped ? "" : " not");
    }
    free(shaky);
}

// --- pieces ------------------------------------------------------------------------------------

// Does `faults` begin with one of job `index`, behind those of jobs before it?
static bool take_fault(dc_str_t *faults, uint64_t index, dc_fault_t *fault)
{
    dc_str_t rest = *faults;
    while (dc_fault_take(&rest, fault)) {
        if (fault->index > index) return false;
        *faults = rest;
        if (fault->index == index) return true;
    }
    return false;
}

static bool is_fresh(const dcalc_piece_t *piece, uint64_t index)
{
    for (uint32_t i = 0; i < piece->fresh_count; i++) {
        if (piece->fresh[i].first <= index && index < piece->fresh[i].end) return true;
    }
    return false;
}

static void check_fault(sim_t *sim, const batch_t *batch, uint64_t index, dc_str_t line,
                        bool has_fault)
{
    static const char word[] = "error: ";
    bool is_error = line.len > sizeof word && memcmp(line.data, word, sizeof word - 1) == 0;
    if (!batch->is_columns && is_error != has_fault) {
        sim_fail(sim, "job %llu of batch %u has a fault and no error, or an error and no fault",
                 (unsigned long long)index, batch->number);
    }
}

// Nobody is named for what the broker fails, which is nobody's attempt, or what was split, alone.
static void check_worker(sim_t *sim, const dcalc_piece_t *piece, bool is_named)
{
    bool is_slots = piece->worker_bytes > 4 && memcmp(piece->worker, "slot", 4) == 0;
    bool may_lack = !is_named || !piece->attempt || piece->count == 1;
    bool is_right = piece->worker_bytes ? is_named && is_slots && piece->attempt : may_lack;
    if (is_right) return;
    sim_fail(sim, "a piece of %u jobs names '%.*s'", piece->count, (int)piece->worker_bytes,
             piece->worker ? piece->worker : "");
}

void answers_take(sim_t *sim, batch_t *batch, const dcalc_piece_t *piece, bool is_named,
                  dc_ranges_t *fresh)
{
    check_worker(sim, piece, is_named);
    dc_str_t results = dc_str(piece->results, piece->results_bytes);
    dc_str_t faults = dc_str(piece->faults, piece->faults_bytes);
    for (uint64_t i = piece->first; i < piece->first + piece->count && !sim->has_failed; i++) {
        dc_str_t line = { 0 };
        if (batch->is_columns) {
            line = dc_str(results.data, 8);
            results = dc_str(results.data + 8, results.len - 8);
        } else if (!dc_str_take_line(&results, &line)) {
            sim_fail(sim, "a piece has fewer lines than jobs");
        }
        dc_fault_t fault = { 0 };
        bool has_fault = take_fault(&faults, i, &fault);
        if (!is_fresh(piece, i)) continue;
        if (i >= batch->jobs) {
            sim_fail(sim, "an answer for a job that there is not");
            return;
        }
        check_fault(sim, batch, i, line, has_fault);
        check_result(sim, batch, i, line, has_fault ? &fault : NULL);
        if (!dc_ranges_add(fresh, i, i + 1)) return;
    }
}

void answers_take_reply(sim_t *sim, batch_t *batch, uint64_t first, uint64_t end, dc_str_t reply)
{
    dc_str_t line;
    for (uint64_t i = first; i < end && !sim->has_failed; i++) {
        if (!dc_str_take_line(&reply, &line)) {
            sim_fail(sim, "a reply has fewer lines than its request");
            return;
        }
        check_result(sim, batch, i, line, NULL);
    }
    if (reply.len) sim_fail(sim, "a reply has more lines than its request");
}

void answers_check_after(sim_t *sim, const batch_t *batch, const batch_t *after)
{
    for (uint64_t i = 0; i < after->jobs; i++) {
        // What the disk has spoiled was computed once, before `batch` began.
        bool is_good = after->errors[i] == DC_OK || after->errors[i] == DC_ERR_DAMAGED;
        if (!after->answers[i] || is_good) continue;
        sim_fail(sim, "batch %u is computed after batch %u, job %llu of which failed",
                 batch->number, after->number, (unsigned long long)i);
        return;
    }
}
