// state — all that the core remembers. Only files of the core include it.
//
// Ownership: the maps by peer own clients and slots; the map by number owns batches, plain clients
// own their requests; batches own chunks, slots own leases; the maps of workers and of lanes and
// the lists of kinds and graves own what is in them. Everything else is a borrowed pointer or a
// list that threads through.
#ifndef DC_BROKER_CORE_STATE_H
#define DC_BROKER_CORE_STATE_H

#include "broker/core/clients/client.h"
#include "broker/core/core.h"
#include "broker/core/report/stats.h"
#include "broker/core/schedule/kind.h"
#include "common/rng.h"

// What a lost slot had, for as long as an obituary may still come.
typedef struct dc_grave_lease {
    uint64_t id;
    uint64_t batch;   // its number: the batch may have gone
    dc_peer_t client; // whose request it is, if it is a plain one; else 0
    uint64_t part;    // number of the part that it was of; 0: of the client's jobs
    uint64_t first, end;
} dc_grave_lease_t;

typedef struct dc_grave {
    dc_key_t session;
    dc_ms_t buried_ms;
    size_t lease_count;
    struct dc_grave *prev, *next; // oldest first
    dc_grave_lease_t leases[];
} dc_grave_t;

typedef struct dc_deletion dc_deletion_t;

struct dc_core {
    dc_settings_t settings;
    dc_rng_t rng;
    dc_pools_t pools;

    dc_ms_t step_ms;  // time of the last step, as the shell counts: of deadlines and dates
    dc_ms_t slept_ms; // what the broker itself slept through, which counts for nothing
    dc_ms_t now;      // time of this step without that
    dc_ms_t beat_ms;  // when clients were last sent heartbeats
    dc_us_t now_us;   // time for statistics: what was slept through counts, as it does for people

    dc_client_t *clients;       // map by peer
    dc_client_t *heard_client;  // list, longest silent first
    dc_lost_client_t *lost;     // map by peer, owned
    dc_batch_t *batches;        // map by number, in the order in which they were opened; plain
                                // requests are only in their clients' lists
    dc_batch_t *by_key;         // map of the same
    dc_batch_t *orphans;        // list, longest orphaned first
    dc_batch_t *timed;          // list: those that have a deadline ...
    dc_ms_t timed_ms;           // ... before which none of these is over
    dc_batch_t *doomed_batches; // list: those that end since one that they come after failed
    struct dc_after *missing;   // list: what batches come after that is not here yet, oldest first
    size_t verified_count;      // batches whose jobs two slots compute
    uint64_t batch_number;      // the last that was given
    uint64_t number_end;        // the last that may be; UINT64_MAX: without a store, any
    bool is_number_asked;       // the store is about to reserve more
    dc_ms_t number_retry_ms;    // if that failed: not before then again
    uint64_t plain_number;      // likewise, to a plain request

    dc_client_t keeper;        // has the detached batches, and is in no map
    uint64_t kept_count;       // of these
    uint64_t kept_bytes;       // what they count for in the store
    dc_batch_t *swept;         // of these: the next that is looked at
    size_t pending_bytes;      // on its way to the store, or to be tried again
    dc_store_queue_t unstored; // what could not be stored, until it is tried again
    dc_err_t unstored_error;   // ... why not, the last time
    dc_ms_t retry_ms;          // ... when that is
    dc_deletion_t *deletions;  // map by number, owned: what the store has still to forget
    uint64_t viewer_ticket;    // the last that was given
    size_t viewer_count;       // of all clients
    size_t viewed_bytes;       // what they were sent and have not acknowledged
    size_t reading_bytes;      // what the store is to read for them, and for those that have gone
    struct dc_viewer *thirsty; // list: those that may not ask for more at the moment, in turn

    dc_lane_t common;     // of the batches without a tag
    dc_lane_t *lanes;     // map by tag: the others
    dc_kind_t *kinds;     // list, those with fewer tags first
    uint8_t lowest_level; // that a batch ever had

    dc_slot_t *slots;      // map by peer
    dc_slot_t *by_session; // map of the same, without plain ones
    dc_slot_t *heard_slot; // list, longest silent first
    dc_slot_t *told[2];    // lists, whose next heartbeat is due first: dcalc's own, plain ones
    dc_slot_t *busy;       // list of those of ours that have leases; whom to look at next is first
    size_t busy_count;
    dc_slot_t *busy_plain; // list of plain ones that have a lease
    dc_slot_t *guessing;   // list of those that what is urgent may have to wait for
    uint64_t slot_number;  // the last that was given
    dc_worker_t *workers;  // map by name, of those that have slots
    uint32_t slot_count;   // of dcalc's own
    dc_grave_t *graves;

    dc_ready_t *spare_ready; // list of free nodes, so that a loss never lacks memory
    size_t spare_count;
    size_t lease_nodes; // of these, those that are kept for leases: the sum of theirs

    uint64_t job_count; // jobs of all chunks held, parts too: the sum of the next five
    uint64_t waiting_count, ready_count, leased_count, forked_count, answered_count;
    uint64_t waiting_chunks;    // that have the waiting ones
    struct dc_needs *doomed;    // list: chunks that fail since what they need has
    uint64_t plain_ready_count; // of ready ones, those of plain requests, without parts
    uint64_t part_count;        // open parts of jobs that forked
    uint64_t part_number;       // the last that was given to one
    struct dc_fork *trees;      // list of the client's jobs that forked, the oldest first
    size_t lease_count;
    dc_lease_t *doubles; // list: of these, second leases of jobs
    size_t memory_bytes; // what batches and chunks account for
    dc_ms_t asked_ms;    // when a job was last leased whose client waits for its answer

    bool is_short;        // what the store found was lost
    bool is_leaving;      // the broker is to stop: nothing is leased any more
    bool is_dispatch_due; // something changed since the last dispatch
    dc_ms_t look_ms;      // when to see again what idle slots can be given; 0: not by itself
    bool is_steal_due;    // ... that lets an idle slot take from a busy one
    bool is_search_due;   // all busy ones are to be looked at for that, not only some
    bool is_yield_due;    // ... of who went before those that wait
    bool is_preempt_due;  // ... that may be more urgent than what slots have
    bool is_opening_due;  // there was too little memory for what was next of some batch

    // For people, since the start.
    uint64_t done_count;    // jobs that were answered
    uint64_t doubled_count; // jobs that were leased twice
    uint64_t late_count;    // results for jobs that had one already
    uint64_t stale_count;   // messages with results of leases that nobody has
    uint64_t lost_count;    // slots that were lost
    uint64_t failed_count;  // jobs that failed, those of plain clients apart
    dc_us_t began_us;       // when the first thing happened
    dc_stats_t stats;
    dc_histogram_t recent[2]; // times to answers since `recent_ms`, and in as long before that
    dc_ms_t recent_ms;
};

#endif
