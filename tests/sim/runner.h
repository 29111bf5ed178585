// runner — the thread of a slot that evaluates, in virtual time: leases one after another, tiny
// ones also beside another (worker/quick.h), pieces at least every 50 ms, trims obeyed, jobs split
// as the dice will, and death at a job that crashes.
#ifndef DC_TESTS_SIM_RUNNER_H
#define DC_TESTS_SIM_RUNNER_H

#include "tests/sim/run_lease.h"

// A piece is ready (RESULT; borrowed).
typedef void runner_piece_t(sim_t *sim, void *owner, const dc_cmd_t *cmd);
// The process crashes at job [first, first + count) of a lease.
typedef void runner_crash_t(sim_t *sim, void *owner, uint64_t id, uint64_t first, uint32_t count);

typedef struct runner {
    void *owner;
    runner_piece_t *piece;
    runner_crash_t *crash;
    run_lease_t *leases; // owned; the first is being computed
    bool is_running, is_stopped;
    uint64_t turn;     // counted up: what was planned before is void
    uint64_t begun_us; // when it began at leases->next
    uint64_t until;    // the piece's end
    bool crashes;      // at `until`
    uint64_t left_us;  // while stopped: what was left of the piece
    uint64_t due_us;   // when the piece is ready
    uint64_t quick_us; // until when the thread is busy that computes tiny leases
    uint64_t lie;      // what it makes of jobs follows from this; 0: it does not lie
} runner_t;

// Evaluate the lease in `cmd`, behind the others, or if it is tiny perhaps at once; keeps
// references of its own.
void runner_add(sim_t *sim, runner_t *self, const dc_cmd_t *cmd);

// End the lease at `end`, or where it has come to, with a last piece.
void runner_trim(sim_t *sim, runner_t *self, uint64_t id, uint64_t end);

// Forget a lease; all of them.
void runner_cancel(sim_t *sim, runner_t *self, uint64_t id);
void runner_clear(sim_t *sim, runner_t *self);

// The process is stopped, and goes on.
void runner_stop(sim_t *sim, runner_t *self);
void runner_resume(sim_t *sim, runner_t *self);

#endif
