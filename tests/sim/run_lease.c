#include "tests/sim/run_lease.h"

#include <stdlib.h>

#include "common/wire_fork.h"
#include "common/wire_needs.h"
#include "tests/sim/hub.h"

// Cut the text of the next job off `rest`.
static bool take_text(const run_lease_t *lease, dc_str_t *rest, dc_str_t *text)
{
    uint32_t width = lease->cmd.lease.width;
    if (width) {
        if (rest->len < width) return false;
        *text = dc_str(rest->data, width);
        *rest = dc_str(rest->data + width, rest->len - width);
        return true;
    }
    if (lease->cmd.lease.flags & DC_LEASE_JOIN) {
        dc_wire_join_t join;
        if (!dc_wire_read_join(*rest, &join)) return false;
        *text = join.join;
        return true;
    }
    if (lease->cmd.lease.flags & (DC_LEASE_RECORD | DC_LEASE_CHILD)) {
        *text = *rest;
        *rest = (dc_str_t){ 0 };
        return text->len > 0;
    }
    return dc_str_take_line(rest, text);
}

bool run_lease_take(sim_t *sim, const run_lease_t *lease, uint64_t index, dc_str_t *rest,
                    job_t *job)
{
    dc_str_t text;
    bool is_read = take_text(lease, rest, &text) && job_read(text, lease->cmd.lease.width, job) &&
                   job->batch < sim->batch_count;
    // A plain request counts its own lines.
    bool is_plain = lease->cmd.lease.flags & DC_LEASE_TEXT;
    if (is_read && (is_plain || job->index == index)) return true;
    sim_fail(sim, "a slot gets inputs that are not those of job %llu", (unsigned long long)index);
    return false;
}

void run_lease_free(run_lease_t *lease)
{
    dc_slice_drop(&lease->cmd.data);
    dc_slice_drop(&lease->cmd.program);
    free(lease);
}

static bool is_join(const run_lease_t *lease)
{
    return lease->cmd.lease.flags & DC_LEASE_JOIN;
}

outcome_t run_lease_outcome(sim_t *sim, const run_lease_t *lease, const job_t *job)
{
    outcome_t outcome = { 'n', 0, 0, 0 };
    if (!is_join(lease)) {
        if (parts_are_in(job)) return parts_outcome(job);
        outcome.kind = job->kind;
        outcome.ns = job_ns(job, sim->batches[job->batch]);
        outcome.steps = 1;
    } else if (!parts_join(job, lease->cmd.data.bytes, &outcome)) {
        sim_fail(sim, "a join of job %llu does not get the results of its parts",
                 (unsigned long long)job->index);
    }
    return outcome;
}

char run_lease_letter(const run_lease_t *lease)
{
    dc_str_t program = lease->cmd.program.bytes;
    return (char)(program.len ? program.data[program.len - 1] : '@');
}

// A part gives its number to the join above, or as the job's own if there is none above.
static void put_part(const run_lease_t *lease, const job_t *job, const outcome_t *outcome,
                     run_result_t *to)
{
    bool is_columns = lease->cmd.lease.flags & DC_LEASE_COLUMNS;
    bool is_text = lease->cmd.lease.flags & DC_LEASE_TEXT;
    bool is_final = is_join(lease) && job->path.len == 0;
    if (outcome->kind == 'n' && !is_final) {
        parts_put_value(outcome->value, &to->results);
        return;
    }
    if (outcome->kind == 'n') {
        job_put_value(job, outcome->value, run_lease_letter(lease), is_columns, &to->results);
    } else {
        job_put_failure(job, outcome->value, is_columns, &to->results,
                        is_text ? NULL : &to->faults);
        to->flags |= DC_RESULT_FAILED;
    }
    if (!is_columns) dc_buf_append_char(&to->results, '\n');
}

void run_lease_put(sim_t *sim, const run_lease_t *lease, const job_t *job, run_result_t *to)
{
    outcome_t outcome = run_lease_outcome(sim, lease, job);
    to->steps += outcome.steps;
    if (lease->cmd.lease.flags & (DC_LEASE_CHILD | DC_LEASE_JOIN)) {
        put_part(lease, job, &outcome, to);
        return;
    }
    bool is_columns = lease->cmd.lease.flags & DC_LEASE_COLUMNS;
    bool is_text = lease->cmd.lease.flags & DC_LEASE_TEXT;
    if (!job_put_result(job, run_lease_letter(lease), is_columns, &to->results,
                        is_text ? NULL : &to->faults)) {
        sim_fail(sim, "a slot survives job %llu", (unsigned long long)job->index);
    }
    if (!is_columns) dc_buf_append_char(&to->results, '\n');
}

void run_lease_put_lie(const run_lease_t *lease, uint64_t lie, run_result_t *to)
{
    to->steps++;
    if (lease->cmd.lease.flags & DC_LEASE_COLUMNS) {
        dc_buf_append(&to->results, &lie, sizeof lie);
        return;
    }
    parts_put_value(lie, &to->results);
    bool is_part = lease->cmd.lease.flags & DC_LEASE_CHILD;
    if (!is_part) dc_buf_append_char(&to->results, '\n');
}

// Is `given` what job `index` comes to?
static bool is_result(const batch_t *batch, uint64_t index, dc_str_t given)
{
    job_t job;
    dc_buf_t text = { 0 };
    dc_buf_t result = { 0 };
    dc_buf_t faults = { 0 };
    job_put_text(batch, index, &text);
    bool is_right = job_read(dc_buf_str(&text), batch->width, &job) &&
                    job_put_result(&job, batch->letter, batch->is_columns, &result, &faults) &&
                    faults.len == 0 && dc_str_eq(dc_buf_str(&result), given);
    dc_buf_fini(&text);
    dc_buf_fini(&result);
    dc_buf_fini(&faults);
    return is_right;
}

// A lease brings the results that its jobs need, all of them, in order, and no others; and there is
// none before what its batch comes after has ended.
static void check_needs(sim_t *sim, run_lease_t *lease)
{
    job_t job;
    dc_wire_needs_t given = { 0 };
    const struct dc_cmd_lease *cmd = &lease->cmd.lease;
    if (cmd->flags & (DC_LEASE_CHILD | DC_LEASE_JOIN)) return;
    if (cmd->flags & DC_LEASE_NEEDS && !dc_wire_read_needs(&lease->rest, &given)) {
        sim_fail(sim, "the results that a lease brings cannot be read");
        return;
    }
    dc_str_t rest = lease->rest;
    if (!run_lease_take(sim, lease, cmd->first, &rest, &job)) return;
    const batch_t *batch = sim->batches[job.batch];
    dc_range_t needs = batch->is_needing ? batch->needs[job.index] : (dc_range_t){ 0 };
    bool is_right = given.count == needs.end - needs.first;
    for (uint64_t i = needs.first; is_right && i < needs.end; i++) {
        is_right = is_result(batch, i, dc_wire_take_need(&given));
    }
    if (!is_right) {
        sim_fail(sim, "job %llu of batch %u does not get what it needs",
                 (unsigned long long)job.index, batch->number);
    }
    sim->needs_met += given.count;
    if (batch->after && dc_store_model_is_open(hub_store(sim->hub), batch->after->number)) {
        sim_fail(sim, "batch %u is computed before batch %u has ended, which it comes after",
                 batch->number, batch->after->number);
    }
}

run_lease_t *run_lease_new(sim_t *sim, const dc_cmd_t *cmd)
{
    run_lease_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->cmd = *cmd;
    if (!dc_slice_keep(&cmd->data, &self->cmd.data)) abort();
    if (!dc_slice_keep(&cmd->program, &self->cmd.program)) abort();
    self->next = cmd->lease.first;
    self->end = cmd->lease.first + cmd->lease.count;
    self->rest = self->cmd.data.bytes;
    check_needs(sim, self);
    return self;
}
