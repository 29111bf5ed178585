#include "common/expr/exact.h"

#include <math.h>
#include <stdlib.h>

#include "common/expr/double_bits.h"
#include "common/expr/hex.h"

#define DIGIT_MASK UINT32_MAX
// An addition changes a digit by less than 2^32, so there is room for 2^31. Often enough is cheaper
// to test: a digit out of order stays below 2^53.
#define ADDED_MAX (UINT32_C(1) << 20)
// 2^53 terms below 2^2098 units do not fill the highest digit, which is 2^2144 units. No text says
// more, so that sums of texts cannot either.
#define HIGHEST_DIGIT_MAX (1 << 7)

void dc_exact_init(dc_exact_t *self)
{
    *self = (dc_exact_t){ .added_count = 0 };
}

// Bring the digits in order: all but the highest from 0 to 2^32 - 1. The highest has the sign.
static void carry(dc_exact_t *self)
{
    int64_t over = 0;
    for (size_t i = 0; i + 1 < DC_EXACT_DIGITS; i++) {
        over += self->digits[i];
        self->digits[i] = over & DIGIT_MASK;
        over >>= DC_EXACT_DIGIT_BITS;
    }
    self->digits[DC_EXACT_DIGITS - 1] += over;
    self->added_count = 1;
}

void dc_exact_add_units(dc_exact_t *self, int64_t value, unsigned shift)
{
    int64_t *digits = &self->digits[shift / DC_EXACT_DIGIT_BITS];
    unsigned offset = shift % DC_EXACT_DIGIT_BITS;
    int64_t above = value >> (DC_EXACT_DIGIT_BITS - offset);
    digits[0] += (int64_t)((uint64_t)value << offset & DIGIT_MASK);
    digits[1] += above & DIGIT_MASK;
    digits[2] += above >> DC_EXACT_DIGIT_BITS;
    if (++self->added_count >= ADDED_MAX) carry(self);
}

static void add_not_finite(dc_exact_t *self, double x)
{
    if (isnan(x)) self->has_nan = true;
    if (x > 0) self->has_positive_inf = true;
    if (x < 0) self->has_negative_inf = true;
}

void dc_exact_add(dc_exact_t *self, double x)
{
    if (x == 0) return;
    uint64_t bits = dc_double_bits(x);
    unsigned exponent = bits >> 52 & 0x7FF;
    if (exponent == 0x7FF) {
        add_not_finite(self, x);
        return;
    }
    // Below the normal numbers there is no hidden bit, and the unit stays that of the lowest.
    uint64_t is_normal = exponent != 0;
    int64_t significand = (int64_t)((bits & ((UINT64_C(1) << 52) - 1)) | is_normal << 52);
    dc_exact_add_units(self, bits >> 63 ? -significand : significand,
                       exponent - (unsigned)is_normal);
}

void dc_exact_merge(dc_exact_t *self, const dc_exact_t *other)
{
    dc_exact_t in_order = *other;
    carry(&in_order);
    for (size_t i = 0; i < DC_EXACT_DIGITS; i++) {
        self->digits[i] += in_order.digits[i];
    }
    self->has_nan |= other->has_nan;
    self->has_positive_inf |= other->has_positive_inf;
    self->has_negative_inf |= other->has_negative_inf;
    if (++self->added_count >= ADDED_MAX) carry(self);
}

// --- the nearest double ------------------------------------------------------------------------

// The sum without its sign, as digits in order.
typedef struct magnitude {
    uint32_t digits[DC_EXACT_DIGITS];
    bool is_negative;
    size_t len; // how many there are up to the highest that is not 0
} magnitude_t;

static void take_magnitude(const dc_exact_t *self, magnitude_t *magnitude)
{
    dc_exact_t copy = *self;
    carry(&copy);
    magnitude->is_negative = copy.digits[DC_EXACT_DIGITS - 1] < 0;
    if (magnitude->is_negative) {
        for (size_t i = 0; i < DC_EXACT_DIGITS; i++) {
            copy.digits[i] = -copy.digits[i];
        }
        carry(&copy);
    }
    magnitude->len = 0;
    for (size_t i = 0; i < DC_EXACT_DIGITS; i++) {
        magnitude->digits[i] = (uint32_t)copy.digits[i];
        if (copy.digits[i]) magnitude->len = i + 1;
    }
}

// The 64 bits from the highest that is set down, in units of 2^(`*shift` - 1074); the lowest is
// also set if anything below it is, which is all that rounding to 53 bits has to know. Numbers
// below 2^64 units come as they are.
static uint64_t take_leading_bits(const magnitude_t *magnitude, unsigned *shift)
{
    const uint32_t *digits = magnitude->digits;
    size_t len = magnitude->len;
    *shift = 0;
    if (len <= 2) return (uint64_t)digits[1] << DC_EXACT_DIGIT_BITS | digits[0];
    unsigned free_bits = (unsigned)__builtin_clz(digits[len - 1]);
    uint64_t leading = (uint64_t)digits[len - 1] << DC_EXACT_DIGIT_BITS | digits[len - 2];
    uint64_t next = (uint64_t)digits[len - 3] << free_bits;
    *shift = (unsigned)(len - 2) * DC_EXACT_DIGIT_BITS - free_bits;
    bool has_rest = (next & DIGIT_MASK) != 0;
    for (size_t i = 0; i + 3 < len; i++) {
        has_rest |= digits[i] != 0;
    }
    return leading << free_bits | next >> DC_EXACT_DIGIT_BITS | has_rest;
}

double dc_exact_round(const dc_exact_t *self)
{
    if (self->has_nan || (self->has_positive_inf && self->has_negative_inf)) return NAN;
    if (self->has_positive_inf) return INFINITY;
    if (self->has_negative_inf) return -INFINITY;
    magnitude_t magnitude;
    take_magnitude(self, &magnitude);
    unsigned shift;
    uint64_t leading = take_leading_bits(&magnitude, &shift);
    // The conversion rounds. The scaling does not: less than 2^53 units are exact, and more are a
    // normal number or infinite.
    double value = ldexp((double)leading, (int)shift - 1074);
    return magnitude.is_negative ? -value : value;
}

// --- as text -----------------------------------------------------------------------------------

// [-]HEX[@INDEX]FLAGS: the digits without zeros before and behind, how many of the lowest are left
// out, and p, m, n for inf, -inf and NaN. The sum of no terms is "0".

static size_t print_digits(const magnitude_t *magnitude, size_t first, char *text)
{
    static const char letters[] = "0123456789abcdef";
    size_t len = 0;
    for (size_t i = magnitude->len; i-- > first;) {
        for (int shift = DC_EXACT_DIGIT_BITS - 4; shift >= 0; shift -= 4) {
            char letter = letters[magnitude->digits[i] >> shift & 0xF];
            if (len > 0 || letter != '0') text[len++] = letter;
        }
    }
    if (len == 0) text[len++] = '0';
    return len;
}

static size_t print(const dc_exact_t *self, char text[DC_EXACT_TEXT_MAX])
{
    magnitude_t magnitude;
    take_magnitude(self, &magnitude);
    size_t first = 0;
    while (first < magnitude.len && magnitude.digits[first] == 0) {
        first++;
    }
    size_t len = 0;
    if (magnitude.is_negative) text[len++] = '-';
    len += print_digits(&magnitude, first, text + len);
    if (first > 0) text[len++] = '@';
    if (first >= 10) text[len++] = (char)('0' + first / 10);
    if (first > 0) text[len++] = (char)('0' + first % 10);
    if (self->has_positive_inf) text[len++] = 'p';
    if (self->has_negative_inf) text[len++] = 'm';
    if (self->has_nan) text[len++] = 'n';
    return len;
}

void dc_exact_put(const dc_exact_t *self, dc_buf_t *out)
{
    char text[DC_EXACT_TEXT_MAX];
    dc_buf_append(out, text, print(self, text));
}

// Cut "@INDEX" off the front of `rest`: the index, or 0 if there is none.
static size_t take_index(dc_str_t *rest)
{
    if (rest->len == 0 || rest->data[0] != '@') return 0;
    size_t index = 0;
    size_t len = 1;
    while (len < rest->len && len <= 2 && rest->data[len] >= '0' && rest->data[len] <= '9') {
        index = index * 10 + (size_t)(rest->data[len++] - '0');
    }
    *rest = dc_str_behind(*rest, len);
    return index;
}

static void read_flags(dc_exact_t *self, dc_str_t flags)
{
    for (size_t i = 0; i < flags.len; i++) {
        self->has_positive_inf |= flags.data[i] == 'p';
        self->has_negative_inf |= flags.data[i] == 'm';
        self->has_nan |= flags.data[i] == 'n';
    }
}

// Reads what it understands; whether that is all, the caller finds by printing it.
bool dc_exact_get(dc_exact_t *self, dc_str_t text)
{
    if (text.len == 0 || text.len > DC_EXACT_TEXT_MAX) return false;
    dc_exact_t read;
    dc_exact_init(&read);
    bool is_negative = text.data[0] == '-';
    dc_str_t rest = dc_str_behind(text, is_negative);
    dc_str_t hex = dc_str(rest.data, dc_hex_count(rest));
    rest = dc_str_behind(rest, hex.len);
    size_t first = take_index(&rest);
    read_flags(&read, rest);
    if (first * 8 + hex.len > (size_t)DC_EXACT_DIGITS * 8) return false;

    for (size_t i = 0; i < hex.len; i++) {
        int64_t value = dc_hex_value(hex.data[hex.len - 1 - i]);
        read.digits[first + i / 8] += (is_negative ? -value : value) * (INT64_C(1) << i % 8 * 4);
    }
    if (llabs(read.digits[DC_EXACT_DIGITS - 1]) > HIGHEST_DIGIT_MAX) return false;
    char again[DC_EXACT_TEXT_MAX];
    if (!dc_str_eq(text, dc_str(again, print(&read, again)))) return false;
    *self = read;
    return true;
}
