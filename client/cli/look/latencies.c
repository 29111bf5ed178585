#include "client/cli/look/latencies.h"

#include <math.h>
#include <stdlib.h>

void dc_latencies_fini(dc_latencies_t *self)
{
    dc_buf_fini(&self->times);
    *self = (dc_latencies_t){ 0 };
}

void dc_latencies_add(dc_latencies_t *self, dc_us_t time)
{
    uint32_t kept = (uint32_t)dc_min_u64(time, UINT32_MAX);
    self->count++;
    self->is_ordered = false;
    if (self->times.len < DC_LATENCIES_MAX * sizeof kept)
        dc_buf_append(&self->times, &kept, sizeof kept);
}

static int compare(const void *a, const void *b)
{
    uint32_t first, second;
    memcpy(&first, a, sizeof first);
    memcpy(&second, b, sizeof second);
    return (first > second) - (first < second);
}

dc_us_t dc_latencies_percentile(dc_latencies_t *self, double percent)
{
    uint32_t time;
    size_t count = self->times.len / sizeof time;
    if (!count) return 0;
    if (!self->is_ordered) qsort(self->times.data, count, sizeof time, compare);
    self->is_ordered = true;
    size_t rank = (size_t)ceil(percent / 100 * (double)count);
    size_t index = dc_min_size(rank ? rank - 1 : 0, count - 1);
    memcpy(&time, self->times.data + index * sizeof time, sizeof time);
    return time;
}
