// points — the rows of a sweep whose numbers are wide: each point as its digits, with tabs between.
//
// Bounds are digits, whatever numbers are, and points are exact: point k is first + k * step, and
// there are floor((last - first) / step) + 1. So `-r x=0:1:0.1` is 0, 0.1, 0.2 and so on. A worker
// rounds what has more digits than its decimals.
#ifndef DC_CLIENT_CLI_RECIPE_POINTS_H
#define DC_CLIENT_CLI_RECIPE_POINTS_H

#include "client/cli/recipe/sweep.h"
#include "common/wide/calculator.h"

// An axis, beside that of the sweep.
typedef struct dc_points_axis {
    dc_str_t first, step; // borrowed
    uint64_t point;       // that `text` is
    dc_buf_t text;        // owned
} dc_points_axis_t;

typedef struct dc_points {
    dc_calculator_t *calculator; // owned, as is all; NULL: there are no axes
    dc_formula_t formula;        // of a point
    dc_points_axis_t *axes;
    size_t axis_count;
} dc_points_t;

// Add an axis from `first` to `last`, both counted; `first` and `step` are borrowed as long as
// `self` lives. NULL, and `*count` is how many points it has; or what is wrong, as a phrase.
const char *dc_points_add(dc_points_t *self, dc_str_t first, dc_str_t last, dc_str_t step,
                          uint64_t *count);
void dc_points_fini(dc_points_t *self);

// Append row `row` of `sweep`, whose axes are those that were added, with its newline. False if
// that cannot be done: memory is short.
DC_MUST_USE bool dc_points_put(dc_points_t *self, const dc_sweep_t *sweep, uint64_t row,
                               dc_buf_t *out);

#endif
