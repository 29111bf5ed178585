// spot — the job that a slot is at, in memory that it shares with its supervisor.
//
// When a slot crashes, its supervisor reads here which job did it. It is written before each job,
// so writing is a plain store; it is read only after the writer's death, or by the writer's
// process.
#ifndef DC_WORKER_SPOT_H
#define DC_WORKER_SPOT_H

#include <stdatomic.h>

#include "common/base.h"

typedef struct dc_spot {
    _Atomic uint64_t lease_id; // 0: at none
    _Atomic uint64_t first;    // index of the job within its batch
    _Atomic uint32_t count;    // of jobs that are computed at once
} dc_spot_t;

// Begin at job `first` of a lease. The id comes last: with it the others count.
static inline void dc_spot_enter(dc_spot_t *self, uint64_t lease_id, uint64_t first)
{
    atomic_store_explicit(&self->lease_id, 0, memory_order_relaxed);
    atomic_store_explicit(&self->first, first, memory_order_release);
    atomic_store_explicit(&self->count, 1, memory_order_release);
    atomic_store_explicit(&self->lease_id, lease_id, memory_order_release);
}

// Go on to job `first` of the same lease.
static inline void dc_spot_move(dc_spot_t *self, uint64_t first)
{
    atomic_store_explicit(&self->first, first, memory_order_relaxed);
}

// Go on to `count` jobs that are computed at once, and behind them to single ones again.
static inline void dc_spot_enter_block(dc_spot_t *self, uint64_t first, uint32_t count)
{
    atomic_store_explicit(&self->first, first, memory_order_release);
    atomic_store_explicit(&self->count, count, memory_order_release);
}

static inline void dc_spot_leave_block(dc_spot_t *self)
{
    atomic_store_explicit(&self->count, 1, memory_order_release);
}

static inline void dc_spot_leave(dc_spot_t *self)
{
    atomic_store_explicit(&self->lease_id, 0, memory_order_release);
}

#endif
