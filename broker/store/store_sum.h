// store_sum — whether a row is the one that was written: a disk may forget a bit, and say nothing.
//
// A row has a sum of what it says of itself, its head, and one of each DC_STORE_SUM_BYTES of its
// data, so that a part of a long one is checked without the rest. Each depends on the head, and so
// on the table and the key of the row: a row in the place of another is not taken for it.
//
// The sums are SipHash under a key that everybody knows: they are there against accidents, and not
// against people who may write into the file. One in 2^64 rows that are damaged is not seen.
#ifndef DC_BROKER_STORE_STORE_SUM_H
#define DC_BROKER_STORE_STORE_SUM_H

#include "common/limits.h"
#include "common/str.h"

// What a row's sums are made of, to be begun with the letter of its table.
typedef struct dc_store_head {
    uint64_t sum;
} dc_store_head_t;

dc_store_head_t dc_store_head(char table);

#define DC_STORE_HEAD_NUMBERS_MAX 16

// The row has these numbers, at most DC_STORE_HEAD_NUMBERS_MAX, or these bytes, besides what was
// said before.
void dc_store_head_add(dc_store_head_t *self, const uint64_t *numbers, size_t count);
void dc_store_head_add_bytes(dc_store_head_t *self, dc_str_t bytes);

// The most bytes that the sums of a row take.
#define DC_STORE_SUMS_MAX (8 * (1 + DC_STORE_RESULT_BYTES_MAX / DC_STORE_SUM_BYTES))
static_assert(DC_STORE_RESULT_BYTES_MAX % DC_STORE_SUM_BYTES == 0, "a whole number of sums");
static_assert(DC_RECORD_BYTES_MAX <= DC_STORE_RESULT_BYTES_MAX, "inputs have no more than results");

// Write the sums of a row with this head and data into `out`, which has room for DC_STORE_SUMS_MAX.
// Returns how many bytes they are.
size_t dc_store_sum(const dc_store_head_t *head, dc_str_t data, char *out);

// Whether `sums` are of a row with this head, and with `bytes` of data.
bool dc_store_sums_fit(dc_str_t sums, const dc_store_head_t *head, uint64_t bytes);

// Whether `part` is what the row has from `offset` on: a multiple of DC_STORE_SUM_BYTES, and so is
// where it ends, or it ends with the data. `sums` fit.
bool dc_store_sums_check(dc_str_t sums, const dc_store_head_t *head, uint64_t offset,
                         dc_str_t part);

#endif
