#include "common/lines.h"

// One vector of the least that any processor of ours has: a wider one gcc 12 takes apart, byte by
// byte.
#define BLOCK_BYTES 16
typedef unsigned char dc_block_t __attribute__((vector_size(BLOCK_BYTES)));

// A byte of the sums holds this many blocks' counts.
#define BLOCKS_MAX 255

// What is counted at once while looking for a certain line: far from it, and near.
#define STRIDE_BYTES 1024
#define STEP_BYTES   64

// So many lines are sooner looked at one by one.
#define FEW_LINES 8

// How many newlines are in `block_count` (<= BLOCKS_MAX) whole blocks.
static size_t count_blocks(const char *at, size_t block_count)
{
    dc_block_t sums = { 0 };
    for (size_t i = 0; i < block_count; i++) {
        dc_block_t block;
        memcpy(&block, at + i * BLOCK_BYTES, sizeof block);
        // A comparison yields all ones, which is -1, where it holds.
        sums -= (dc_block_t)(block == '\n');
    }
    size_t count = 0;
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        count += sums[i];
    }
    return count;
}

size_t dc_lines_count(dc_str_t text)
{
    size_t count = 0;
    while (text.len >= BLOCK_BYTES) {
        size_t block_count = dc_min_size(text.len / BLOCK_BYTES, BLOCKS_MAX);
        count += count_blocks(text.data, block_count);
        text = dc_str(text.data + block_count * BLOCK_BYTES, text.len - block_count * BLOCK_BYTES);
    }
    for (size_t i = 0; i < text.len; i++) {
        count += text.data[i] == '\n';
    }
    return count;
}

// Skip what has no more than `*count` newlines, `stride` bytes at a time, while it is worth it.
static dc_str_t skip_strides(dc_str_t rest, size_t stride, size_t *count)
{
    while (*count > FEW_LINES && rest.len > stride) {
        size_t found = dc_lines_count(dc_str(rest.data, stride));
        if (found >= *count) break;
        *count -= found;
        rest = dc_str_behind(rest, stride);
    }
    return rest;
}

size_t dc_lines_offset(dc_str_t text, size_t count)
{
    dc_str_t rest = skip_strides(text, STRIDE_BYTES, &count);
    rest = skip_strides(rest, STEP_BYTES, &count);
    dc_str_t line;
    while (count-- > 0 && dc_str_take_line(&rest, &line)) {
    }
    return text.len - rest.len;
}
