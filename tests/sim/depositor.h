// depositor — a client's process that leaves a detached batch with the broker, comes back for its
// results, and deletes it. It may be killed at any time: the next one goes on under the same key.
//
// Its jobs may need each other's results, and the batch may come after another: one that is kept,
// or one of an application.
//
// What must hold: once it has the broker's word that all is kept, all is there, each job once and
// rightly, whoever dies and whenever; and what is kept stays until it is deleted. What was said to
// be held is so until it is released. What comes after a batch of which not every job was computed
// is skipped, and nothing else is. A process that would go on with other jobs is told so, and
// nothing of it is taken; one with the same jobs never is.
#ifndef DC_TESTS_SIM_DEPOSITOR_H
#define DC_TESTS_SIM_DEPOSITOR_H

#include "tests/sim/caller.h"

typedef enum deposit {
    DEPOSIT_SENDING,  // the batch is not kept yet
    DEPOSIT_KEPT,     // the broker said that it is
    DEPOSIT_FETCHED,  // all of its results were here
    DEPOSIT_DELETING, // that was asked for
    DEPOSIT_GONE,
} deposit_t;

typedef enum hold {
    HOLD_NONE,      // nobody has asked for it
    HOLD_ASKED,     // it is, or may be, held
    HOLD_RELEASING, // ... and is to be so no more
} hold_t;

typedef struct depositor {
    unsigned number;
    batch_t *batch;
    uint32_t chunk_jobs_max;
    deposit_t state;
    uint64_t broker_number;    // of the batch; 0: not known
    uint32_t fetches_left;     // so often its results are fetched
    uint64_t first;            // ... this time from this job on
    uint32_t holds, holds_max; // how often it was, and is to be, held before
    hold_t hold;
    const batch_t *after;               // the one that it comes after; NULL: none
    uint64_t after_number;              // ... the broker's number of it
    const struct depositor *after_kept; // whose that is; NULL: an application's
    bool is_after_any;                  // however that ends
    bool is_after_drawn;
    bool is_skipped;     // it ended so
    bool is_seen;        // all of its results were, at least once
    bool is_after_there; // the one that it comes after, when it was opened last

    caller_t caller;     // its process
    uint64_t act_us;     // when it does the next thing
    dcalc_id_t id;       // of the batch, or its fetching; 0: neither is under way
    dcalc_id_t question; // 0: none
    uint64_t sent;       // jobs
    unsigned lives;      // how many processes it had
    bool may_differ;     // this one has other jobs than those before it ...
    bool differs;        // ... who have left some of theirs
    bool is_closed;
    dc_ranges_t unacked;
} depositor_t;

depositor_t *depositor_new(sim_t *sim, unsigned number);
void depositor_destroy(sim_t *sim, depositor_t **self_p);

// kill -9; it is started again a while later.
void depositor_kill(sim_t *sim, depositor_t *self);

bool depositor_is_done(const depositor_t *self);

// When all are done: was it skipped, and should it have been?
void depositor_check(sim_t *sim, const depositor_t *self);

// Take the news that its process has: what depositor_hear.c is for.
void depositor_hear(sim_t *sim, depositor_t *self);

#endif
