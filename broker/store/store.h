// store — detached batches on disk, in threads of its own: the broker's loop never waits for one.
//
// What is put is done in the order in which it was put, and comes back in that order, each group
// once it is committed: synced to the disk, not only written. What has come while the last commit
// ran is committed at once, at most DC_STORE_ROWS_MAX rows or DC_STORE_COMMIT_BYTES at a time. More
// is waited for only while nothing has come but what is patient: until that has waited for as long
// as it may, or DC_STORE_PATIENT_MAX groups are there. With batches of one job each this saves half
// of all commits. Nothing here is bounded: who puts counts what has not come back, and lets clients
// wait.
//
// There are two threads, one of which has its turn. A commit of a few rows takes a third of a
// millisecond of a processor. Were that a turn like any other thread's, whoever is woken meanwhile
// on the same processor would wait for its end, be it the broker's loop or what brings that its
// messages, even while another processor has nothing to do. So what is little is done by one that
// gives way to all others (common/thread.h), what is more by one that does not. Where all
// processors compute, the former gets next to nothing of them: while it is slow the latter does
// all. Whoever puts or polls takes a lock that both hold for some microseconds; one that gives way
// just then, as others compute, holds it until it runs again.
//
// Four things go wrong. A full disk (or DIR at its limit): what did not fit comes back with
// DC_ERR_STORE_FULL and changed nothing; what is deleted makes room, and a small file is kept that
// makes room for deleting. Somebody who looks into the file with a tool of his, and locks it for
// long: all that is put comes back with DC_ERR_STORE_LOCKED and changed nothing, until it is free.
// A page of the file that the disk has lost: what needs it comes back with DC_ERR_DAMAGED and
// changed nothing, all else is done. Anything else that the disk does not do (DC_ERR_STORE_FAILED)
// is final: after a failed fsync nobody knows what is on disk, and to try again would only seem to
// help (Rebello et al., "Can Applications Recover from fsync Failures?", 2020). Everything that is
// put from then on fails likewise, so no client is told that anything is safe. So does what is put
// when the store's files are not where they were any more: somebody has removed or moved them.
//
// One process at a time has a store: it holds a lock. Each opening counts an epoch, so that a
// database that several brokers share can tell the one that has it from those that had it.
#ifndef DC_BROKER_STORE_STORE_H
#define DC_BROKER_STORE_STORE_H

#include "broker/core/kept/store_op.h"

typedef struct dc_store dc_store_t;

// Open the store in folder `dir`, which is made if it is not there; it may take `bytes_max` of disk
// (0: what there is). NULL, and `diag` says what to do about it: DC_ERR_BUSY (another broker has
// it), DC_ERR_INVALID (what is there is no store, or one of a later version), DC_ERR_IO,
// DC_ERR_STORE_FULL, DC_ERR_STORE_LOCKED, DC_ERR_NOMEM.
dc_store_t *dc_store_open(const char *dir, uint64_t bytes_max, dc_diag_t *diag);

// Commit what was put, so far as that goes, and end. What has not been polled is lost to the
// caller.
void dc_store_close(dc_store_t **self_p);

// Let its threads run on processor `cpu` only, or DC_STORE_ANY_CPU; before dc_store_start. False if
// this process may not use it.
DC_MUST_USE bool dc_store_use_cpu(dc_store_t *self, int cpu);

// How often the store has been opened, this time included.
uint64_t dc_store_epoch(const dc_store_t *self);

// The highest number that a batch may have had before it was opened; 0: none.
// DC_STORE_NUMBERS_STEP more are reserved: no later broker gives these.
uint64_t dc_store_highest(const dc_store_t *self);

// Called with each thing that is found; it is borrowed. False ends the search (DC_ERR_NOMEM).
typedef bool dc_store_found_fn(void *context, const dc_store_op_t *op);

// Read all that there is. First, as damaged, what is so and of no batch that is there: NUMBERS
// (what says how far they were given; `batch` is from where it goes on), DELETE (which batch is to
// be forgotten), END (any small row). Then, batch after batch, of each BATCH, CLOSE, TERMS, each
// MET and END as far as it has them, then each CHUNK in the order of their numbers, followed by its
// RESULT if it has one; then begin to work. To be called once, before anything is put.
// DC_ERR_STORE_FAILED, DC_ERR_NOMEM: the store is of no use.
DC_MUST_USE dc_err_t dc_store_start(dc_store_t *self, dc_store_found_fn *found, void *context);

// Do `groups` after all that was put before. Takes them.
void dc_store_put(dc_store_t *self, dc_store_queue_t *groups);

// Readable when there is something to poll.
int dc_store_fd(const dc_store_t *self);

// The next group that is done, which is the caller's from now on; NULL if there is none yet.
dc_store_op_t *dc_store_poll(dc_store_t *self);

// How long its log is, if it cannot be written back since somebody reads the store all the while (a
// copy is made, or people look into it); it grows until they are done. 0: as short as it should be.
uint64_t dc_store_stalled_bytes(dc_store_t *self);

// What went wrong last, in words, for the log: "" if nothing did. Valid until the next poll.
const char *dc_store_trouble(dc_store_t *self);

#endif
