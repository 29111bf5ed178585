// double_bits — the 64 bits of a double, and back: sign, 11 of the exponent, 52 of the fraction.
#ifndef DC_COMMON_EXPR_DOUBLE_BITS_H
#define DC_COMMON_EXPR_DOUBLE_BITS_H

#include <stdint.h>
#include <string.h>

static inline uint64_t dc_double_bits(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static inline double dc_double_of_bits(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

#endif
