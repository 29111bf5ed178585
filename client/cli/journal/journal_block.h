// journal_block — the results of some consecutive rows as they lie in a journal.
//
// A block is a head of fixed size and a body. The head says where the next block is, and has a
// check of its own, so that who looks for a block need not read those before it; the body's check
// is in the head. Both need the journal's key: what another journal has left on the disk is no
// block. All numbers are little-endian.
//
//   head   magic "dcJ1", size of the body (u32), rows (u32), 0 (u32), the first row, from 0 (u64),
//          number of the batch that computed them (u64), check of the body, check of what is before
//   body   the hash of each row's input (16 bytes each), size of the results (u32), the results
//   (one
//          line a row), the faults (common/fault.h; their indices count from 0 within the block)
//
// Memory may be short while a block is made: the buffer says so, as usual.
#ifndef DC_CLIENT_CLI_JOURNAL_JOURNAL_BLOCK_H
#define DC_CLIENT_CLI_JOURNAL_JOURNAL_BLOCK_H

#include "common/fault.h"
#include "common/limits.h"
#include "common/siphash.h"

#define DC_JOURNAL_HEAD_BYTES 48
#define DC_JOURNAL_HASH_BYTES 16

// No input has a row behind this one: how far two are apart, and what lies as far behind a third,
// are numbers of 64 bits with a sign.
#define DC_JOURNAL_ROW_MAX (INT64_MAX / 4)

typedef struct dc_journal_head {
    uint64_t first; // row, from 0 .. DC_JOURNAL_ROW_MAX
    uint32_t rows;  // 1 .. DC_CHUNK_JOBS_MAX
    uint32_t size;  // of the body, in bytes
    uint64_t batch;
    uint64_t check; // of the body
} dc_journal_head_t;

typedef struct dc_journal_body {
    dc_str_t hashes; // borrowed, as all of it: DC_JOURNAL_HASH_BYTES a row
    dc_str_t results;
    dc_str_t faults;
} dc_journal_body_t;

// Append `hash` as a body has it.
void dc_journal_put_hash(dc_buf_t *out, dc_siphash_t hash);
dc_siphash_t dc_journal_hash(const dc_journal_body_t *body, size_t row);

// Append a block; `head` needs `first`, `rows` and `batch`. False, and nothing appended, if it
// would be larger than a block may be (DC_JOURNAL_BLOCK_BYTES_MAX).
bool dc_journal_put_block(dc_buf_t *out, const dc_siphash_key_t *key, const dc_journal_head_t *head,
                          const dc_journal_body_t *body);

// Read a head from the first DC_JOURNAL_HEAD_BYTES of `bytes`. False if there is none.
bool dc_journal_read_head(const dc_siphash_key_t *key, dc_str_t bytes, dc_journal_head_t *head);

// Read the body that belongs to `head`. False if it is damaged: nothing of it may be used then.
// True says that it has as many hashes and lines as rows, and faults in order, one a row at most.
bool dc_journal_read_body(const dc_siphash_key_t *key, const dc_journal_head_t *head,
                          dc_str_t bytes, dc_journal_body_t *body);

// Whether a job that failed with `code` would fail anywhere and always. What was too much for one
// worker, or too slow, or is somebody's decision, is worth another attempt.
bool dc_journal_is_final(dc_err_t code);

#endif
