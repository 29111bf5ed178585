#include "worker/evaluator.h"

#include <stdlib.h>

#include "worker/cells.h"
#include "worker/plan.h"

// Fewer rows are faster one by one.
#define BLOCK_ROWS_MIN 4

// What the rows of a block take together is bounded: a lease may be trimmed meanwhile, and limits
// of time are looked at between blocks.
#define BLOCK_STEPS_MAX 20000

struct dc_evaluator {
    dc_spot_t *spot; // borrowed
    dc_engine_t *engine;
    dc_splitter_t splitter;
    uint64_t block_steps;                        // what the rows of a block may take together
    dc_plan_t *plans[DC_EVALUATOR_PROGRAMS_MAX]; // owned
    size_t plan_count;
    uint64_t use_count;

    // Of the lease that is being worked on.
    dc_plan_t *plan;     // one of the above; NULL if memory was short
    dc_str_t rest;       // its data, as far as not taken
    uint64_t next, end;  // indices
    uint32_t width;      // of a job, or 0: jobs are lines
    size_t expr_max;     // bytes of an expression or template that the broker allows
    bool is_record;      // the data is one job
    bool is_part;        // ... or a part of one that another slot has split
    bool is_fresh;       // no job was taken yet
    dc_str_t job;        // the bytes of the current one
    bool is_missing;     // it has none
    dc_task_end_t ended; // how its evaluation ended, if without a value or a fault ...
    dc_str_t data;       // ... and what is to be sent then
    size_t block_at;     // the current job's place in the plan's block, while that is less than ...
    size_t block_count;  // ... how many jobs are in it
    dc_diag_t part_diag; // why the part it has is none
    dc_eval_options_t options;

    // Of a sheet.
    dc_cells_t cells;
    dc_wire_needs_t needs; // the results that the lease, or the part, brings
    dc_buf_t whole;        // a job with these in front, as its parts have it
};

dc_evaluator_t *dc_evaluator_new(dc_spot_t *spot, bool is_quick)
{
    dc_evaluator_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->spot = spot;
    self->block_steps = is_quick ? DC_TINY_STEPS_MAX : BLOCK_STEPS_MAX;
    if (dc_splitter_init(&self->splitter, !is_quick)) self->engine = dc_engine_new();
    if (!self->engine) dc_evaluator_destroy(&self);
    return self;
}

void dc_evaluator_destroy(dc_evaluator_t **self_p)
{
    dc_evaluator_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    for (size_t i = 0; i < self->plan_count; i++)
        dc_plan_destroy(&self->plans[i]);
    dc_engine_destroy(&self->engine);
    dc_splitter_fini(&self->splitter);
    dc_cells_fini(&self->cells);
    dc_buf_fini(&self->whole);
    free(self);
}

// --- programs ----------------------------------------------------------------------------------

// Where a new plan goes: behind the others, or in the place of the one that was not used for
// longest.
static dc_plan_t **free_place(dc_evaluator_t *self)
{
    if (self->plan_count < DC_EVALUATOR_PROGRAMS_MAX) return &self->plans[self->plan_count];
    dc_plan_t **oldest = &self->plans[0];
    for (size_t i = 1; i < self->plan_count; i++) {
        if (self->plans[i]->used < (*oldest)->used) oldest = &self->plans[i];
    }
    return oldest;
}

static dc_plan_t *find_plan(dc_evaluator_t *self, dc_str_t frame)
{
    for (size_t i = 0; i < self->plan_count; i++) {
        if (dc_plan_is(self->plans[i], frame)) return self->plans[i];
    }
    dc_plan_t *plan = dc_plan_new(self->engine, frame);
    if (!plan) return NULL;
    dc_plan_t **place = free_place(self);
    if (place == &self->plans[self->plan_count]) {
        self->plan_count++;
    } else {
        dc_plan_destroy(place);
    }
    *place = plan;
    return plan;
}

const dc_program_t *dc_evaluator_program(const dc_evaluator_t *self)
{
    static const dc_program_t none = { .timeout_ms = DC_JOB_TIMEOUT_MS, .steps_max = DC_STEPS_MAX };
    return self->plan ? &self->plan->program : &none;
}

// --- jobs --------------------------------------------------------------------------------------

static bool is_sheet(const dc_evaluator_t *self)
{
    return self->plan && self->plan->program.format == DC_FORMAT_SHEET;
}

// The results that a lease brings, or that stand in front of the job that a part is of.
static void take_needs(dc_evaluator_t *self, const dc_cmd_t *lease)
{
    self->needs = (dc_wire_needs_t){ 0 };
    bool has_needs = lease->lease.flags & DC_LEASE_NEEDS || (self->is_part && is_sheet(self));
    if (has_needs && !dc_wire_read_needs(&self->rest, &self->needs)) self->rest = (dc_str_t){ 0 };
}

void dc_evaluator_begin(dc_evaluator_t *self, const dc_cmd_t *lease)
{
    dc_str_t frame = lease->program.bytes;
    // The programs of leases that follow each other are mostly the same.
    if (!self->plan || !dc_plan_is(self->plan, frame)) self->plan = find_plan(self, frame);
    if (self->plan) self->plan->used = ++self->use_count;
    self->options = (dc_eval_options_t){ .ieee = dc_evaluator_program(self)->ieee };
    self->rest = lease->data.bytes;
    self->part_diag.code = DC_OK;
    self->next = lease->lease.first;
    self->end = lease->lease.first + lease->lease.count;
    self->width = lease->lease.width;
    self->expr_max = lease->lease.expr_bytes_max ? lease->lease.expr_bytes_max : DC_EXPR_BYTES_MAX;
    self->is_part = lease->lease.flags & (DC_LEASE_CHILD | DC_LEASE_JOIN);
    self->is_record = self->is_part || lease->lease.flags & DC_LEASE_RECORD;
    self->is_fresh = true;
    self->block_at = self->block_count = 0;
    if (self->is_part) {
        dc_err_t err = dc_splitter_begin(&self->splitter, lease, &self->rest, &self->part_diag);
        if (err) self->rest = (dc_str_t){ 0 };
    }
    take_needs(self, lease);
    dc_spot_enter(self->spot, lease->lease.id, self->next);
}

// Cut the current job's bytes off the rest. False if there are none.
static bool cut_job(dc_evaluator_t *self)
{
    if (self->is_record) {
        self->job = self->rest;
        self->rest = (dc_str_t){ 0 };
        return self->is_fresh;
    }
    if (self->width == 0) return dc_str_take_line(&self->rest, &self->job);
    if (self->rest.len < self->width) return false;
    self->job = dc_str(self->rest.data, self->width);
    self->rest = dc_str(self->rest.data + self->width, self->rest.len - self->width);
    return true;
}

// What is longer than any engine takes the engine sees itself.
static bool is_long(const dc_evaluator_t *self, dc_str_t text)
{
    return text.len > self->expr_max && text.len <= DC_EXPR_BYTES_MAX;
}

static dc_err_t see_length(const dc_evaluator_t *self, const char *what, dc_str_t text,
                           dc_diag_t *diag)
{
    if (!is_long(self, text)) return DC_OK;
    return dc_diag_set(diag, DC_ERR_TOO_LONG, 0, 0,
                       "the %s has %zu bytes, and the broker takes %zu at most (--max-expr)", what,
                       text.len, self->expr_max);
}

// Read and evaluate the next jobs together, if there are enough of them.
static bool begin_block(dc_evaluator_t *self)
{
    dc_row_block_t *block = self->plan && !self->is_record ? self->plan->block : NULL;
    if (!block || is_long(self, self->plan->program.template)) return false;
    uint64_t count =
        dc_min_u64(dc_row_block_rows(block, self->block_steps), self->end - self->next);
    if (count < BLOCK_ROWS_MIN) return false;
    dc_row_block_clear(block, self->rest.data + self->rest.len);
    dc_spot_enter_block(self->spot, self->next, (uint32_t)count);
    self->block_at = self->block_count = 0;
    while (self->block_count < count && cut_job(self)) {
        dc_row_block_add(block, self->job);
        self->block_count++;
    }
    dc_row_block_run(block);
    dc_spot_leave_block(self->spot);
    return self->block_count > 0;
}

// Go to the next job of the block, or into another block.
static bool take_of_block(dc_evaluator_t *self)
{
    if (self->block_at < self->block_count) self->block_at++;
    if (self->block_at == self->block_count && !begin_block(self)) return false;
    self->job = dc_row_block_job(self->plan->block, self->block_at);
    return true;
}

bool dc_evaluator_take(dc_evaluator_t *self)
{
    if (!self->is_fresh) self->next++;
    if (self->next >= self->end) return false;
    self->is_missing = !take_of_block(self) && !cut_job(self);
    self->is_fresh = false;
    dc_spot_move(self->spot, self->next);
    return true;
}

// What an expression may use.
typedef struct known {
    const dc_var_t *vars;
    const dc_value_t *values;
    size_t count;
} known_t;

// Evaluate a job's own expression, which begins at `column` of the job.
static dc_err_t eval_text(dc_evaluator_t *self, dc_str_t text, size_t column, known_t known,
                          dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag)
{
    dc_err_t err = see_length(self, "expression", text, diag);
    if (err) return err;
    if (self->plan->wide) {
        err = dc_wide_eval(self->plan->wide, text, known.vars, known.values, known.count, budget,
                           value, diag);
    } else {
        err = dc_engine_eval(self->engine, text, known.vars, known.values, known.count,
                             self->options, budget, value, diag);
    }
    if (err) diag->column += (uint32_t)column;
    return err;
}

static dc_err_t eval_cell(dc_evaluator_t *self, dc_budget_t *budget, dc_value_t *value,
                          dc_diag_t *diag)
{
    size_t column = 0;
    dc_str_t text = { 0 };
    dc_cells_t *cells = &self->cells;
    dc_err_t err =
        dc_cells_read(cells, &self->plan->program, self->job, self->needs, &text, &column, diag);
    if (err) return err;
    known_t known = { cells->vars, cells->values, cells->count };
    return eval_text(self, text, column, known, budget, value, diag);
}

static dc_err_t eval_row(dc_evaluator_t *self, dc_budget_t *budget, dc_value_t *value,
                         dc_diag_t *diag)
{
    dc_plan_t *plan = self->plan;
    dc_str_t text = { 0 };
    size_t column = 0;
    dc_err_t err = dc_rows_read(plan->rows, self->job, plan->inputs, &text, &column, diag);
    if (err) return err;
    if (plan->code) {
        return dc_engine_run(self->engine, plan->code, plan->inputs, self->options, budget, value,
                             diag);
    }
    if (plan->wide_code)
        return dc_wide_run(plan->wide, plan->wide_code, plan->inputs, budget, value, diag);
    known_t known = { plan->vars, plan->inputs, plan->var_count };
    return eval_text(self, text, column, known, budget, value, diag);
}

// Why the job cannot be evaluated at all; DC_OK if it can.
static dc_err_t refuse(dc_evaluator_t *self, dc_diag_t *diag)
{
    if (!self->plan) {
        return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "the batch's program found no memory");
    }
    if (self->is_missing) {
        return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "the job has no bytes");
    }
    if (self->job.len > DC_RECORD_BYTES_MAX) {
        return dc_diag_set(diag, DC_ERR_TOO_LONG, 0, 0, "the record is longer than %d bytes",
                           DC_RECORD_BYTES_MAX);
    }
    if (self->plan->err) *diag = self->plan->diag;
    if (self->plan->err) return self->plan->err;
    return see_length(self, "template", self->plan->program.template, diag);
}

// An expression a line, nothing around it: the shortest way.
static bool is_plain_line(const dc_evaluator_t *self)
{
    return self->plan && self->plan->frame_bytes == 0 && !self->is_missing && !self->is_part;
}

static dc_err_t no_part(dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "the job has no such part");
}

// The job in hand, or the part of it.
static dc_err_t eval_job(dc_evaluator_t *self, dc_budget_t *budget, dc_value_t *value,
                         dc_diag_t *diag)
{
    if (is_plain_line(self)) {
        dc_err_t err = see_length(self, "expression", self->job, diag);
        if (err) return err;
        return dc_engine_eval(self->engine, self->job, NULL, NULL, 0, self->options, budget, value,
                              diag);
    }
    dc_err_t err = refuse(self, diag);
    if (err) return err;
    return is_sheet(self) ? eval_cell(self, budget, value, diag)
                          : eval_row(self, budget, value, diag);
}

static dc_err_t eval_part(dc_evaluator_t *self, dc_budget_t *budget, dc_value_t *value,
                          dc_diag_t *diag)
{
    dc_task_t *task = budget->task;
    if (self->part_diag.code) *diag = self->part_diag;
    if (self->part_diag.code) return diag->code;
    if (task->is_merge) return dc_task_merge(task) ? DC_ERR_CANCELLED : no_part(diag);
    dc_err_t err = eval_job(self, budget, value, diag);
    // A value is the end of a job, but not of a part of a reduction.
    return !err && task->level_count > 1 ? no_part(diag) : err;
}

static dc_err_t eval_task(dc_evaluator_t *self, dc_budget_t *budget, dc_value_t *value,
                          dc_diag_t *diag)
{
    budget->task->end_is = DC_TASK_NOT_ENDED;
    dc_err_t err =
        self->is_part ? eval_part(self, budget, value, diag) : eval_job(self, budget, value, diag);
    self->ended = err == DC_ERR_CANCELLED ? budget->task->end_is : DC_TASK_NOT_ENDED;
    return err;
}

// Put all that it needs in front of `job`.
static bool put_whole(dc_evaluator_t *self, dc_str_t job)
{
    self->whole.len = 0;
    self->whole.failed = false;
    if (self->needs.all.len) {
        dc_buf_append_str(&self->whole, self->needs.all);
    } else {
        dc_wire_begin_needs(&self->whole, 0);
    }
    dc_buf_append_str(&self->whole, job);
    return !self->whole.failed;
}

// What the evaluation ended with, to be sent. False if it cannot be.
static bool put_end(dc_evaluator_t *self)
{
    dc_str_t job = self->job;
    if (is_sheet(self)) {
        if (!put_whole(self, job)) return false;
        job = dc_buf_str(&self->whole);
    }
    return dc_splitter_put(&self->splitter, job, &self->data);
}

dc_err_t dc_evaluator_eval(dc_evaluator_t *self, dc_budget_t *budget, dc_value_t *value,
                           dc_diag_t *diag)
{
    budget->steps_used = 0;
    self->ended = DC_TASK_NOT_ENDED;
    bool has_value =
        self->block_at < self->block_count &&
        dc_row_block_get(self->plan->block, self->block_at, value, &budget->steps_used);
    if (has_value && budget->steps_used <= budget->steps_max) return DC_OK;
    budget->task = dc_splitter_task(&self->splitter, self->needs.all.len + self->job.len);
    dc_err_t err = eval_task(self, budget, value, diag);
    if (self->ended && !put_end(self)) {
        dc_splitter_keep_whole(&self->splitter);
        err = eval_task(self, budget, value, diag);
        if (self->ended && !put_end(self)) {
            err = DC_ERR_NOMEM;
        }
    }
    if (err != DC_ERR_NOMEM) return err;
    self->ended = DC_TASK_NOT_ENDED;
    return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "the job needs more memory than there is");
}

bool dc_evaluator_take_values(dc_evaluator_t *self, uint64_t count_max, dc_evaluated_t *evaluated)
{
    if (self->block_at >= self->block_count) return false;
    const dc_row_block_t *block = self->plan->block;
    size_t rows = dc_min_u64(self->block_count - self->block_at, count_max);
    evaluated->count = dc_row_block_values(block, self->block_at, rows, &evaluated->values,
                                           &evaluated->are_bools, &evaluated->steps);
    if (evaluated->count == 0) return false;
    self->block_at += evaluated->count - 1;
    self->next += evaluated->count - 1;
    self->job = dc_row_block_job(block, self->block_at);
    dc_spot_move(self->spot, self->next);
    return true;
}

dc_task_end_t dc_evaluator_ended(const dc_evaluator_t *self, dc_str_t *data)
{
    if (self->ended) *data = self->data;
    return self->ended;
}

void dc_evaluator_rest(dc_evaluator_t *self, const dc_cmd_t *lease, dc_cmd_t *rest)
{
    *rest = *lease;
    if (self->is_part) return; // it is one job, with more around it
    assert(!self->is_missing);
    dc_str_t all = lease->data.bytes;
    size_t offset = (size_t)(self->job.data - all.data);
    rest->lease.first = self->next;
    rest->lease.count = (uint32_t)(self->end - self->next);
    rest->data = dc_slice_part(lease->data, offset, all.len - offset);
    if (!self->needs.all.len) return;
    // Where memory is short its jobs have no bytes, and say so.
    rest->data = (dc_slice_t){ 0 };
    if (put_whole(self, dc_str_behind(all, offset))) rest->data.bytes = dc_buf_str(&self->whole);
}

void dc_evaluator_end(dc_evaluator_t *self)
{
    dc_spot_leave(self->spot);
    if (self->is_part) dc_splitter_end(&self->splitter);
    self->rest = self->job = (dc_str_t){ 0 };
}
