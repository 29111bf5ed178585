// wide_number — a number wider than a double: a rational, or decimal digits and an exponent.
//
// Both kinds are one struct, so that what gives a rational number of rational ones (rounding,
// divisors, factorials, roots that come out even) is written once, see arithmetic.h.
#ifndef DC_COMMON_WIDE_WIDE_NUMBER_H
#define DC_COMMON_WIDE_WIDE_NUMBER_H

#include <gmp.h>

#include "common/base.h"

typedef struct dc_wide_number {
    mpq_t ratio;      // owned; exact: the number, in lowest terms; decimal: its digits, an integer
    int64_t exponent; // decimal: the number is ratio * 10^exponent; exact: 0
} dc_wide_number_t;

// 0. Like all that takes memory in this room it ends the program where there is none.
void dc_wide_number_init(dc_wide_number_t *self);
void dc_wide_number_fini(dc_wide_number_t *self);

void dc_wide_number_set(dc_wide_number_t *self, const dc_wide_number_t *from);
void dc_wide_number_set_integer(dc_wide_number_t *self, unsigned long integer);
void dc_wide_number_swap(dc_wide_number_t *self, dc_wide_number_t *other);

// -1, 0 or 1.
int dc_wide_number_sign(const dc_wide_number_t *self);

// How many bits it has above and below the line, written out: what an operation that reads it
// takes.
uint64_t dc_wide_number_bits(const dc_wide_number_t *self);

// How much memory it holds; and give back what it does not need, if that is much.
size_t dc_wide_number_bytes(const dc_wide_number_t *self);
void dc_wide_number_trim(dc_wide_number_t *self);

// Is a rational in lowest terms an integer?
static inline bool dc_wide_ratio_is_integer(mpq_srcptr ratio)
{
    return mpz_cmp_ui(mpq_denref(ratio), 1) == 0;
}

// Do its decimal digits end? Then its denominator is 2^twos * 5^fives, and as many are behind the
// point as the larger of the two says. `room` is used.
bool dc_wide_ratio_ends(mpq_srcptr ratio, mpz_ptr room, unsigned long *twos, unsigned long *fives);

// The number as a rational, which is in `room` unless it stands in the number itself.
mpq_srcptr dc_wide_number_ratio(const dc_wide_number_t *self, mpq_ptr room);

#endif
