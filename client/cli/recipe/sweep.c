#include "client/cli/recipe/sweep.h"

#include <math.h>

#include "common/limits.h"

const char *dc_axis_set(dc_axis_t *self, double first, double last, double step)
{
    if (!isfinite(first) || !isfinite(last) || !isfinite(step)) return "is not finite";
    if (step == 0) return "has a step of 0";
    bool is_integral = first == floor(first) && last == floor(last) && step == floor(step);
    double steps = (last - first) / step;
    if (!is_integral) steps *= 1 + 0x1p-50;
    if (!(steps >= 0)) return "has no points";
    if (steps >= DC_INTEGER_MAX) return "has too many points";
    self->first = first;
    self->step = step;
    self->count = (uint64_t)floor(steps) + 1;
    return NULL;
}

bool dc_sweep_init(dc_sweep_t *self, dc_axis_t *axes, size_t axis_count)
{
    *self = (dc_sweep_t){ axes, axis_count, 1 };
    for (size_t i = 0; i < axis_count; i++) {
        if (__builtin_mul_overflow(self->row_count, axes[i].count, &self->row_count)) return false;
        if (self->row_count > (uint64_t)DC_INTEGER_MAX) return false;
    }
    return true;
}

void dc_sweep_fill(const dc_sweep_t *self, uint64_t first, size_t count, double *doubles)
{
    size_t width = self->axis_count;
    uint64_t repeats = 1; // how many rows in a row have the same point of this axis
    for (size_t i = width; i-- > 0;) {
        const dc_axis_t *axis = &self->axes[i];
        uint64_t point = first / repeats % axis->count;
        uint64_t left = repeats - first % repeats; // rows until the next point
        for (size_t row = 0; row < count; row++) {
            doubles[row * width + i] = fma((double)point, axis->step, axis->first);
            if (--left) continue;
            left = repeats;
            if (++point == axis->count) point = 0;
        }
        repeats *= axis->count;
    }
}
