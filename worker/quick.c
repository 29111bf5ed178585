#include "worker/quick.h"

#include <stdlib.h>

#include "common/clock.h"
#include "worker/results.h"

struct dc_quick {
    dc_evaluator_t *evaluator;
    dc_output_t *output;
};

dc_quick_t *dc_quick_new(dc_spot_t *spot)
{
    dc_quick_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->evaluator = dc_evaluator_new(spot, true);
    self->output = dc_output_new(-1);
    if (!self->evaluator || !self->output) dc_quick_destroy(&self);
    return self;
}

void dc_quick_destroy(dc_quick_t **self_p)
{
    dc_quick_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_output_destroy(&self->output);
    dc_evaluator_destroy(&self->evaluator);
    free(self);
}

static bool is_tiny(const dc_cmd_t *lease)
{
    return lease->lease.count <= DC_TINY_JOBS_MAX &&
           lease->data.bytes.len + lease->program.bytes.len <= DC_TINY_BYTES_MAX;
}

// Evaluate jobs until all are done, or one needs more steps or time than a tiny lease may: then
// false. A job that fails by the program's own limit has failed, and is done.
static bool run_jobs(dc_quick_t *self)
{
    dc_us_t end_us = dc_clock_awake_us() + DC_TINY_US_MAX;
    uint64_t allowed = dc_evaluator_program(self->evaluator)->steps_max;
    uint64_t left = DC_TINY_STEPS_MAX;
    dc_value_t value;
    dc_diag_t diag = { 0 };
    while (dc_evaluator_take(self->evaluator)) {
        dc_budget_t budget = { .steps_max = dc_min_u64(left, allowed), .deadline_us = end_us };
        dc_err_t err = dc_evaluator_eval(self->evaluator, &budget, &value, &diag);
        if (err == DC_ERR_TIME || (err == DC_ERR_STEPS && left < allowed)) return false;
        left -= dc_min_u64(left, budget.steps_used);
        dc_results_put(self->output, self->evaluator, err, &value, budget.steps_used, &diag);
    }
    return true;
}

bool dc_quick_try(dc_quick_t *self, const dc_cmd_t *lease, dc_us_t *now_us, dc_cmd_t *rest)
{
    *rest = *lease;
    if (!is_tiny(lease)) return false;
    dc_output_begin(self->output, lease, *now_us);
    dc_evaluator_begin(self->evaluator, lease);
    dc_output_keep_signs(self->output,
                         dc_evaluator_program(self->evaluator)->format == DC_FORMAT_SHEET);
    bool is_done = run_jobs(self);
    if (!is_done) dc_evaluator_rest(self->evaluator, lease, rest);
    dc_evaluator_end(self->evaluator);
    *now_us = dc_output_finish(self->output, is_done);
    return is_done;
}

void dc_quick_take(dc_quick_t *self, dc_pieces_t *pieces)
{
    dc_output_take(self->output, false, pieces);
}

bool dc_quick_has_failed(const dc_quick_t *self)
{
    return dc_output_has_failed(self->output);
}
