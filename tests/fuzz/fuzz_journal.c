// Any bytes as a block of a journal, and any history of blocks and rows as what is recalled: what
// is read is well-formed and bounded, and no row gets another one's result.
#include <stdlib.h>

#include "client/cli/journal/recall.h"
#include "common/bytes.h"
#include "common/lines.h"

#define BLOCKS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const dc_siphash_key_t key = { 7, 8 };

// --- a block -----------------------------------------------------------------------------------

static void check_body(const dc_journal_head_t *head, const dc_journal_body_t *body)
{
    dc_str_t faults = body->faults;
    dc_fault_t fault;
    if (body->hashes.len != (size_t)head->rows * DC_JOURNAL_HASH_BYTES) abort();
    if (dc_lines_count(body->results) != head->rows) abort();
    while (dc_fault_take(&faults, &fault)) {
        if (fault.index >= head->rows) abort();
    }
    dc_journal_hash(body, head->rows - 1);
}

// As if whoever wrote the bytes knew the key: the checks are right, the rest is theirs.
static void read_block(dc_str_t bytes)
{
    dc_journal_head_t head;
    dc_journal_body_t body;
    dc_journal_read_head(&key, bytes, &head);
    if (bytes.len < sizeof(uint16_t)) return;
    dc_str_t rest = dc_str_behind(bytes, sizeof(uint16_t));
    head = (dc_journal_head_t){ .rows = dc_get_u16(bytes.data) % DC_CHUNK_JOBS_MAX + 1,
                                .size = (uint32_t)rest.len,
                                .check = dc_siphash(&key, rest).low };
    if (dc_journal_read_body(&key, &head, rest, &body)) check_body(&head, &body);
}

// --- a history ---------------------------------------------------------------------------------

// What is in the rows of a block: numbers from `content` on, each `step` behind the one before.
typedef struct block {
    uint64_t first;
    uint32_t rows;
    uint8_t content, step, failed;
} block_t;

static block_t blocks[BLOCKS_MAX];
static size_t block_count;

static uint8_t content_at(const block_t *block, uint32_t index)
{
    return (uint8_t)(block->content + block->step * index);
}

static dc_siphash_t hash_of(uint8_t content)
{
    return dc_siphash(&key, dc_str((const char *)&content, 1));
}

static void load(dc_recall_t *recall, uint64_t offset)
{
    if (offset >= block_count) abort();
    const block_t *block = &blocks[offset];
    dc_buf_t hashes = { 0 };
    dc_buf_t faults = { 0 };
    dc_diag_t diag;
    for (uint32_t i = 0; i < block->rows; i++) {
        dc_journal_put_hash(&hashes, hash_of(content_at(block, i)));
    }
    dc_diag_set(&diag, block->failed & 1 ? DC_ERR_TIME : DC_ERR_DOMAIN, 0, 0, "x");
    if (block->failed & 2) dc_fault_put(&faults, block->rows - 1, &diag);
    dc_journal_body_t body = { .hashes = dc_buf_str(&hashes), .faults = dc_buf_str(&faults) };
    bool is_damaged = block->failed & 4;
    if (!dc_recall_load(recall, is_damaged ? NULL : &body)) abort();
    dc_buf_fini(&hashes);
    dc_buf_fini(&faults);
}

static void find(dc_recall_t *recall, uint64_t row, uint8_t content)
{
    uint64_t offset;
    dc_recalled_t found;
    for (size_t i = 0; dc_recall_wants(recall, row, &offset); i++) {
        if (i > block_count) abort();
        load(recall, offset);
    }
    if (!dc_recall_find(recall, row, hash_of(content), &found)) return;
    const block_t *block = &blocks[found.offset];
    bool is_last = found.index == block->rows - 1;
    if (found.offset >= block_count || found.index >= block->rows || block->failed & 4) abort();
    if (content_at(block, found.index) != content) abort();
    if (found.is_final == (is_last && (block->failed & 3) == 3)) abort();
}

// Take a number that is mostly small off the front.
static uint64_t take(dc_str_t *rest)
{
    uint8_t byte = rest->len ? (uint8_t)rest->data[0] : 0;
    *rest = dc_str_behind(*rest, rest->len > 0);
    return byte < 0xF0 ? byte : UINT64_C(1) << (byte & 0x0F) * 3;
}

static void replay(dc_str_t rest)
{
    dc_recall_t *recall = dc_recall_new((size_t)take(&rest) * 16 + 1);
    if (!recall) abort();
    uint64_t first = 0;
    size_t count = (size_t)take(&rest) % (BLOCKS_MAX + 1);
    for (block_count = 0; block_count < count; block_count++) {
        uint64_t gap = take(&rest);
        block_t block = { .first = gap & 1 ? gap / 2 : first + gap / 2,
                          .rows = (uint32_t)(take(&rest) % DC_CHUNK_JOBS_MAX + 1),
                          .content = (uint8_t)take(&rest),
                          .step = (uint8_t)take(&rest),
                          .failed = (uint8_t)take(&rest) };
        first = block.first + block.rows;
        blocks[block_count] = block;
        dc_journal_head_t head = { .first = block.first, .rows = block.rows };
        if (!dc_recall_add(recall, &head, block_count)) abort();
    }
    for (uint64_t row = 0; rest.len; row += rest.len & 1 ? 1 : take(&rest)) {
        find(recall, row, (uint8_t)take(&rest));
    }
    dc_recall_is_past(recall, first);
    dc_recall_destroy(&recall);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_str_t bytes = { (const char *)data, size };
    read_block(bytes);
    replay(bytes);
    return 0;
}
