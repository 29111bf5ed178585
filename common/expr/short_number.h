// short_number — the fast way to read numbers such as 12 and 3.75.
//
// Up to seven digits on each side of the point are read at once, eight bytes at a time and without
// a branch on how many they are. 14 digits fit a double, and so does the power of ten they are
// divided by, so the quotient is the correctly rounded number: the same that number.h reads.
#ifndef DC_COMMON_EXPR_SHORT_NUMBER_H
#define DC_COMMON_EXPR_SHORT_NUMBER_H

#include <string.h>

#include "common/base.h"

#define DC_SHORT_DIGITS_MAX 7

// How many of the eight bytes at `at` are digits, from the first on; `*value` is what they mean if
// they are at most DC_SHORT_DIGITS_MAX.
static inline unsigned dc_short_digits_read(const char *at, uint64_t *value)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes); // the first in the lowest byte
    bytes ^= ones * '0';
    // The highest bit of a byte that is above 9; the other bits cannot carry into the next byte.
    uint64_t others = (((bytes & ones * 0x7F) + ones * (0x80 - 10)) | bytes) & ones * 0x80;
    if (others == 0) return DC_SHORT_DIGITS_MAX + 1;
    unsigned count = (unsigned)__builtin_ctzll(others) / 8;
    // The digits go to the highest bytes, zeros before them; two shifts, as one of 64 bits is none.
    bytes = bytes << 8 << (56 - 8 * count);
    // Neighbours are joined: to four numbers below 100, two below 10^4, one below 10^8.
    bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    *value = (bytes * 10000 + (bytes >> 32)) & UINT32_MAX;
    return count;
}

// Read a number at `at`, which is a digit, in a text with DC_LEXER_PADDING zeros behind it. Returns
// its end, NULL if it is too long. What follows, such as an exponent, is for the caller to see.
static inline const char *dc_short_number_read(const char *at, double *number)
{
    static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7 };
    static const uint32_t factors[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
    uint64_t whole;
    uint64_t fraction;
    unsigned count = dc_short_digits_read(at, &whole);
    if (count > DC_SHORT_DIGITS_MAX) return NULL;
    at += count;
    at += *at == '.';
    // Without a point there is no digit here.
    count = dc_short_digits_read(at, &fraction);
    if (count > DC_SHORT_DIGITS_MAX) return NULL;
    *number = (double)(int64_t)(whole * factors[count] + fraction) / powers[count];
    return at + count;
}

#endif
