#include "common/expr/hex.h"

#include <inttypes.h>

#include "common/expr/double_bits.h"

size_t dc_hex_count(dc_str_t text)
{
    size_t count = 0;
    while (count < text.len && dc_hex_value(text.data[count]) >= 0) {
        count++;
    }
    return count;
}

void dc_hex_put(dc_buf_t *out, uint64_t number)
{
    dc_buf_printf(out, "%" PRIx64, number);
}

bool dc_hex_take(dc_str_t *rest, uint64_t *number)
{
    size_t len = dc_hex_count(*rest);
    if (len == 0 || len > 16) return false;
    if (len > 1 && rest->data[0] == '0') return false;
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 4 | (unsigned)dc_hex_value(rest->data[i]);
    }
    *rest = dc_str_behind(*rest, len);
    *number = value;
    return true;
}

void dc_hex_put_double(dc_buf_t *out, double number)
{
    dc_hex_put(out, dc_double_bits(number));
}

bool dc_hex_take_double(dc_str_t *rest, double *number)
{
    uint64_t bits;
    if (!dc_hex_take(rest, &bits)) return false;
    *number = dc_double_of_bits(bits);
    return true;
}
