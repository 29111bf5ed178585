#include <math.h>
#include <string.h>

#include "common/expr/decimal.h"
#include "common/expr/number.h"

// So many digits always fit 64 bits.
#define DIGITS_MAX 19

// A point halfway between two doubles has at most 768 digits; if more follow it only counts whether
// they are all 0.
#define DIGITS_SEEN_MAX 770

// Beyond this every number is 0 or infinite, however many digits its text may have.
#define EXPONENT_MAX INT64_C(1000000000000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Eight characters, the first in the lowest byte.
static uint64_t load_eight(const char *at)
{
    uint64_t chars;
    memcpy(&chars, at, sizeof chars);
    return chars;
}

// Each byte is 0x30 .. 0x39: its upper half is 3, also after adding 6.
static bool are_eight_digits(uint64_t chars)
{
    const uint64_t upper = UINT64_C(0xf0f0f0f0f0f0f0f0);
    const uint64_t threes = UINT64_C(0x3030303030303030);
    return (chars & upper) == threes && ((chars + UINT64_C(0x0606060606060606)) & upper) == threes;
}

// Neighbours are joined: to four numbers below 100, two below 10^4, one below 10^8.
static uint64_t eight_digits_value(uint64_t chars)
{
    chars &= UINT64_C(0x0f0f0f0f0f0f0f0f);
    chars = (chars * (10 * (1 << 8) + 1)) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    chars = (chars * (100 * (1 << 16) + 1)) >> 16 & UINT64_C(0x0000ffff0000ffff);
    return (chars * (10000 * (UINT64_C(1) << 32) + 1)) >> 32;
}

// Digits with single underscores between them. `*value` is continued with them and wraps if they
// are too many; `*count` is how many there were. Returns where they end.
static const char *read_digits(const char *at, const char *end, uint64_t *value, size_t *count)
{
    const char *first = at;
    size_t underscores = 0;
    for (;;) {
        for (; end - at >= 8 && are_eight_digits(load_eight(at)); at += 8) {
            *value = *value * 100000000 + eight_digits_value(load_eight(at));
        }
        for (; at < end && is_digit(*at); at++) {
            *value = *value * 10 + (uint64_t)(*at - '0');
        }
        if (at == first || end - at < 2 || *at != '_' || !is_digit(at[1])) break;
        underscores++;
        at++;
    }
    *count = (size_t)(at - first) - underscores;
    return at;
}

// An exponent, if there is one: `e`, a sign and digits. Returns where it ends, or `at`.
static const char *read_exponent(const char *at, const char *end, int64_t *exponent)
{
    const char *first = at;
    if (at == end || (*at != 'e' && *at != 'E')) return first;
    at++;
    bool is_negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    if (at == end || !is_digit(*at)) return first;
    int64_t value = 0;
    for (; at < end; at++) {
        if (is_digit(*at)) {
            if (value < EXPONENT_MAX) value = value * 10 + (*at - '0');
        } else if (*at != '_' || end - at < 2 || !is_digit(at[1])) {
            break;
        }
    }
    *exponent += is_negative ? -value : value;
    return at;
}

// What take_digits saw.
typedef struct digits {
    size_t count;   // taken
    size_t dropped; // not taken: each is worth a factor of ten
    bool is_cut;    // one of those is not 0
} digits_t;

// Hand the first `digits_max` digits, from the first that is not 0 on, to `take`. `text` is digits,
// underscores and a point.
static digits_t take_digits(dc_str_t text, size_t digits_max,
                            void (*take)(void *target, unsigned digit), void *target)
{
    digits_t seen = { 0 };
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.data[i])) continue;
        unsigned digit = (unsigned)(text.data[i] - '0');
        if (digit == 0 && seen.count == 0) continue;
        if (seen.count < digits_max) {
            take(target, digit);
            seen.count++;
        } else {
            seen.dropped++;
            seen.is_cut |= digit != 0;
        }
    }
    return seen;
}

static void take_to_word(void *target, unsigned digit)
{
    uint64_t *word = target;
    *word = *word * 10 + digit;
}

static void take_to_bigint(void *target, unsigned digit)
{
    dc_bigint_mul_add(target, 10, digit);
}

// A number of any length: `text` holds its digits, of which the last is worth 10^exponent.
static double read_long(dc_str_t text, int64_t exponent)
{
    uint64_t word = 0;
    digits_t seen = take_digits(text, DIGITS_MAX, take_to_word, &word);
    int64_t word_exponent = exponent + (int64_t)seen.dropped;
    if (!seen.is_cut) return dc_decimal_to_double(word, word_exponent);
    dc_decimal_bounds_t bounds = dc_decimal_bounds(word, word_exponent, true);
    if (bounds.low == bounds.high) return bounds.low;

    dc_bigint_t exact;
    dc_bigint_set(&exact, 0);
    seen = take_digits(text, DIGITS_SEEN_MAX, take_to_bigint, &exact);
    exponent += (int64_t)seen.dropped;
    if (seen.is_cut) {
        dc_bigint_mul_add(&exact, 10, 1);
        exponent--;
    }
    return dc_decimal_choose(bounds.low, &exact, (int)exponent);
}

static size_t read_decimal(dc_str_t text, double *number)
{
    const char *end = text.data + text.len;
    uint64_t value = 0;
    int64_t exponent = 0;
    size_t integer_count, fraction_count = 0;
    const char *at = read_digits(text.data, end, &value, &integer_count);
    if (at < end && *at == '.') {
        const char *fraction_end = read_digits(at + 1, end, &value, &fraction_count);
        if (integer_count + fraction_count > 0) at = fraction_end;
        exponent = -(int64_t)fraction_count;
    }
    if (integer_count + fraction_count == 0) return 0;
    dc_str_t digits = dc_str(text.data, (size_t)(at - text.data));
    at = read_exponent(at, end, &exponent);
    *number = integer_count + fraction_count <= DIGITS_MAX ? dc_decimal_to_double(value, exponent)
                                                           : read_long(digits, exponent);
    return (size_t)(at - text.data);
}

// The value of a digit in bases up to 16, or 16.
static unsigned digit_value(char c)
{
    if (is_digit(c)) return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A' + 10);
    return 16;
}

// What follows `0x` or `0b`, with digits of `digit_bits` bits. Returns its length, 0 if there is no
// digit.
static size_t read_binary(dc_str_t text, int digit_bits, double *number)
{
    uint64_t value = 0;
    int64_t exponent = 0;
    size_t len = 0;
    unsigned base = 1u << digit_bits;
    for (; len < text.len; len++) {
        unsigned digit = digit_value(text.data[len]);
        if (digit < base) {
            // When the word is full, its last bit stands for all that is not 0 behind it.
            bool has_room = value >> (64 - digit_bits) == 0;
            value = has_room ? value << digit_bits | digit : value | (digit != 0);
            exponent += has_room ? 0 : digit_bits;
        } else if (text.data[len] != '_' || len == 0 || len + 1 == text.len ||
                   digit_value(text.data[len + 1]) >= base) {
            break;
        }
    }
    if (len == 0) return 0;
    // What is 2000 bits long is infinite already.
    *number = ldexp((double)value, exponent < 2000 ? (int)exponent : 2000);
    return len;
}

size_t dc_number_read(dc_str_t text, double *number)
{
    if (text.len > 2 && text.data[0] == '0' && (text.data[1] == 'x' || text.data[1] == 'b')) {
        dc_str_t digits = dc_str(text.data + 2, text.len - 2);
        size_t len = read_binary(digits, text.data[1] == 'x' ? 4 : 1, number);
        if (len > 0) return len + 2;
    }
    return text.len > 0 ? read_decimal(text, number) : 0;
}

bool dc_number_from_text(dc_str_t text, double *number)
{
    text = dc_str_trim(text);
    bool is_negative = text.len > 0 && text.data[0] == '-';
    if (is_negative || (text.len > 0 && text.data[0] == '+')) {
        text = dc_str(text.data + 1, text.len - 1);
    }
    double value;
    if (dc_str_eq(text, DC_STR("inf"))) {
        value = INFINITY;
    } else if (dc_str_eq(text, DC_STR("nan"))) {
        value = NAN;
    } else if (dc_number_read(text, &value) != text.len || text.len == 0) {
        return false;
    }
    *number = is_negative ? -value : value;
    return true;
}
