// recall — which rows were computed before, and where a journal has their results.
//
// Rows are known by what is in them, not by their numbers: a row that has moved is found, one that
// has changed is not. A journal's blocks form *runs*, in each of which rows come in their order:
// one for each time that the batch was begun or gone on with (and less, where the next one took up
// where that before had stopped). Who goes through the input in order goes through all runs at the
// same time: of each the blocks around the row that is due are held, so that memory stays the same
// however long the journal is. Within a run rows are expected as far from each other as they were;
// what comes elsewhere is found by its hash, and where that goes on the expectation moves along.
//
// Memory: 32 bytes a block, and some 40 a row that is held: as many as the owner says, of which
// each run has its part. So rows are found that have moved by less than half of that part. What is
// not found is computed again, and nothing is ever found wrongly.
//
// Calling sequence: dc_recall_add for each block of the journal, in its order. Then with each chunk
// of input: while dc_recall_wants says so, read the block and dc_recall_load it; dc_recall_find for
// each of its rows, in order.
#ifndef DC_CLIENT_CLI_JOURNAL_RECALL_H
#define DC_CLIENT_CLI_JOURNAL_RECALL_H

#include "client/cli/journal/journal_block.h"

typedef struct dc_recall dc_recall_t;

// Hold `rows_max` rows at most; NULL if memory is short.
dc_recall_t *dc_recall_new(size_t rows_max);
void dc_recall_destroy(dc_recall_t **self_p);

// The journal has a block at `offset`, behind all that were added. False if memory is short.
DC_MUST_USE bool dc_recall_add(dc_recall_t *self, const dc_journal_head_t *head, uint64_t offset);

// Whether all runs have ended before row `row` of the input, as far as is known.
bool dc_recall_is_past(const dc_recall_t *self, uint64_t row);

// Whether a block should be loaded before row `row` of the input is looked for: the one at
// `*offset`.
bool dc_recall_wants(dc_recall_t *self, uint64_t row, uint64_t *offset);

// Load that block. Without a body (NULL) it is damaged, and passed over. False if memory is short.
DC_MUST_USE bool dc_recall_load(dc_recall_t *self, const dc_journal_body_t *body);

// Where the result of a row is.
typedef struct dc_recalled {
    uint64_t offset; // of the block
    uint32_t index;  // within it
    bool is_final;   // it failed for a reason that is none the next time, if false
} dc_recalled_t;

// Look for row `row` of the input, whose bytes have this hash. False if it is not held.
bool dc_recall_find(dc_recall_t *self, uint64_t row, dc_siphash_t hash, dc_recalled_t *found);

#endif
