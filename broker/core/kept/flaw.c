#include "broker/core/kept/flaw.h"

#include "common/tag.h"

const char *dc_flaw_of_batch(const dc_store_op_t *op)
{
    dc_str_t tag = dc_str_from(op->opened.tag);
    if (op->error == DC_ERR_IO)
        return "a page of the file cannot be read that has it, or such as come behind it";
    if (op->error != DC_OK) return "what it says of itself is not what was written";
    if (op->program.bytes.len > DC_PROGRAM_BYTES_MAX)
        return "its program is longer than one may be";
    if (tag.len && dc_tag_flaw(tag)) return "its tag is none";
    return NULL;
}

const char *dc_flaw_of_chunk(const dc_detached_t *detached, const dc_store_op_t *op)
{
    uint64_t end;
    uint32_t count = op->chunk.count;
    if (op->error != DC_OK) return "what a chunk says of itself is not what was written";
    if (__builtin_add_overflow(op->chunk.first, count, &end)) return "a chunk's range is too high";
    bool may_be = count && count <= DC_CHUNK_JOBS_MAX && op->chunk.bytes <= DC_RECORD_BYTES_MAX;
    bool is_wide = op->chunk.width && op->chunk.bytes != (uint64_t)count * op->chunk.width;
    bool is_valid = op->chunk.has_result || (op->chunk.is_lost && !is_wide) ||
                    dc_chunk_is_valid(op->data.bytes, count, op->chunk.width, op->chunk.flags);
    if (!may_be || !is_valid) return "a chunk's data are not what it says";
    size_t at = dc_detached_at(detached, op->chunk.first);
    bool is_free = at == detached->entry_count || detached->entries[at].first >= end;
    return is_free ? NULL : "a chunk overlaps another";
}

const char *dc_flaw_of_result(const dc_entry_t *entry, const dc_store_op_t *op)
{
    bool may_be = op->result.answered <= entry->count && op->result.failed <= op->result.answered &&
                  op->result.bytes <= DC_STORE_RESULT_BYTES_MAX;
    return may_be ? NULL : "there are more results than jobs";
}

void dc_flaw_log(const dc_store_op_t *op, const char *flaw, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_ERROR,
                   "store damaged batch=b%llu why=%s: it is left out, as long as the file is so",
                   (unsigned long long)op->batch, flaw);
}

void dc_flaw_leave_out(dc_batch_t *batch, const dc_store_op_t *op, const char *flaw,
                       dc_actions_t *actions)
{
    dc_flaw_log(op, flaw, actions);
    batch->detached->is_damaged = true;
}
