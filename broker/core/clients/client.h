// client — the session of one client: what it may send, what it is owed, and its turn.
#ifndef DC_BROKER_CORE_CLIENTS_CLIENT_H
#define DC_BROKER_CORE_CLIENTS_CLIENT_H

#include "broker/core/jobs/batch.h"
#include "broker/core/kept/detached.h"
#include "broker/core/report/stats.h"
#include "broker/core/schedule/bucket.h"

// A client whose session was ended for its silence, and does not know. It may still speak on the
// same connection, as if nothing had happened; whatever it says then, it is asked who it is, so
// that it opens its batches again.
typedef struct dc_lost_client {
    dc_peer_t peer;
    UT_hash_handle hh;
} dc_lost_client_t;

typedef struct dc_client {
    dc_peer_t peer;
    bool is_plain;    // speaks in single requests; has no heartbeats, no credit
    bool is_keeper;   // nobody: the broker itself, who has all detached batches
    dc_ms_t heard_ms; // when it last said anything

    dc_batch_t *batches;   // all of its batches; of a plain one its requests, oldest first
    dc_batch_t *by_handle; // map of the same, unless it is plain

    dc_detached_t *submitted;  // list: detached ones that it submits
    struct dc_viewer *viewers; // list: of those that it is attached to, ...
    unsigned viewer_count;     // ... which are so many

    uint64_t received_bytes; // cost of the chunks that it sent
    uint64_t freed_bytes;    // ... of those that are over
    uint64_t stored_bytes;   // ... of those that are open, what is on its way to the store
    uint64_t stray_bytes;    // ... and of those that came for a batch that was no more
    uint64_t told_bytes;     // the credit that it knows of

    uint64_t unacked_bytes; // results that were sent to it and not acknowledged
    double expected_bytes;  // results that its leases will give, by their batches' means

    uint64_t job_count; // jobs of its chunks that are held
    // Jobs that may be leased, where there is a limit (broker/core/schedule/allowance.h).
    dc_bucket_t bucket;
    dc_bucket_t bytes_bucket; // ... and bytes of them
    bool is_over_rate;        // there are none, until time has passed

    dc_turn_t *turns;  // one for each level at which it has batches
    dc_stats_t *stats; // owned; NULL: nothing is measured
    double job_us;     // mean worker time of its jobs, for batches that have none yet; 0: not known
    double usual_us;   // ... and the median
    uint8_t alike_count; // of its last batches: so many in a row were not much dearer than that

    struct dc_client *heard_prev, *heard_next; // all clients, longest silent first
    UT_hash_handle hh;
} dc_client_t;

// Whether so many of its results are under way (the keeper's: to the disk) that it is given no more
// than what it waits for. A plain client's are kept here anyway.
static inline bool dc_client_is_throttled(const dc_client_t *self)
{
    double results = (double)self->unacked_bytes + self->expected_bytes;
    return !self->is_plain && results >= DC_RESULTS_BYTES_MAX;
}

// Whether not all of what it has ready may be leased, though slots have room.
static inline bool dc_client_is_slowed(const dc_client_t *self)
{
    return self->is_over_rate || dc_client_is_throttled(self);
}

#endif
