// app — a client's process: the library's core, its connection, and an application that sends
// batches, checks every answer, acknowledges in its own way, and ends.
#ifndef DC_TESTS_SIM_APP_H
#define DC_TESTS_SIM_APP_H

#include "tests/sim/caller.h"

#define APP_BATCHES_MAX 8

// One batch, as the application handles it.
typedef struct task {
    batch_t *batch;
    dcalc_id_t id;       // 0: not opened yet
    uint64_t sent;       // jobs that were sent
    dc_ranges_t unacked; // answered and not acknowledged
    uint32_t chunk_jobs_max;
    uint64_t pace_us, send_us; // how often it sends, and when next
    uint64_t open_us;          // when it is opened
    uint64_t cancel_us;        // when the user loses patience; UINT64_MAX: never
    uint32_t ack_per_mille;    // how soon it acknowledges
    int8_t priority;
    uint64_t deadline_ms;  // 0: none
    const batch_t *after;  // the one that it comes after; NULL: none
    uint64_t after_number; // ... the broker's number of it
    bool is_after_any;     // ... however that ends
    bool is_held;          // it is opened so, and released when its number is known
    uint64_t number;       // of what is held and not yet released; 0: none is
    uint64_t known_as;     // the broker's number of it; 0: not known
    bool is_closed, is_over;
} task_t;

typedef struct app {
    unsigned number;
    caller_t caller;
    bool is_dead;
    task_t tasks[APP_BATCHES_MAX];
    size_t task_count;
    dcalc_id_t question; // 0: none
    bool may_be_refused; // since it is about a batch that may not be
} app_t;

app_t *app_new(sim_t *sim, unsigned number);
void app_destroy(sim_t *sim, app_t **self_p);

// kill -9: nobody counts its batches any more.
void app_kill(sim_t *sim, app_t *self);

void app_stop(sim_t *sim, app_t *self);
void app_resume(sim_t *sim, app_t *self);

// Has it got all that it waits for?
bool app_is_done(const app_t *self);

// Leave: cancel what is open, and end.
void app_leave(sim_t *sim, app_t *self);

#endif
