#include "broker/store/store_sum.h"

#include "common/bytes.h"
#include "common/siphash.h"

// "dcalc-store-rows"
#define KEY_LOW  UINT64_C(0x74732d636c616364)
#define KEY_HIGH UINT64_C(0x73776f722d65726f)

// The sum of `bytes` behind what has the sum `before`; `place` is theirs among others.
static uint64_t sum_of(uint64_t before, uint64_t place, dc_str_t bytes)
{
    const dc_siphash_key_t key = { KEY_LOW ^ before, KEY_HIGH ^ place };
    return dc_siphash(&key, bytes).low;
}

// --- heads -------------------------------------------------------------------------------------

dc_store_head_t dc_store_head(char table)
{
    return (dc_store_head_t){ sum_of(0, 0, dc_str(&table, 1)) };
}

void dc_store_head_add_bytes(dc_store_head_t *self, dc_str_t bytes)
{
    self->sum = sum_of(self->sum, 0, bytes);
}

void dc_store_head_add(dc_store_head_t *self, const uint64_t *numbers, size_t count)
{
    char bytes[8 * DC_STORE_HEAD_NUMBERS_MAX];
    assert(count <= DC_STORE_HEAD_NUMBERS_MAX);
    for (size_t i = 0; i < count; i++) {
        dc_put_u64(bytes + 8 * i, numbers[i]);
    }
    dc_store_head_add_bytes(self, dc_str(bytes, 8 * count));
}

// --- rows --------------------------------------------------------------------------------------

static uint64_t part_count(uint64_t bytes)
{
    return (bytes + DC_STORE_SUM_BYTES - 1) / DC_STORE_SUM_BYTES;
}

static uint64_t sum_of_part(const dc_store_head_t *head, uint64_t index, dc_str_t data,
                            uint64_t offset)
{
    dc_str_t part = dc_str_behind(data, (size_t)offset);
    part.len = dc_min_size(part.len, DC_STORE_SUM_BYTES);
    return sum_of(head->sum, 1 + index, part);
}

size_t dc_store_sum(const dc_store_head_t *head, dc_str_t data, char *out)
{
    uint64_t count = part_count(data.len);
    dc_put_u64(out, head->sum);
    for (uint64_t i = 0; i < count; i++) {
        dc_put_u64(out + 8 * (1 + i), sum_of_part(head, i, data, i * DC_STORE_SUM_BYTES));
    }
    return (size_t)(8 * (1 + count));
}

bool dc_store_sums_fit(dc_str_t sums, const dc_store_head_t *head, uint64_t bytes)
{
    return sums.len == 8 * (1 + part_count(bytes)) && dc_get_u64(sums.data) == head->sum;
}

bool dc_store_sums_check(dc_str_t sums, const dc_store_head_t *head, uint64_t offset, dc_str_t part)
{
    uint64_t first = offset / DC_STORE_SUM_BYTES;
    for (uint64_t i = 0; i < part_count(part.len); i++) {
        uint64_t sum = sum_of_part(head, first + i, part, i * DC_STORE_SUM_BYTES);
        if (dc_get_u64(sums.data + 8 * (1 + first + i)) != sum) return false;
    }
    return true;
}
