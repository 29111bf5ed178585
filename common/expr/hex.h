// hex — whole numbers as text in base 16, for what travels between workers. Each has just one text:
// lower case, no zeros in front.
#ifndef DC_COMMON_EXPR_HEX_H
#define DC_COMMON_EXPR_HEX_H

#include "common/buf.h"
#include "common/str.h"

// What the letter means, or -1.
static inline int dc_hex_value(char letter)
{
    if (letter >= '0' && letter <= '9') return letter - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// How many of the first bytes are digits.
size_t dc_hex_count(dc_str_t text);

// Append a number.
void dc_hex_put(dc_buf_t *out, uint64_t number);

// Cut a number off the front of `rest`. False if none is there, or more than 64 bits of it, or
// zeros before it; both are then unchanged.
DC_MUST_USE bool dc_hex_take(dc_str_t *rest, uint64_t *number);

// The same of the bits of a double.
void dc_hex_put_double(dc_buf_t *out, double number);
DC_MUST_USE bool dc_hex_take_double(dc_str_t *rest, double *number);

#endif
