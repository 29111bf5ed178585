// journal — the file in which a run keeps the results that it has, so that another can go on with
// them: FILE.journal, beside the FILE that is being written.
//
// It has the plan (client/cli/journal/journal_plan.h), and then blocks of results
// (client/cli/journal/journal_block.h), by the hash of each row's input, under a key that is random
// for each file. It is appended to and never changed otherwise, and belongs to one run at a time,
// by a lock that goes with the process.
//
// What is at hand is written when it makes a full block, or is DC_JOURNAL_AGE_MS old. From then on
// it outlives the program, however that ends. It is not synced: if the whole machine fails, what
// the system had not written by then is computed again, and costs nothing else, since what is
// damaged is seen. A block that was not written to its end is dropped when the file is opened; of
// blocks that were damaged later just these are lost (`damaged_at`). A journal that cannot be
// written any more (`error`) is none from then on.
#ifndef DC_CLIENT_CLI_JOURNAL_JOURNAL_H
#define DC_CLIENT_CLI_JOURNAL_JOURNAL_H

#include "client/cli/journal/journal_block.h"
#include "client/cli/journal/recall.h"
#include "client/dcalc.h"
#include "common/ranges.h"

typedef struct dc_journal {
    char *path; // owned
    int fd;     // owned; -1: it is not open
    dc_siphash_key_t key;
    uint64_t size;                     // of what is in the file, and is whole
    dc_buf_t plan;                     // owned: of a file that was there
    bool was_there;                    // ... with the same plan
    bool was_damaged;                  // at its start, so that nothing of it could be read
    uint64_t damaged_at;               // where its first damaged block is; 0: none was found
    dc_ranges_t rows;                  // that it has, whichever run computed them
    uint64_t rows_before;              // how many these were at first
    dc_buf_t hashes, results, faults;  // owned: of the block that is being made
    uint64_t block_first, block_batch; //
    uint32_t block_rows;               //
    dc_ms_t block_ms;                  // when it was begun
    dc_buf_t out;                      // owned: blocks that are not yet written
    dc_ranges_t out_rows;              // in these
    int error;                         // the errno that ended it, or 0
} dc_journal_t;

typedef enum dc_journal_state {
    DC_JOURNAL_OPEN,
    DC_JOURNAL_OTHER,   // it is of another plan, which is in `plan`; nothing has changed
    DC_JOURNAL_FOREIGN, // the file is no journal; nothing has changed
    DC_JOURNAL_BUSY,    // another run has it
    DC_JOURNAL_ERROR,   // see `error`
} dc_journal_state_t;

// Open the journal of the file `path`, or make it. One that is there and of the same plan is gone
// on with: its blocks are added to `recall`, which may be NULL. One of another plan is begun anew
// if `is_anew`.
DC_MUST_USE dc_journal_state_t dc_journal_open(dc_journal_t *self, const char *path, dc_str_t plan,
                                               bool is_anew, dc_recall_t *recall);

// Close it; what is not written is dropped, and the file stays.
void dc_journal_fini(dc_journal_t *self);

// Keep the results of jobs [first, end) of `piece`, which batch `number` has computed.
void dc_journal_record(dc_journal_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end,
                       uint64_t number);

// Write what is due; with `is_all` all that is at hand.
void dc_journal_flush(dc_journal_t *self, dc_ms_t now, bool is_all);

// Read the block at `offset`; it lies in `room` then, which is overwritten. False if it is damaged,
// or cannot be read.
bool dc_journal_read(dc_journal_t *self, uint64_t offset, dc_buf_t *room, dc_journal_head_t *head,
                     dc_journal_body_t *body);

// It has served: remove the file, and close it. Once is enough, and it need not be open: a file of
// that name may be another run's then.
void dc_journal_remove(dc_journal_t *self);

#endif
