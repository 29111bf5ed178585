#include "client/cli/run/big_job.h"

#include "common/limits.h"

void dc_big_job_see(dc_big_job_t *self, const dcalc_event_t *event, dc_ms_t now)
{
    bool is_known = self->total == event->total && self->index == event->job;
    if (!is_known || event->done < self->done) {
        // It is told of first when it has run for so long.
        *self = (dc_big_job_t){ .index = event->job, .since_ms = now - DC_PROGRESS_MS };
    }
    self->done = event->done;
    self->total = event->total;
    self->told_ms = now;
}

void dc_big_job_see_piece(dc_big_job_t *self, const dcalc_piece_t *piece)
{
    bool is_it = piece->first <= self->index && self->index < piece->first + piece->count;
    if (is_it) *self = (dc_big_job_t){ 0 };
}

double dc_big_job_rate(const dc_big_job_t *self)
{
    if (!self->total || self->told_ms <= self->since_ms) return 0;
    return (double)self->done * 1000 / (double)(self->told_ms - self->since_ms);
}
