// runner — the thread that evaluates, apart from the one that speaks with the broker.
//
// It takes leases in the order in which they come, and makes pieces of their results: a full one,
// or what there is when the lease ends. What is finished of a lease that goes on is taken by
// whoever calls dc_runner_take with `partly`, so that a job of an hour holds nothing back. A lease
// can be trimmed and cancelled while it runs, inside an expression too.
//
// All functions are for one thread, which is not the runner's own.
#ifndef DC_WORKER_RUNNER_H
#define DC_WORKER_RUNNER_H

#include "common/wire.h"
#include "worker/pieces.h"
#include "worker/spot.h"

typedef struct dc_runner dc_runner_t;

// Start a runner that says in `spot` (borrowed until destroy) where it is. NULL if the system has
// no memory or thread to give.
dc_runner_t *dc_runner_new(dc_spot_t *spot);

// Cancel what it does, end its thread, and set `*self_p` to NULL; NULL is fine.
void dc_runner_destroy(dc_runner_t **self_p);

// Evaluate `lease` (a LEASE; its slices are kept) behind those that came before. False if memory is
// short.
DC_MUST_USE bool dc_runner_run(dc_runner_t *self, const dc_cmd_t *lease);

// Lease `id` ends at `end`. If a job at or behind it is running, that job is broken off. Unknown
// ids are fine, here and below.
void dc_runner_trim(dc_runner_t *self, uint64_t id, uint64_t end);

// Forget lease `id`: no piece comes of it from now on.
void dc_runner_cancel(dc_runner_t *self, uint64_t id);

// Forget all leases.
void dc_runner_stop(dc_runner_t *self);

// Is there no lease that runs or waits?
bool dc_runner_is_idle(dc_runner_t *self);

// Move the pieces that are ready into `pieces` (empty; its memory is used further); with `partly`
// also what is finished of the lease that runs.
void dc_runner_take(dc_runner_t *self, bool partly, dc_pieces_t *pieces);

// A file descriptor that can be read while there are pieces.
int dc_runner_fd(const dc_runner_t *self);

// How long one of the jobs that it runs now, or ran last, may take, in ms; 0 for no limit.
uint64_t dc_runner_timeout_ms(const dc_runner_t *self);

// True once memory was so short that results were lost: the process must end.
bool dc_runner_has_failed(const dc_runner_t *self);

#endif
