// measure — counts and measures what becomes of jobs, for all of them and for each batch, client
// and worker.
//
// Times are those of dc_core_set_us. It costs once per lease and once per piece, however many jobs
// these have. Parts of jobs count for nothing: they are no jobs of anybody's.
#ifndef DC_BROKER_CORE_REPORT_MEASURE_H
#define DC_BROKER_CORE_REPORT_MEASURE_H

#include "broker/core/clients/deliver.h"

// Time in milliseconds, as statistics count it.
static inline dc_ms_t dc_measure_ms(const dc_core_t *self)
{
    return self->now_us / 1000;
}

// `count` jobs of `chunk` are leased for the first time: they have waited until now.
void dc_measure_begun(dc_core_t *self, dc_chunk_t *chunk, uint64_t count);

// Jobs `fresh` of `chunk`, not empty, are answered by `results`.
void dc_measure_answers(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                        const dc_ranges_t *fresh);

// `count` jobs of `chunk` that are answered have failed, which was not counted.
void dc_measure_failed(dc_core_t *self, dc_chunk_t *chunk, uint64_t count);

// Time has passed: what is no longer recent is forgotten.
void dc_measure_tick(dc_core_t *self);

// Jobs of `chunk` that were answered are not any more: no more of them have failed than are still
// answered. Which of them had is not known, so that is the most that can be said.
void dc_measure_reopened(dc_chunk_t *chunk);

#endif
