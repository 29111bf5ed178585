#include "tests/lib/random_cmd.h"

#include <stdlib.h>

#include "common/wire_fork.h"
#include "common/wire_needs.h"

const dc_command_t dc_random_types[] = {
#define X(NAME, name, number) DC_CMD_##NAME,
    DC_COMMAND_LIST(X)
#undef X
};
const size_t dc_random_type_count = DC_ARRAY_LEN(dc_random_types);

bool dc_random_sender(dc_command_t type, dc_wire_from_t *from)
{
    switch ((unsigned)type >> 4) {
    case 1:
    case 5: *from = DC_FROM_CLIENT; return true;
    case 2: *from = DC_FROM_BROKER_TO_CLIENT; return true;
    case 3: *from = DC_FROM_BROKER_TO_SLOT; return true;
    case 4: *from = DC_FROM_SLOT; return true;
    default: return false;
    }
}

static void fill(dc_rng_t *rng, void *bytes, size_t count)
{
    unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++) {
        at[i] = (unsigned char)dc_rng_u64(rng);
    }
}

static void put_ranges(dc_rng_t *rng, dc_buf_t *out, size_t count, uint64_t first)
{
    for (size_t i = 0; i < count; i++) {
        dc_range_t range = { first + dc_rng_below(rng, 2), 0 };
        first = range.end = range.first + 1 + dc_rng_below(rng, 3);
        dc_wire_put_range(out, &range);
    }
}

static void put_random(dc_rng_t *rng, dc_buf_t *out, size_t count)
{
    if (!dc_buf_reserve(out, count)) abort();
    if (count) fill(rng, out->data + out->len, count);
    out->len += count;
}

// Mostly a few bytes, sometimes more than is copied.
static size_t random_len(dc_rng_t *rng)
{
    return (size_t)dc_rng_below(rng, dc_rng_below(rng, 20) ? 40 : 3 * DC_COPY_BYTES_MAX);
}

// Jobs that go together with some data: sets their count and width, and returns the flags.
static uint8_t put_jobs(dc_rng_t *rng, dc_buf_t *data, uint32_t *count, uint32_t *width)
{
    bool is_record = dc_rng_below(rng, 4) == 0;
    *count = is_record ? 1 : 1 + (uint32_t)dc_rng_below(rng, DC_CHUNK_JOBS_MAX);
    *width = !is_record && dc_rng_below(rng, 2) ? 8 : 0;
    put_random(rng, data, *width ? (size_t)*count * *width : random_len(rng));
    return is_record;
}

// The data of a job that forks.
static void put_fork(dc_rng_t *rng, dc_buf_t *data)
{
    static const char text[] = "the bytes of parts";
    dc_wire_child_t children[DC_FORK_CHILDREN_MAX];
    uint32_t count = 1 + (uint32_t)dc_rng_below(rng, DC_FORK_CHILDREN_MAX);
    for (uint32_t i = 0; i < count; i++) {
        children[i].weight = 1 + dc_rng_below(rng, UINT32_MAX);
        children[i].bytes = dc_str(text, (size_t)dc_rng_below(rng, sizeof text));
    }
    dc_wire_put_fork(data, children, count, dc_str(text, (size_t)dc_rng_below(rng, sizeof text)));
}

// The data of a join, of which these are the results.
static void put_join(dc_rng_t *rng, dc_buf_t *data)
{
    static const char text[] = "the bytes of results";
    dc_str_t results[DC_FORK_CHILDREN_MAX];
    uint32_t count = 1 + (uint32_t)dc_rng_below(rng, DC_FORK_CHILDREN_MAX);
    for (uint32_t i = 0; i < count; i++) {
        results[i] = dc_str(text, (size_t)dc_rng_below(rng, sizeof text));
    }
    dc_wire_put_join(data, results, count, dc_str(text, (size_t)dc_rng_below(rng, sizeof text)));
}

// Results that a chunk needs; returns how many.
static uint32_t put_needs(dc_rng_t *rng, dc_buf_t *data)
{
    static const char text[] = "the bytes of results";
    uint32_t count = 1 + (uint32_t)dc_rng_below(rng, 70);
    size_t sizes = dc_wire_begin_needs(data, count);
    for (uint32_t i = 0; i < count; i++) {
        dc_wire_add_need(data, sizes, i, dc_str(text, (size_t)dc_rng_below(rng, sizeof text)));
    }
    return count;
}

// Pairs in front of the inputs, of jobs before them.
static void make_valid_chunk(dc_rng_t *rng, struct dc_cmd_chunk *chunk, dc_buf_t *data)
{
    chunk->first = (chunk->first >> 1) | 1024;
    chunk->need_count %= 4;
    put_ranges(rng, data, chunk->need_count, 0);
    chunk->flags = put_jobs(rng, data, &chunk->count, &chunk->width) ? DC_CHUNK_RECORD : 0;
    if (dc_rng_below(rng, 2)) chunk->flags |= DC_CHUNK_NEEDED;
}

static void make_valid_give(dc_rng_t *rng, struct dc_cmd_give *give, dc_buf_t *data)
{
    give->first >>= 1;
    give->flags &= DC_GIVE_FAILED;
    give->count = 1 + give->count % 70;
    if (!give->flags) give->count = put_needs(rng, data);
}

static void make_valid_lease(dc_rng_t *rng, struct dc_cmd_lease *lease, dc_buf_t *data)
{
    lease->first >>= 1;
    uint8_t needs = dc_rng_below(rng, 4) == 0 ? DC_LEASE_NEEDS : 0;
    if (needs) put_needs(rng, data);
    lease->flags = put_jobs(rng, data, &lease->count, &lease->width) ? DC_LEASE_RECORD : 0;
    lease->flags |= needs;
    if (needs || !lease->flags || dc_rng_below(rng, 2)) return;
    lease->flags = dc_rng_below(rng, 2) ? DC_LEASE_CHILD : DC_LEASE_JOIN;
    if (lease->flags == DC_LEASE_CHILD) return;
    data->len = 0;
    put_join(rng, data);
}

static void make_valid_result(dc_rng_t *rng, struct dc_cmd_result *result, dc_buf_t *data)
{
    result->first >>= 1;
    if (result->flags & DC_RESULT_FORK) {
        result->flags &= (uint8_t)~DC_RESULT_FAILED;
        result->count = 1;
        result->faults_bytes = 0;
        put_fork(rng, data);
        return;
    }
    result->faults_bytes %= 100;
    put_random(rng, data, result->faults_bytes + random_len(rng));
}

// Make what is random fit together, and add the data that belong to it.
static void make_valid(dc_rng_t *rng, dc_cmd_t *cmd, dc_buf_t *data)
{
    switch (cmd->type) {
    case DC_CMD_OPEN:
        cmd->open.handle |= 1;
        cmd->open.name_bytes %= DC_NAME_BYTES_MAX + 1;
        cmd->open.tag_bytes %= DC_TAG_BYTES_MAX + 1;
        cmd->open.lack_count %= cmd->open.flags & DC_OPEN_DETACHED ? 1 : 4;
        put_random(rng, data, (size_t)cmd->open.name_bytes + cmd->open.tag_bytes);
        put_ranges(rng, data, cmd->open.lack_count, 0);
        cmd->open.after_count %= 4;
        put_random(rng, data, 8 * (size_t)cmd->open.after_count);
        break;
    case DC_CMD_CHUNK: make_valid_chunk(rng, &cmd->chunk, data); break;
    case DC_CMD_GIVE: make_valid_give(rng, &cmd->give, data); break;
    case DC_CMD_INPUT:
        cmd->input.first >>= 1;
        cmd->input.flags = put_jobs(rng, data, &cmd->input.count, &cmd->input.width);
        break;
    case DC_CMD_LEASE: make_valid_lease(rng, &cmd->lease, data); break;
    case DC_CMD_PIECE:
        cmd->piece.first >>= 1;
        cmd->piece.count |= 1024;
        cmd->piece.range_count %= 4;
        cmd->piece.worker_bytes %= DC_NAME_BYTES_MAX + 1;
        put_random(rng, data, cmd->piece.worker_bytes);
        put_ranges(rng, data, cmd->piece.range_count, cmd->piece.first);
        cmd->piece.faults_bytes %= 100;
        put_random(rng, data, cmd->piece.faults_bytes + random_len(rng));
        break;
    case DC_CMD_RESULT: make_valid_result(rng, &cmd->result, data); break;
    case DC_CMD_PROGRESS: cmd->progress.total |= cmd->progress.done | 1; break;
    case DC_CMD_ATTACH: cmd->attach.handle |= 1; break;
    case DC_CMD_SET:
        cmd->set.what %= DC_SET_DRAIN + 2;
        if (cmd->set.what == DC_SET_DRAIN)
            put_random(rng, data, (size_t)dc_rng_below(rng, DC_NAME_BYTES_MAX + 1));
        break;
    case DC_CMD_ACK: cmd->ack.end = cmd->ack.first | cmd->ack.end; break;
    case DC_CMD_RECEIPT: cmd->receipt.end = cmd->receipt.first | cmd->receipt.end; break;
    case DC_CMD_OPENED:
        put_ranges(rng, data, (size_t)dc_rng_below(rng, 4), 0);
        if (cmd->opened.flags & DC_OPENED_DIGEST) put_random(rng, data, 8);
        break;
    case DC_CMD_GOODBYE: put_random(rng, data, 8 * (size_t)dc_rng_below(rng, 5)); break;
    case DC_CMD_OBITUARY: cmd->obituary.first >>= 1; break;
    case DC_CMD_CLOSE:
    case DC_CMD_CANCEL:
    case DC_CMD_DELETE:
    case DC_CMD_CREDIT:
    case DC_CMD_RELEASED:
    case DC_CMD_DONE:
    case DC_CMD_TRIM:
    case DC_CMD_DRAIN:
    case DC_CMD_WHO:
    case DC_CMD_HEARTBEAT: break;
    case DC_CMD_QUERY:
    case DC_CMD_REFUSED:
    case DC_CMD_REPLY:
    case DC_CMD_WORK:
    case DC_CMD_WORKED:
    case DC_CMD_READY:
    case DC_CMD_BEAT:
    case DC_CMD_ASK:
    case DC_CMD_ANSWER: put_random(rng, data, random_len(rng)); break;
    }
}

dc_cmd_t dc_random_cmd(dc_rng_t *rng, dc_command_t type, const dc_slice_t *programs, size_t count)
{
    dc_cmd_t cmd;
    dc_buf_t data = { 0 };
    fill(rng, &cmd, sizeof cmd);
    cmd.type = type;
    cmd.data = cmd.program = (dc_slice_t){ 0 };
    make_valid(rng, &cmd, &data);
    dc_slice_t borrowed = { NULL, dc_buf_str(&data) };
    if (!dc_slice_keep(&borrowed, &cmd.data)) abort();
    dc_buf_fini(&data);
    size_t program = (size_t)dc_rng_below(rng, count + 1);
    if (program < count && !dc_slice_keep(&programs[program], &cmd.program)) abort();
    return cmd;
}
