#include <math.h>
#include <string.h>

#include "common/expr/double_bits.h"
#include "common/expr/number.h"
#include "common/expr/pow10.h"

__extension__ typedef unsigned __int128 u128_t;

// digits * 10^exponent; the digits may end in zeros.
typedef struct decimal {
    uint64_t digits; // below 10^17
    int exponent;
} decimal_t;

// The upper 64 bits of a 64 x 128 bit product, their last bit set if the 64 below it are more than
// 1: comparisons with even numbers then come out as those with the exact product would.
static uint64_t multiply_to_odd(dc_pow10_t power, uint64_t factor)
{
    u128_t low = (u128_t)power.low * factor;
    u128_t high = (u128_t)power.high * factor + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

// The shortest decimal that rounds to integer * 2^binary, the nearest of these (Schubfach:
// Giulietti, "The Schubfach way to render doubles", 2020).
//
// 10^exponent is the power of ten just below the width of the interval that rounds to the number.
// So the interval holds at most one multiple of 10^(exponent + 1), which is shorter then, and at
// least one of 10^exponent. All numbers are scaled by 4 * 10^-exponent, as the interval's ends and
// the middles between two candidates must be integers.
static decimal_t shortest(uint64_t integer, int binary, bool is_power_of_two)
{
    // At a power of two the neighbour below is only half as far away. 1262611 / 2^22 is log10(2),
    // 524031 / 2^22 is -log10(3/4).
    int exponent = (binary * 1262611 - (is_power_of_two ? 524031 : 0)) >> 22;
    int shift = binary + dc_pow10_log2(-exponent) + 1;
    // Here powers must be rounded up.
    dc_pow10_t power = dc_pow10(-exponent);
    if (!dc_pow10_is_exact(-exponent)) power.high += ++power.low == 0;

    uint64_t four = 4 * integer;
    uint64_t lower = multiply_to_odd(power, (four - 2 + is_power_of_two) << shift);
    uint64_t value = multiply_to_odd(power, four << shift);
    uint64_t upper = multiply_to_odd(power, (four + 2) << shift);
    // The ends themselves round to even: they count if the integer is.
    lower += integer & 1;
    upper -= integer & 1;

    // Either kind of candidate may be the one below or above the number, and chance decides on all
    // of it: nothing here is worth a branch, which would be guessed wrong that often.
    uint64_t digits = value / 4;
    uint64_t tens = digits / 10;
    bool is_below_in = lower <= 40 * tens;
    bool is_above_in = 40 * tens + 40 <= upper;
    bool is_shorter = (digits >= 10) & (is_below_in != is_above_in);
    uint64_t shorter = tens + is_above_in;

    uint64_t middle = 4 * digits + 2;
    bool is_up = (value > middle) | ((value == middle) & (bool)(digits & 1));
    is_below_in = lower <= 4 * digits;
    is_above_in = 4 * digits + 4 <= upper;
    digits += is_below_in != is_above_in ? is_above_in : is_up;
    return (decimal_t){ is_shorter ? shorter : digits, exponent + is_shorter };
}

// Numbers that people write, of up to six decimals and 15 digits in all: no two decimals of 15
// digits are the same double, so one that reads back is the shortest, but for zeros at its end.
//
// Both operands of the division are exact, so it is what reading would do. The product only
// guesses.
static bool is_short(double number, decimal_t *decimal)
{
    if (!(number < 1e9)) return false;
    int64_t digits = (int64_t)(number * 1e6 + 0.5);
    if ((double)digits / 1e6 != number) return false;
    *decimal = (decimal_t){ (uint64_t)digits, -6 };
    return true;
}

// Eight decimal digits of `value` < 10^8 as bytes 0 .. 9, the first in the lowest byte: split into
// halves three times, each time all parts at once.
static uint64_t split_eight(uint32_t value)
{
    uint64_t parts = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t quotients = (parts * 10486) >> 20 & UINT64_C(0x0000007f0000007f); // by 100
    parts = quotients | (parts - 100 * quotients) << 16;
    quotients = (parts * 103) >> 10 & UINT64_C(0x000f000f000f000f); // by 10
    return quotients | (parts - 10 * quotients) << 8;
}

#define ASCII_ZEROS UINT64_C(0x3030303030303030)

// The number of decimal digits of `value`, 1 .. 10^17.
static int count_digits(uint64_t value)
{
    static const uint64_t pow10[] = {
        0,
        UINT64_C(10),
        UINT64_C(100),
        UINT64_C(1000),
        UINT64_C(10000),
        UINT64_C(100000),
        UINT64_C(1000000),
        UINT64_C(10000000),
        UINT64_C(100000000),
        UINT64_C(1000000000),
        UINT64_C(10000000000),
        UINT64_C(100000000000),
        UINT64_C(1000000000000),
        UINT64_C(10000000000000),
        UINT64_C(100000000000000),
        UINT64_C(1000000000000000),
        UINT64_C(10000000000000000),
        UINT64_C(100000000000000000),
    };
    int bits = 64 - __builtin_clzll(value);
    int guess = bits * 1233 >> 12;
    return guess + (value >= pow10[guess]);
}

// Powers of ten that bring a number of n digits to 17.
static const uint64_t to_17_digits[] = {
    0,
    UINT64_C(10000000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(100000000000000),
    UINT64_C(10000000000000),
    UINT64_C(1000000000000),
    UINT64_C(100000000000),
    UINT64_C(10000000000),
    UINT64_C(1000000000),
    UINT64_C(100000000),
    UINT64_C(10000000),
    UINT64_C(1000000),
    UINT64_C(100000),
    UINT64_C(10000),
    UINT64_C(1000),
    UINT64_C(100),
    UINT64_C(10),
    UINT64_C(1),
};

// 17 digits, and what copies of a fixed size may read behind them.
#define DIGITS_ROOM 32

// Write the 17 digits of `value`. Returns how many they are without trailing zeros.
static size_t write_17_digits(uint64_t value, char text[DIGITS_ROOM])
{
    uint64_t first = value / UINT64_C(10000000000000000);
    uint64_t rest = value % UINT64_C(10000000000000000);
    uint64_t upper = split_eight((uint32_t)(rest / 100000000));
    uint64_t lower = split_eight((uint32_t)(rest % 100000000));
    text[0] = (char)('0' + first);
    uint64_t chars = upper | ASCII_ZEROS;
    memcpy(text + 1, &chars, sizeof chars);
    chars = lower | ASCII_ZEROS;
    memcpy(text + 9, &chars, sizeof chars);
    if (lower) return 17 - (size_t)__builtin_clzll(lower) / 8;
    return upper ? 9 - (size_t)__builtin_clzll(upper) / 8 : 1;
}

// An exponent of up to three digits, with a minus if it is negative. Returns the end.
static char *write_exponent(int exponent, char *at)
{
    *at++ = 'e';
    *at = '-';
    at += exponent < 0;
    unsigned rest = (unsigned)(exponent < 0 ? -exponent : exponent);
    if (rest >= 100) *at++ = (char)('0' + rest / 100);
    if (rest >= 10) *at++ = (char)('0' + rest / 10 % 10);
    *at++ = (char)('0' + rest % 10);
    return at;
}

// Lay out `len` digits, before `point` of which the decimal point stands (it may lie outside them):
// the five cases of ECMA-262. Returns the end.
//
// Copies have fixed sizes and go beyond what counts, but not beyond DC_NUMBER_TEXT_MAX, of which a
// sign took one.
static char *write_layout(const char digits[DIGITS_ROOM], int len, int point, char *at)
{
    static const char zeros[7] = { '0', '.', '0', '0', '0', '0', '0' };
    if (point > -6 && point <= 0) {
        memcpy(at, zeros, 7);
        memcpy(at + 2 - point, digits, 17);
        return at + 2 - point + len;
    }
    if (point > 0 && point < len) {
        memcpy(at, digits, 16);
        at[point] = '.';
        // At most two digits are left beyond the fifteenth.
        memcpy(at + point + 1, digits + point, point < 15 ? 16 : 2);
        return at + len + 1;
    }
    if (point > 0 && point <= 21) {
        memcpy(at, digits, 17);
        memcpy(at + 17, zeros + 2, 4); // those up to 17 are there already
        return at + point;
    }
    at[0] = digits[0];
    at[1] = '.';
    memcpy(at + 2, digits + 1, 16);
    return write_exponent(point - 1, at + len + (len > 1));
}

static char *write_decimal(decimal_t decimal, char *at)
{
    char digits[DIGITS_ROOM];
    int count = count_digits(decimal.digits);
    int len = (int)write_17_digits(decimal.digits * to_17_digits[count], digits);
    return write_layout(digits, len, count + decimal.exponent, at);
}

// Integers below 2^53, so of at most 16 digits.
static char *write_integer(uint64_t value, char *at)
{
    if (value < 10) {
        *at = (char)('0' + value);
        return at + 1;
    }
    int count = count_digits(value);
    if (count <= 8) {
        uint64_t chars = split_eight((uint32_t)value) | ASCII_ZEROS;
        chars >>= 8 * (8 - count);
        memcpy(at, &chars, sizeof chars);
        return at + count;
    }
    char digits[DIGITS_ROOM];
    write_17_digits(value * to_17_digits[count], digits);
    memcpy(at, digits, 16);
    return at + count;
}

static size_t write_word(const char *word, char *text)
{
    size_t len = 0;
    for (; word[len]; len++) {
        text[len] = word[len];
    }
    return len;
}

size_t dc_number_print(double number, char *text)
{
    uint64_t bits = dc_double_bits(number);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int field = (int)(bits >> 52 & 0x7ff);
    bool is_negative = bits >> 63;
    if (field == 0x7ff) return write_word(fraction ? "nan" : is_negative ? "-inf" : "inf", text);
    if (field == 0 && fraction == 0) return write_word("0", text);

    char *at = text;
    *at = '-';
    at += is_negative;
    uint64_t integer = field ? fraction | UINT64_C(1) << 52 : fraction;
    int binary = (field ? field : 1) - 1075;
    bool is_integer =
        binary <= 0 && binary > -53 && (integer & ((UINT64_C(1) << -binary) - 1)) == 0;
    if (is_integer) return (size_t)(write_integer(integer >> -binary, at) - text);
    decimal_t decimal;
    if (!is_short(fabs(number), &decimal)) {
        decimal = shortest(integer, binary, fraction == 0 && field > 1);
    }
    return (size_t)(write_decimal(decimal, at) - text);
}

dc_number_text_t dc_number_text(double number)
{
    dc_number_text_t text;
    text.text[dc_number_print(number, text.text)] = '\0';
    return text;
}
