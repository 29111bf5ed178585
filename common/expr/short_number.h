// short_number — the fast way to read numbers such as 12 and 3.75.
//
// Where the next token begins is what all of lexing waits for, so the length of a number comes
// first: of 16 bytes at once, without a branch on how many digits there are. Up to seven digits on
// each side of the point are 14 in all; these fit a double, and so does the power of ten they are
// divided by, so the quotient is the correctly rounded number: the same that number.h reads.
#ifndef DC_COMMON_EXPR_SHORT_NUMBER_H
#define DC_COMMON_EXPR_SHORT_NUMBER_H

#include <emmintrin.h>
#include <string.h>

#include "common/base.h"

#define DC_SHORT_DIGITS_MAX 7

// The value of the first `count` (at most DC_SHORT_DIGITS_MAX) of the eight bytes at `at`, which are
// digits.
static inline uint64_t dc_short_digits_value(const char *at, unsigned count)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes); // the first in the lowest byte
    // The digits go to the highest bytes, zeros before them; two shifts, as one of 64 bits is none.
    bytes = (bytes & UINT64_C(0x0F0F0F0F0F0F0F0F)) << 8 << (56 - 8 * count);
    // Neighbours are joined: to four numbers below 100, two below 10^4, one below 10^8.
    bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    return (bytes * 10000 + (bytes >> 32)) & UINT32_MAX;
}

// Read a number at `at`, which is a digit, in a text with DC_LEXER_PADDING zeros behind it. Returns
// its end, NULL if it is too long. What follows, such as an exponent, is for the caller to see.
static inline const char *dc_short_number_read(const char *at, double *number)
{
    static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7 };
    static const uint32_t factors[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    // As signed bytes, so that the digits are the ten smallest.
    __m128i shifted = _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x80 - '0')));
    __m128i is_other = _mm_cmpgt_epi8(shifted, _mm_set1_epi8((char)(0x80 + 9)));
    unsigned others = (unsigned)_mm_movemask_epi8(is_other) | 1u << 16;
    unsigned points = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
    unsigned whole_count = (unsigned)__builtin_ctz(others);
    unsigned fraction_at = whole_count + (points >> whole_count & 1);
    // Without a point there is no digit here.
    unsigned fraction_count = (unsigned)__builtin_ctz(others >> fraction_at | 1u << 16);
    if (whole_count > DC_SHORT_DIGITS_MAX || fraction_count > DC_SHORT_DIGITS_MAX) return NULL;
    uint64_t digits = dc_short_digits_value(at, whole_count) * factors[fraction_count] +
                      dc_short_digits_value(at + fraction_at, fraction_count);
    *number = (double)(int64_t)digits / powers[fraction_count];
    return at + fraction_at + fraction_count;
}

#endif
