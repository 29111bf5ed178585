// store_op — what the core asks of the store, and what comes back of it.
//
// An operation is made by the core, travels to the store and returns as an event, done or not
// (`error`). What was stored is found again by a later broker in the same form. Operations of one
// group are chained by `also`: all of them are done, or none.
//
// All but READ, DELETE, SPOILED and NUMBERS insert, and insert only: the same again changes
// nothing. So it does not matter if one is said twice, and nothing of what is stored is ever
// written over, unless it is damaged. Without its BATCH nothing is taken of one. Dates are
// milliseconds since 1970, since they outlive a process.
#ifndef DC_BROKER_CORE_KEPT_STORE_OP_H
#define DC_BROKER_CORE_KEPT_STORE_OP_H

#include "broker/core/actions.h"

typedef enum dc_store_what {
    DC_STORE_BATCH,  // there is a batch; data: its name, program: its program, awaited: the numbers
                     // (u64 each) of those that it comes after, 0 for one that had ended already
    DC_STORE_CHUNK,  // inputs of jobs of it; data: these, awaited: which jobs they need, as the
                     // pairs of a CHUNK (common/wire.h)
    DC_STORE_CLOSE,  // it has all its chunks
    DC_STORE_TERMS,  // it has these terms from now on
    DC_STORE_MET,    // it waits no longer for one of those that it comes after
    DC_STORE_RESULT, // results of a chunk; data: these (broker/core/jobs/pieces.h)
    DC_STORE_SPOILED, // results of a chunk are damaged: they are not there, and it has not ended
    DC_STORE_END,     // it is over
    DC_STORE_DELETE,  // forget it and all that belongs to it
    DC_STORE_NUMBERS, // no batch that is opened later gets a number up to `batch` (of none)
    DC_STORE_READ,    // read data of a chunk; it comes back as `data`
} dc_store_what_t;

typedef struct dc_store_op dc_store_op_t;

struct dc_store_op {
    dc_store_what_t what;
    dc_err_t error; // DC_OK, DC_ERR_STORE_FULL or DC_ERR_STORE_LOCKED (nothing has changed),
                    // DC_ERR_STORE_FAILED (nobody knows), DC_ERR_UNKNOWN_BATCH (READ: there is no
                    // such row), DC_ERR_IO (READ: it cannot be read; a BATCH that is found: nor
                    // can others behind it), DC_ERR_DAMAGED (READ: it is not what was written;
                    // found again: nothing that it says is certain; else: a page that it needs is
                    // lost, and nothing has changed)
    uint32_t patience_ms; // it may be done so much later, with others; 0: at once
    uint64_t batch;       // its number
    union {
        struct {
            dc_key_t key;
            char tag[DC_TAG_BYTES_MAX + 1];
            uint8_t flags; // DC_OPEN_*, those that it has for ever
            uint8_t retries;
            uint8_t level;
            bool is_held;
            uint32_t timeout_ms;
            uint64_t steps_max;
            uint64_t keep_ms;
            uint64_t opened_date, deadline_date; // the latter 0: none
        } opened;
        struct {
            uint32_t number; // of the chunk within its batch, in the order in which they came
            uint32_t count;
            uint64_t first;
            uint32_t width;
            uint8_t flags;   // DC_CHUNK_*
            uint64_t bytes;  // found again: how many its inputs have
            bool has_result; // found again: there are results; then no data come
            bool is_lost; // found again, without results: its inputs are damaged, and do not come
            bool is_spoiled; // found again: it had results, which were damaged, and are gone
            bool has_digest; // done, or found again, unless a former version has stored it ...
            uint64_t digest; // ... of its jobs (common/jobs_digest.h)
            size_t credit;   // the asker's own: what it took of its client's
        } chunk;
        struct {
            uint64_t jobs;
            bool is_certain; // found again: it has a sum, as all that this version has written
        } close;
        struct {
            uint32_t number; // counts up with each change
            uint8_t level;
            bool is_held;
            uint64_t deadline_date; // 0: none
            bool is_known;          // found again: where the last are damaged, there are others
                                    // before them, and these are they
        } terms;
        struct {
            uint32_t index; // which of them, from 0
        } met;
        struct {
            uint32_t chunk;
            uint64_t first;    // index of the chunk's first job
            uint64_t answered; // how many of its jobs have one
            uint64_t failed;   // ... and of these, how many are faults
            uint64_t bytes;    // found again: how many it has; the data come only of jobs that
                               // others may need, while their batch has not ended
        } result;
        struct {
            uint32_t chunk;
        } spoiled;
        struct {
            dc_err_t error;
            uint64_t date;
        } end;
        struct {
            uint32_t chunk;
            uint64_t first;    // the asker's own: index of the chunk's first job
            bool is_of_result; // else of the inputs
            uint64_t offset;   // where to begin
            uint64_t bytes_max;
            uint64_t bytes;    // comes back: of the whole row
            uint64_t expected; // the asker's own: how many it thinks will come
            uint64_t ticket;   // the asker's own
        } read;
    };
    dc_slice_t data, program, awaited; // references of its own
    dc_peer_t peer;                    // the client that waits for it, 0: none
    uint32_t handle;                   // ... and what the question is called; the answer is `reply`
    dc_slice_t reply;                  // a reference of its own
    size_t cost;                       // what it was counted for when it was put
    dc_store_op_t *also;               // owned: more of the same group
    dc_store_op_t *next;               // in a queue
};

// An operation of which everything else is 0. NULL if memory is short.
dc_store_op_t *dc_store_op_new(dc_store_what_t what, uint64_t batch);

// Free it and those of its group; NULL is fine.
void dc_store_op_destroy(dc_store_op_t **self_p);

// What it holds of bytes.
size_t dc_store_op_bytes(const dc_store_op_t *self);

// "batch", "chunk", ...
const char *dc_store_op_name(dc_store_what_t what);

// Operations in the order in which they came. They are the queue's.
typedef struct dc_store_queue {
    dc_store_op_t *first, **end;
} dc_store_queue_t;

void dc_store_queue_init(dc_store_queue_t *self);
void dc_store_queue_fini(dc_store_queue_t *self);
void dc_store_queue_push(dc_store_queue_t *self, dc_store_op_t *op);
dc_store_op_t *dc_store_queue_pop(dc_store_queue_t *self); // NULL if it is empty

#endif
