#include "client/cli/journal/journal_block.h"

#include "common/bytes.h"
#include "common/lines.h"

#define MAGIC UINT32_C(0x314a6364) // "dcJ1"

void dc_journal_put_hash(dc_buf_t *out, dc_siphash_t hash)
{
    char bytes[DC_JOURNAL_HASH_BYTES];
    dc_put_u64(bytes, hash.low);
    dc_put_u64(bytes + sizeof hash.low, hash.high);
    dc_buf_append(out, bytes, sizeof bytes);
}

dc_siphash_t dc_journal_hash(const dc_journal_body_t *body, size_t row)
{
    const char *at = body->hashes.data + row * DC_JOURNAL_HASH_BYTES;
    return (dc_siphash_t){ dc_get_u64(at), dc_get_u64(at + sizeof(uint64_t)) };
}

static uint64_t check_of(const dc_siphash_key_t *key, const char *bytes, size_t count)
{
    return dc_siphash(key, dc_str(bytes, count)).low;
}

bool dc_journal_put_block(dc_buf_t *out, const dc_siphash_key_t *key, const dc_journal_head_t *head,
                          const dc_journal_body_t *body)
{
    char bytes[DC_JOURNAL_HEAD_BYTES];
    char results_size[sizeof(uint32_t)];
    uint64_t size =
        (uint64_t)body->hashes.len + sizeof results_size + body->results.len + body->faults.len;
    if (size > DC_JOURNAL_BLOCK_BYTES_MAX) return false;
    if (!dc_buf_reserve(out, sizeof bytes + (size_t)size)) return false;
    size_t start = out->len;
    dc_put_u32(results_size, (uint32_t)body->results.len);
    // The head stands first, and is known last.
    dc_buf_append(out, bytes, sizeof bytes);
    dc_buf_append_str(out, body->hashes);
    dc_buf_append(out, results_size, sizeof results_size);
    dc_buf_append_str(out, body->results);
    dc_buf_append_str(out, body->faults);
    dc_put_u32(bytes, MAGIC);
    dc_put_u32(bytes + 4, (uint32_t)size);
    dc_put_u32(bytes + 8, head->rows);
    dc_put_u32(bytes + 12, 0);
    dc_put_u64(bytes + 16, head->first);
    dc_put_u64(bytes + 24, head->batch);
    dc_put_u64(bytes + 32, check_of(key, out->data + start + sizeof bytes, (size_t)size));
    dc_put_u64(bytes + 40, check_of(key, bytes, 40));
    memcpy(out->data + start, bytes, sizeof bytes);
    return true;
}

bool dc_journal_read_head(const dc_siphash_key_t *key, dc_str_t bytes, dc_journal_head_t *head)
{
    const char *at = bytes.data;
    if (bytes.len < DC_JOURNAL_HEAD_BYTES || dc_get_u32(at) != MAGIC) return false;
    if (dc_get_u64(at + 40) != check_of(key, at, 40)) return false;
    *head = (dc_journal_head_t){ .size = dc_get_u32(at + 4),
                                 .rows = dc_get_u32(at + 8),
                                 .first = dc_get_u64(at + 16),
                                 .batch = dc_get_u64(at + 24),
                                 .check = dc_get_u64(at + 32) };
    // What we have not written ourselves may still be well-formed.
    return head->rows >= 1 && head->rows <= DC_CHUNK_JOBS_MAX &&
           head->size <= DC_JOURNAL_BLOCK_BYTES_MAX && head->first <= DC_JOURNAL_ROW_MAX;
}

static bool are_faults_sound(dc_str_t faults, uint32_t rows)
{
    dc_fault_t fault;
    uint64_t next = 0;
    while (faults.len) {
        if (!dc_fault_take(&faults, &fault)) return false;
        if (fault.index < next || fault.index >= rows) return false;
        next = fault.index + 1;
    }
    return true;
}

bool dc_journal_read_body(const dc_siphash_key_t *key, const dc_journal_head_t *head,
                          dc_str_t bytes, dc_journal_body_t *body)
{
    size_t hashes = (size_t)head->rows * DC_JOURNAL_HASH_BYTES;
    if (bytes.len != head->size || bytes.len < hashes + sizeof(uint32_t)) return false;
    if (head->check != check_of(key, bytes.data, bytes.len)) return false;
    dc_str_t rest = dc_str_behind(bytes, hashes + sizeof(uint32_t));
    uint32_t results = dc_get_u32(bytes.data + hashes);
    if (results == 0 || results > rest.len) return false;
    *body = (dc_journal_body_t){ .hashes = dc_str(bytes.data, hashes),
                                 .results = dc_str(rest.data, results),
                                 .faults = dc_str_behind(rest, results) };
    return rest.data[results - 1] == '\n' && dc_lines_count(body->results) == head->rows &&
           are_faults_sound(body->faults, head->rows);
}

bool dc_journal_is_final(dc_err_t code)
{
    bool is_of_worker = code == DC_ERR_TOO_LARGE;
    return code <= DC_ERR_STEPS && !is_of_worker;
}
