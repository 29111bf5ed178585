// plan — how big a simulation is and what goes wrong in it, drawn from the seed.
#ifndef DC_TESTS_SIM_PLAN_H
#define DC_TESTS_SIM_PLAN_H

#include "broker/core/settings.h"
#include "common/rng.h"

typedef struct plan {
    uint32_t slots, plain_workers, clients, plain_clients; // how many of each
    bool has_greedy;
    uint32_t batches_min, batches_max;       // of a client; at most APP_BATCHES_MAX
    uint64_t batch_jobs_min, batch_jobs_max; // of a batch
    uint32_t chunk_jobs_max;                 // of a chunk
    uint64_t pace_us_max;                    // between two turns of sending, at most
    uint32_t plain_lines_max;                // of a plain request
    uint64_t plain_retry_us;                 // after which it is sent again
    uint32_t poison_count;                   // jobs that crash their slot, in all
    uint32_t long_count;                     // jobs that take up to minutes, in all
    uint32_t slow_per_mille;                 // jobs that take some 50 ms
    uint32_t wide_per_mille;                 // batches with wide results
    uint32_t stuck_per_mille;                // jobs that a plain worker is at for a minute
    uint32_t fault_per_mille;                // jobs that fail
    uint32_t tree_per_mille;                 // jobs that may be split
    uint32_t fork_per_mille;                 // ... and are, by whoever gets one
    uint32_t verified_per_mille;             // batches whose jobs two slots compute
    uint32_t lie_per_mille;                  // of their jobs, those that slot 0 computes wrongly
    uint32_t cancel_per_mille, question_per_mille, held_per_mille, deadline_per_mille;
    uint32_t needs_per_mille, after_per_mille; // batches with needs, and that come after others
    bool has_priorities;
    uint32_t depositors;        // clients that leave a batch with the broker
    uint32_t full_per_mille;    // of what is to be stored does not fit
    uint32_t spoil_per_mille;   // of commits: the disk spoils a row
    uint32_t tag_count;         // how many there are that batches ask for; each is some slot's
    uint32_t trouble_per_mille; // heartbeats that tell of load, or of too little memory
    uint64_t job_ns_max;        // of the others; each batch has its own

    uint64_t latency_us_max;                                    // of a connection
    uint32_t double_per_mille, echo_per_mille, spike_per_mille; // of messages
    uint64_t spike_us_max;

    uint64_t fault_us;          // for how long there are faults
    uint64_t fault_interval_us; // mean time between two; 0: there are none
    // How the faults are shared out.
    uint32_t weight_break, weight_stop, weight_kill, weight_drain, weight_broker, weight_client;
    uint32_t obituary_per_mille; // deaths whose supervisor lives to tell
    uint32_t noticed_per_mille;  // breaks that the other side's system sees

    uint32_t audit_steps;   // of the broker, between two audits; of others a quarter
    dc_settings_t settings; // the broker's
} plan_t;

// Draw a plan: most are of a handful of slots and a hundred chunks, some of 50 slots and more than
// 500 chunks. `size` multiplies the number of jobs (1: as said).
void plan_draw(plan_t *self, dc_rng_t *rng, uint32_t size);

// Draw a plan for as many slots as one broker is made for, 10,000, and 250,000 chunks: what takes
// time that grows with any of these shows.
void plan_draw_large(plan_t *self, dc_rng_t *rng);

#endif
