// rehearsal — what a worker would make of rows, found out without one: their inputs are read and
// expressions translated as workers do, and a few rows are evaluated for a moment, to guess what
// all would cost.
//
//   dc_rehearsal_init(&rehearsal, recipe)
//   dc_rehearsal_row(&rehearsal, bytes, ...)     for each row; its inputs are in `inputs` then
//   dc_rehearsal_time(&rehearsal)                now and then, behind a row that is sound
#ifndef DC_CLIENT_CLI_RUN_REHEARSAL_H
#define DC_CLIENT_CLI_RUN_REHEARSAL_H

#include "client/cli/recipe/recipe.h"
#include "common/rows.h"

typedef struct dc_rehearsal {
    const dc_recipe_t *recipe; // borrowed; it is finished
    dc_program_t program;
    dc_arena_t arena;            // owned: what `program` and the next two live in
    dc_var_t *vars;              // what rows bring, then the constants
    dc_value_t *inputs;          // a value for each
    size_t var_count;            // of both together
    dc_calculator_t *calculator; // owned, like the next two
    dc_formula_t formula;        // of the template, if there is one
    dc_rows_t *rows;             //
    dc_str_t text;               // the expression of the last row, where each has one
    double steps;                // of one evaluation of the template at least
    bool is_exact;               // ... and at most
    double row_steps;            // of the last row that was sound
    double steps_sum;            // at least, of all rows that were sound
    uint64_t sound_count;        //
    unsigned timed_rows;         // rows that were timed: what they took, and the most that
    double timed_steps_max;      // ... one of them was said to take
    double timed_steps;          // the mean of what evaluations took, all rows counted alike
    double steps_per_us;         // of the row that was fastest so
    double us_min;               // the least that an evaluation took
    bool is_cut;                 // some were ended before anybody knew what they take
} dc_rehearsal_t;

// Whether a template is evaluated for all rows; else each has an expression.
static inline bool dc_rehearsal_has_template(const dc_rehearsal_t *self)
{
    return self->program.template.len > 0;
}

// DC_ERR_NOMEM; else what is wrong with the template, as `diag` says. fini frees what there is.
DC_MUST_USE dc_err_t dc_rehearsal_init(dc_rehearsal_t *self, const dc_recipe_t *recipe,
                                       dc_diag_t *diag);
void dc_rehearsal_fini(dc_rehearsal_t *self);

// Read a row and, where it brings one, translate its expression. What a worker would say without
// evaluating it: its fault, whose columns count as those of a worker do. Strings in `inputs` are
// borrowed from `bytes`, or good until the next call.
dc_err_t dc_rehearsal_row(dc_rehearsal_t *self, dc_str_t bytes, dc_diag_t *diag);

// Whether the row that was read last, which was sound, is worth timing: it takes far more than
// those that were timed, or there are none.
bool dc_rehearsal_is_dearer(const dc_rehearsal_t *self);

// Evaluate it for a millisecond or so.
void dc_rehearsal_time(dc_rehearsal_t *self);

// What all rows cost, as far as it can be told: steps, and seconds of one core that is like this
// one's and takes rows one by one; 0 where nothing was timed.
double dc_rehearsal_steps(const dc_rehearsal_t *self);
double dc_rehearsal_seconds(const dc_rehearsal_t *self);

#endif
