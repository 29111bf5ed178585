#include "common/wire_fork.h"

#include "common/bytes.h"

// How many there are; weight and size of a child; size of a result.
#define COUNT_BYTES  4
#define CHILD_BYTES  12
#define RESULT_BYTES 4

static void put_u32(dc_buf_t *out, size_t value)
{
    char bytes[4];
    dc_put_u32(bytes, (uint32_t)value);
    dc_buf_append(out, bytes, sizeof bytes);
}

static void put_u64(dc_buf_t *out, uint64_t value)
{
    char bytes[8];
    dc_put_u64(bytes, value);
    dc_buf_append(out, bytes, sizeof bytes);
}

// Cut the first `len` bytes, which are there, off `rest`.
static dc_str_t take(dc_str_t *rest, size_t len)
{
    assert(len <= rest->len);
    dc_str_t taken = dc_str(rest->data, len);
    *rest = dc_str_behind(*rest, len);
    return taken;
}

// Cut the count and that many heads of `head_bytes` off `rest`. False if that is not what it is.
static bool take_heads(dc_str_t *rest, size_t head_bytes, uint32_t *count, dc_str_t *heads)
{
    if (rest->len < COUNT_BYTES) return false;
    *count = dc_get_u32(rest->data);
    if (*count == 0 || *count > DC_FORK_CHILDREN_MAX) return false;
    take(rest, COUNT_BYTES);
    if (rest->len < *count * head_bytes) return false;
    *heads = take(rest, *count * head_bytes);
    return true;
}

// The sum of the sizes at `offset` of each head.
static uint64_t sum_sizes(dc_str_t heads, size_t head_bytes, size_t offset)
{
    uint64_t sum = 0;
    for (size_t at = 0; at < heads.len; at += head_bytes) {
        sum += dc_get_u32(heads.data + at + offset);
    }
    return sum;
}

// --- RESULT with FORK --------------------------------------------------------------------------

void dc_wire_put_fork(dc_buf_t *out, const dc_wire_child_t *children, uint32_t count, dc_str_t join)
{
    put_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        put_u64(out, children[i].weight);
        put_u32(out, children[i].bytes.len);
    }
    put_u32(out, join.len);
    for (uint32_t i = 0; i < count; i++) {
        dc_buf_append_str(out, children[i].bytes);
    }
    dc_buf_append_str(out, join);
}

static bool sum_weights(dc_str_t heads, uint64_t *sum)
{
    *sum = 0;
    for (size_t at = 0; at < heads.len; at += CHILD_BYTES) {
        uint64_t weight = dc_get_u64(heads.data + at);
        if (weight == 0 || __builtin_add_overflow(*sum, weight, sum)) return false;
    }
    return true;
}

bool dc_wire_read_fork(dc_str_t data, dc_wire_fork_t *fork)
{
    if (data.len > DC_FRAME_BYTES_MAX) return false;
    if (!take_heads(&data, CHILD_BYTES, &fork->count, &fork->heads)) return false;
    if (!sum_weights(fork->heads, &fork->weight) || data.len < 4) return false;
    uint64_t join_bytes = dc_get_u32(take(&data, 4).data);
    uint64_t children_bytes = sum_sizes(fork->heads, CHILD_BYTES, 8);
    if (children_bytes + join_bytes != data.len) return false;
    fork->bodies = take(&data, (size_t)children_bytes);
    fork->join = data;
    return true;
}

dc_wire_child_t dc_wire_take_child(dc_wire_fork_t *fork)
{
    dc_str_t head = take(&fork->heads, CHILD_BYTES);
    return (dc_wire_child_t){
        .weight = dc_get_u64(head.data),
        .bytes = take(&fork->bodies, dc_get_u32(head.data + 8)),
    };
}

// --- LEASE with JOIN ---------------------------------------------------------------------------

void dc_wire_put_join(dc_buf_t *out, const dc_str_t *results, uint32_t count, dc_str_t join)
{
    put_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        put_u32(out, results[i].len);
    }
    for (uint32_t i = 0; i < count; i++) {
        dc_buf_append_str(out, results[i]);
    }
    dc_buf_append_str(out, join);
}

size_t dc_wire_join_bytes(uint32_t count, size_t results_bytes, dc_str_t join)
{
    return COUNT_BYTES + (size_t)RESULT_BYTES * count + results_bytes + join.len;
}

bool dc_wire_read_join(dc_str_t data, dc_wire_join_t *join)
{
    if (!take_heads(&data, RESULT_BYTES, &join->count, &join->heads)) return false;
    uint64_t results_bytes = sum_sizes(join->heads, RESULT_BYTES, 0);
    if (results_bytes > data.len) return false;
    join->bodies = take(&data, (size_t)results_bytes);
    join->join = data;
    return true;
}

dc_str_t dc_wire_take_result(dc_wire_join_t *join)
{
    dc_str_t head = take(&join->heads, RESULT_BYTES);
    return take(&join->bodies, dc_get_u32(head.data));
}
