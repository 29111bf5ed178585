// store_work — what the store's threads do with the groups that they are given: commits, reads, and
// what is to be tidied up between them. It knows neither queues nor threads.
#ifndef DC_BROKER_STORE_STORE_WORK_H
#define DC_BROKER_STORE_STORE_WORK_H

#include "broker/store/store_db.h"
#include "broker/store/store_dir.h"

// What went wrong, in words.
#define DC_STORE_TROUBLE_MAX 256

typedef struct dc_store_work {
    dc_store_dir_t *dir; // owned, as is the next
    dc_store_db_t *db;
    uint64_t bytes_max; // of the database; 0: what there is
    bool has_failed;    // for good
    bool is_clean;      // no rows of deleted batches are left
    bool was_full;      // and may still be
    bool is_moved;      // its files are not where they were
    uint64_t log_bytes_max;
    dc_ms_t measured_ms;                // when the limits were last seen anew
    uint64_t stalled_bytes;             // of a log that cannot be written back; 0: it is short
    char trouble[DC_STORE_TROUBLE_MAX]; // what went wrong last; whoever has told it empties it
} dc_store_work_t;

// As dc_store_open has it. What an error leaves is to be closed.
DC_MUST_USE dc_err_t dc_store_work_open(dc_store_work_t *self, const char *dir, uint64_t bytes_max,
                                        dc_diag_t *diag);
void dc_store_work_close(dc_store_work_t *self);

// As dc_store_start has it.
DC_MUST_USE dc_err_t dc_store_work_recover(dc_store_work_t *self, dc_store_found_fn *found,
                                           void *context);

// Do the groups from `first`, in one transaction if it fits, and set the error of each.
void dc_store_work_do(dc_store_work_t *self, dc_store_op_t *first);

// Whether there is nothing to tidy: cheap, and true after most commits.
bool dc_store_work_is_tidy(const dc_store_work_t *self);

// What is to be done after each commit and while there is nothing else: remove rows of deleted
// batches, and write the log back. Where that needs more room than there is, it waits for room.
// True if it met a page that is lost: that is to be told, though nobody has asked.
DC_MUST_USE bool dc_store_work_tidy(dc_store_work_t *self);

#endif
