#include "client/lines.h"

// One vector of the least that any processor of ours has: a wider one gcc 12 takes apart, byte by
// byte.
#define BLOCK_BYTES 16
typedef unsigned char dc_block_t __attribute__((vector_size(BLOCK_BYTES)));

// A byte of the sums holds this many blocks' counts.
#define BLOCKS_MAX 255

// What is counted at once while looking for a certain line.
#define STRIDE_BYTES 1024

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

size_t dc_lines_offset(dc_str_t text, size_t count)
{
    dc_str_t rest = text;
    while (rest.len > STRIDE_BYTES) {
        size_t found = dc_lines_count(dc_str(rest.data, STRIDE_BYTES));
        if (found >= count) break;
        count -= found;
        rest = dc_str(rest.data + STRIDE_BYTES, rest.len - STRIDE_BYTES);
    }
    dc_str_t line;
    while (count-- > 0 && dc_str_take_line(&rest, &line)) {
    }
    return text.len - rest.len;
}
