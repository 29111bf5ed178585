// detached — what a batch has beside it that the store keeps.
//
// The batch is the broker's own: its turn is that of `keeper`, a client that nobody is, so that it
// goes on whoever comes or goes. Two kinds of clients have a handle of it: one that submits it,
// until it is committed and closed, and any number that are attached to it
// (broker/core/clients/viewer.h).
//
// Of each chunk there is an entry for as long as the batch is there. The chunk itself leaves when
// all its jobs are answered and its results are on their way to the disk; what is held of it then
// is the entry.
#ifndef DC_BROKER_CORE_KEPT_DETACHED_H
#define DC_BROKER_CORE_KEPT_DETACHED_H

#include "broker/core/jobs/batch.h"
#include "broker/core/kept/store_op.h"

struct dc_viewer;

typedef struct dc_entry {
    uint64_t first;
    uint32_t count;
    uint32_t number; // of the chunk in the store, in the order in which they came
    uint32_t width;
    uint32_t input_bytes;
    uint32_t needs_bytes;  // of what says which jobs it needs
    uint32_t result_bytes; // once they are put
    uint32_t answered;     // likewise: how many of its jobs have any
    uint16_t failed;       // ... of which so many have failed
    uint8_t flags;         // DC_CHUNK_*
    bool is_committed : 1; // its inputs are on disk
    bool is_put : 1;       // its results are on their way to the disk, or there
    bool is_stored : 1;    // ... are there
    bool is_asked : 1;     // ... are damaged, and the inputs are read to compute them again
    bool is_lost : 1;      // ... are damaged, and cannot be computed again
    bool is_blank : 1;     // its inputs are damaged
} dc_entry_t;
static_assert(sizeof(dc_entry_t) == 40, "a batch may have a million of them");
static_assert(DC_CHUNK_JOBS_MAX <= UINT16_MAX, "failed jobs are counted");

typedef struct dc_detached {
    dc_batch_t *batch;
    struct dc_client *submitter;                         // NULL: nobody submits it at the moment
    struct dc_detached *submitter_prev, *submitter_next; // its client's

    dc_entry_t *entries; // owned; ordered by index
    size_t entry_count, entry_capacity;
    size_t stored_count;  // of these
    uint32_t next_number; // of a chunk
    uint64_t job_count;   // of all entries
    uint64_t digest;      // of those jobs whose inputs are on disk (common/jobs_digest.h)
    bool is_digest_lost;  // it is not known of all of them
    uint64_t bytes;       // of its inputs and results, as they count for quotas

    dc_tray_t *answered;    // list: of chunks whose results are to be put, in no order
    uint64_t answered_jobs; // of those that were put
    bool is_broken;         // found in the store: a job needs one that is not there
    bool is_damaged;        // likewise: a row makes no sense; it is dropped, and its rows stay
    bool is_cut;            // likewise: it was ending, which nobody has written down
    bool is_count_lost;     // likewise: it was closed, and of how many jobs it is, is damaged
    bool is_count_certain;  // likewise: of how many jobs it is, is what was written
    bool is_met_lost;       // likewise: one that it comes after had ended, and which is damaged

    uint32_t terms_count; // changes of its terms that were put
    uint64_t keep_ms;     // how long it stays after its end
    uint64_t opened_date; // ms since 1970
    bool is_close_put;
    bool is_close_stored; // it goes on whatever dies
    bool is_ended;        // nothing of it is computed any more
    bool is_end_stored;
    bool is_deleted;    // the store was told
    dc_err_t end_error; // why; DC_OK: all its jobs are answered
    uint64_t end_date;

    struct dc_viewer *viewers; // list of those that are attached
} dc_detached_t;

// What `batch` needs to be one that is detached. NULL if memory is short.
dc_detached_t *dc_detached_new(dc_batch_t *batch);
void dc_detached_destroy(dc_detached_t **self_p);

// Put `entry` where its index belongs, which nobody else's meets; numbers go on from its own. NULL
// if memory is short.
dc_entry_t *dc_detached_add(dc_detached_t *self, const dc_entry_t *entry);

// Its inputs that `op` says are on disk count as committed.
void dc_detached_count_digest(dc_detached_t *self, const dc_store_op_t *op);

// The entry of the chunk that begins at `first`; NULL if there is none.
dc_entry_t *dc_detached_find(const dc_detached_t *self, uint64_t first);

// Position of the first entry that ends behind `index`.
size_t dc_detached_at(const dc_detached_t *self, uint64_t index);

// Whether the entries are all jobs from 0 to before `jobs`.
bool dc_detached_is_whole(const dc_detached_t *self, uint64_t jobs);

#endif
