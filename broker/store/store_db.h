// store_db — the store's database: SQLite behind a few calls, of one thread at a time.
//
// Write-ahead log, and every commit is synced; store_log.h says how it is written. What was
// committed is written back to the database by dc_store_db_write_back alone, since a sync that
// fails then must be seen as well: SQLite's own checkpoints keep it to themselves.
//
// Errors: DC_ERR_STORE_FULL, DC_ERR_STORE_LOCKED, DC_ERR_DAMAGED (a page that it needs is lost):
// the transaction is rolled back, and nothing has changed. Else DC_ERR_STORE_FAILED, which is
// final.
#ifndef DC_BROKER_STORE_STORE_DB_H
#define DC_BROKER_STORE_STORE_DB_H

#include "broker/store/store.h"

typedef struct dc_store_db dc_store_db_t;

// Open the database in `file`, which is made if it is not there, and count the epoch. NULL, and
// `diag` says why: DC_ERR_INVALID (it is no store, or one of a later version), DC_ERR_STORE_FULL,
// DC_ERR_STORE_LOCKED, DC_ERR_IO, DC_ERR_NOMEM.
dc_store_db_t *dc_store_db_open(const char *file, dc_diag_t *diag);
void dc_store_db_close(dc_store_db_t **self_p);

// As dc_store_epoch and dc_store_highest say.
uint64_t dc_store_db_epoch(const dc_store_db_t *self);
uint64_t dc_store_db_highest(const dc_store_db_t *self);

// What SQLite said of the last error.
const char *dc_store_db_message(const dc_store_db_t *self);

// Tell `found`, with `context`, all that there is, in the order that dc_store_start says. What that
// returns false for ends it: DC_ERR_NOMEM. Also DC_ERR_STORE_FAILED: it cannot be read.
DC_MUST_USE dc_err_t dc_store_db_recover(dc_store_db_t *self, dc_store_found_fn *found,
                                         void *context);

// A transaction: begin, apply each operation that is no READ, commit. After an error it is over.
DC_MUST_USE dc_err_t dc_store_db_begin(dc_store_db_t *self);
DC_MUST_USE dc_err_t dc_store_db_apply(dc_store_db_t *self, dc_store_op_t *op);
DC_MUST_USE dc_err_t dc_store_db_commit(dc_store_db_t *self);

// Read what `op`, a READ, asks for, outside of a transaction. DC_ERR_UNKNOWN_BATCH: there is none;
// DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_store_db_read(dc_store_db_t *self, dc_store_op_t *op);

// Remove some rows of batches that were deleted, in a transaction of its own; `*is_done` if none
// are left. Deleting a batch only marks it, since it may be large. DC_ERR_DAMAGED: nothing more of
// that batch can be removed; it is left out until the file is opened again.
DC_MUST_USE dc_err_t dc_store_db_sweep(dc_store_db_t *self, bool *is_done);

// Write the log back to the database, once it is `log_bytes_max` long.
DC_MUST_USE dc_err_t dc_store_db_write_back(dc_store_db_t *self, uint64_t log_bytes_max);

// How long the log was after the last commit.
uint64_t dc_store_db_log_bytes(const dc_store_db_t *self);

// Write all of it back, at the end, so that nothing of it is left to be read by the next opening.
DC_MUST_USE dc_err_t dc_store_db_finish(dc_store_db_t *self);

// How many bytes the database may have from now on (never fewer than it has).
void dc_store_db_set_bytes_max(dc_store_db_t *self, uint64_t bytes_max);

#endif
