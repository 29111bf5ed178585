// What must hold within a record.
#include "common/wire_fork.h"
#include "common/wire_needs.h"
#include "common/wire_part.h"

bool dc_wire_are_ranges(dc_str_t data, uint64_t count, dc_range_t borders)
{
    if (count > data.len / DC_WIRE_RANGE_BYTES) return false;
    uint64_t from = borders.first;
    for (uint64_t i = 0; i < count; i++) {
        dc_range_t range = dc_wire_get_range(data, (size_t)i);
        if (range.first < from || range.first >= range.end) return false;
        from = range.end;
    }
    return from <= borders.end;
}

static const dc_range_t anywhere = { 0, UINT64_MAX };

static const char *check_open(const struct dc_cmd_open *open, dc_str_t data)
{
    if (open->handle == 0) return "OPEN with handle 0";
    if (open->name_bytes > DC_NAME_BYTES_MAX || open->name_bytes > data.len) {
        return "OPEN with a name that is too long";
    }
    dc_str_t rest = dc_str_behind(data, open->name_bytes);
    if (open->tag_bytes > DC_TAG_BYTES_MAX || open->tag_bytes > rest.len) {
        return "OPEN with a tag that is too long";
    }
    if (open->flags & DC_OPEN_DETACHED && open->lack_count)
        return "OPEN, detached, that lacks jobs";
    dc_str_t lacks = dc_str_behind(rest, open->tag_bytes);
    uint64_t bytes =
        (uint64_t)open->lack_count * DC_WIRE_RANGE_BYTES + open->after_count * UINT64_C(8);
    if (lacks.len != bytes) return "OPEN whose data have another size than its lists";
    if (open->after_count > DC_AFTERS_MAX) return "OPEN after too many batches";
    return dc_wire_are_ranges(lacks, open->lack_count, anywhere) ? NULL
                                                                 : "OPEN with ranges out of order";
}

static const char *check_opened(const struct dc_cmd_opened *opened, dc_str_t data)
{
    size_t digest_bytes = opened->flags & DC_OPENED_DIGEST ? 8 : 0;
    size_t count = data.len / DC_WIRE_RANGE_BYTES;
    if (data.len % DC_WIRE_RANGE_BYTES != digest_bytes)
        return "OPENED whose data have another size than its ranges and digest";
    return dc_wire_are_ranges(data, count, anywhere) ? NULL : "OPENED with ranges out of order";
}

// The jobs [first, first + count), and the bytes that they may have.
static const char *check_jobs(uint64_t first, uint32_t count, uint32_t width, bool is_record,
                              size_t bytes)
{
    if (count == 0 || count > DC_CHUNK_JOBS_MAX) return "jobs: none, or too many for one chunk";
    if (first > UINT64_MAX - count) return "jobs: an index that is too large";
    if (is_record && (count != 1 || width)) return "jobs: a record is one job, of no fixed width";
    if (width && bytes != (uint64_t)count * width)
        return "jobs: data of another size than count x width";
    return NULL;
}

// Each of them is looked at by itself, so they must be few.
static bool are_few(dc_str_t pairs)
{
    uint64_t jobs = 0;
    for (size_t i = 0; i < pairs.len / DC_WIRE_RANGE_BYTES && jobs <= DC_NEEDS_MAX; i++) {
        dc_range_t pair = dc_wire_get_range(pairs, i);
        jobs += dc_min_u64(pair.end - pair.first, DC_NEEDS_MAX + 1);
    }
    return jobs <= DC_NEEDS_MAX;
}

static const char *check_chunk(const struct dc_cmd_chunk *chunk, dc_str_t data)
{
    dc_range_t before = { 0, chunk->first };
    if (!dc_wire_are_ranges(data, chunk->need_count, before)) {
        return "CHUNK that needs jobs out of order, or not before it";
    }
    size_t pairs_bytes = chunk->need_count * (size_t)DC_WIRE_RANGE_BYTES;
    if (!are_few(dc_str(data.data, pairs_bytes))) return "CHUNK that needs too many jobs";
    data = dc_str_behind(data, pairs_bytes);
    if (data.len > (chunk->count == 1 ? DC_RECORD_BYTES_MAX : DC_CHUNK_BYTES_MAX)) {
        return "CHUNK with too many bytes";
    }
    return check_jobs(chunk->first, chunk->count, chunk->width, chunk->flags & DC_CHUNK_RECORD,
                      data.len);
}

static const char *check_give(const struct dc_cmd_give *give, dc_str_t data)
{
    dc_wire_needs_t needs;
    if (give->count == 0 || give->count > DC_NEEDS_MAX) return "GIVE of none, or of too many";
    if (give->first > UINT64_MAX - give->count) return "GIVE with an index that is too large";
    if (give->flags & DC_GIVE_FAILED) return data.len ? "GIVE of failed jobs, with data" : NULL;
    if (data.len > DC_JOIN_DATA_BYTES_MAX) return "GIVE with too many bytes";
    bool is_read = dc_wire_read_needs(&data, &needs) && needs.count == give->count;
    return is_read && data.len == 0 ? NULL : "GIVE whose data do not add up";
}

static const char *check_piece(const struct dc_cmd_piece *piece, dc_str_t data)
{
    if (piece->first > UINT64_MAX - piece->count) return "PIECE with an index that is too large";
    if (piece->worker_bytes > DC_NAME_BYTES_MAX || piece->worker_bytes > data.len) {
        return "PIECE with a name that is too long";
    }
    dc_str_t rest = dc_str_behind(data, piece->worker_bytes);
    uint64_t used = (uint64_t)piece->range_count * DC_WIRE_RANGE_BYTES + piece->faults_bytes;
    if (used > rest.len) return "PIECE with fewer data than its ranges and faults";
    dc_range_t borders = { piece->first, piece->first + piece->count };
    return dc_wire_are_ranges(rest, piece->range_count, borders) ? NULL
                                                                 : "PIECE with ranges out of order";
}

static const char *check_lease(const struct dc_cmd_lease *lease, dc_str_t data)
{
    const uint8_t kinds = DC_LEASE_RECORD | DC_LEASE_CHILD | DC_LEASE_JOIN;
    uint8_t kind = lease->flags & kinds;
    if (kind & (kind - 1)) return "LEASE of two kinds";
    dc_wire_join_t join;
    if (kind == DC_LEASE_JOIN && !dc_wire_read_join(data, &join)) {
        return "LEASE of a join whose data do not add up";
    }
    dc_wire_needs_t needs;
    if (lease->flags & DC_LEASE_NEEDS && !dc_wire_read_needs(&data, &needs)) {
        return "LEASE with results that do not add up";
    }
    return check_jobs(lease->first, lease->count, lease->width, kind, data.len);
}

static const char *check_fork(const struct dc_cmd_result *result, dc_str_t data)
{
    dc_wire_fork_t fork;
    if (result->count != 1) return "RESULT that forks not just one job";
    if (result->faults_bytes) return "RESULT that forks, with faults";
    if (result->flags & DC_RESULT_FAILED) return "RESULT that forks and has failed";
    return dc_wire_read_fork(data, &fork) ? NULL : "RESULT that forks, whose data do not add up";
}

static const char *check_result(const struct dc_cmd_result *result, dc_str_t data)
{
    if (result->first > UINT64_MAX - result->count) return "RESULT with an index that is too large";
    if (result->flags & DC_RESULT_FORK) return check_fork(result, data);
    // The broker passes it on as a PIECE, in front of which it may have to put a name and ranges.
    const size_t front_bytes_max = DC_NAME_BYTES_MAX + DC_CHUNK_JOBS_MAX * DC_WIRE_RANGE_BYTES;
    if (data.len > DC_FRAME_BYTES_MAX - front_bytes_max) {
        return "RESULT with too many bytes";
    }
    return result->faults_bytes > data.len ? "RESULT with fewer data than its faults" : NULL;
}

const char *dc_wire_flaw(const dc_cmd_t *cmd)
{
    dc_str_t data = cmd->data.bytes;
    switch (cmd->type) {
    case DC_CMD_OPEN: return check_open(&cmd->open, data);
    case DC_CMD_CHUNK: return check_chunk(&cmd->chunk, data);
    case DC_CMD_GIVE: return check_give(&cmd->give, data);
    case DC_CMD_INPUT:
        return check_jobs(cmd->input.first, cmd->input.count, cmd->input.width,
                          cmd->input.flags & DC_CHUNK_RECORD, data.len);
    case DC_CMD_LEASE: return check_lease(&cmd->lease, data);
    case DC_CMD_PIECE: return check_piece(&cmd->piece, data);
    case DC_CMD_RESULT: return check_result(&cmd->result, data);
    case DC_CMD_ACK: return cmd->ack.first > cmd->ack.end ? "ACK that ends before it begins" : NULL;
    case DC_CMD_ATTACH: return cmd->attach.handle ? NULL : "ATTACH with handle 0";
    case DC_CMD_RECEIPT:
        return cmd->receipt.first > cmd->receipt.end ? "RECEIPT that ends before it begins" : NULL;
    case DC_CMD_OPENED: return check_opened(&cmd->opened, data);
    case DC_CMD_PROGRESS:
        if (cmd->progress.total == 0) return "PROGRESS of nothing";
        return cmd->progress.done > cmd->progress.total ? "PROGRESS beyond its end" : NULL;
    case DC_CMD_SET:
        return data.len > (cmd->set.what == DC_SET_DRAIN ? DC_NAME_BYTES_MAX : 0)
                   ? "SET with data that are too long, or of no use"
                   : NULL;
    case DC_CMD_GOODBYE: return data.len % 8 ? "GOODBYE with a part of an id" : NULL;
    case DC_CMD_OBITUARY:
        return cmd->obituary.first > UINT64_MAX - cmd->obituary.count
                   ? "OBITUARY with an index that is too large"
                   : NULL;
    case DC_CMD_CLOSE:
    case DC_CMD_CANCEL:
    case DC_CMD_DELETE:
    case DC_CMD_QUERY:
    case DC_CMD_CREDIT:
    case DC_CMD_RELEASED:
    case DC_CMD_REFUSED:
    case DC_CMD_DONE:
    case DC_CMD_REPLY:
    case DC_CMD_TRIM:
    case DC_CMD_WORK:
    case DC_CMD_WORKED:
    case DC_CMD_DRAIN:
    case DC_CMD_WHO:
    case DC_CMD_HEARTBEAT:
    case DC_CMD_READY:
    case DC_CMD_BEAT:
    case DC_CMD_ASK:
    case DC_CMD_ANSWER: break;
    }
    return NULL;
}
