// sweep — rows made from ranges: every combination of the points of some axes.
//
// `-r x=0:1:0.1 -r y=1:3` is all y for the first x, then all y for the second, and so on: the last
// axis runs fastest. A row is one double for each axis; of wide numbers see points.h. Rows are made
// when they are needed.
#ifndef DC_CLIENT_CLI_RECIPE_SWEEP_H
#define DC_CLIENT_CLI_RECIPE_SWEEP_H

#include "common/str.h"

typedef struct dc_axis {
    dc_str_t name;
    double first, step; // where they are doubles
    uint64_t count;     // of points: 1 ..
} dc_axis_t;

// Set the axis from `first` to `last`, both counted, in steps: floor((last - first)/step * (1 +
// 2^-50)) + 1 points, without the factor where all three are integers, as reductions count them;
// point k is fma(k, step, first). NULL; or what is wrong, as a phrase: a step of 0, a bound that is
// not finite, no points, too many.
const char *dc_axis_set(dc_axis_t *self, double first, double last, double step);

typedef struct dc_sweep {
    dc_axis_t *axes; // borrowed
    size_t axis_count;
    uint64_t row_count;
} dc_sweep_t;

// False if there are more than DC_INTEGER_MAX rows.
DC_MUST_USE bool dc_sweep_init(dc_sweep_t *self, dc_axis_t *axes, size_t axis_count);

// Write rows [first, first + count) to `doubles`, which has room for count * axis_count.
void dc_sweep_fill(const dc_sweep_t *self, uint64_t first, size_t count, double *doubles);

#endif
