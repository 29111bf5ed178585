#include "common/expr/plain.h"

#include <math.h>

#include "common/expr/math.h"
#include "common/expr/number.h"
#include "common/expr/ops.h"

// There is a bit for each byte in a word, and one behind the last.
#define BYTES_MAX 63

// Calls of more arguments are rare.
#define ARGS_MAX 4

// 16 bytes at a time, in the notation of gcc and clang, which compile it for any processor.
typedef uint8_t lanes_t __attribute__((vector_size(16)));
#define LANES sizeof(lanes_t)

typedef struct reader {
    const char *text; // LANES bytes of it can be read, even if `len` is less
    size_t len;
    // Which bytes are that: a bit for each, the first in the lowest. Others are in no plain text.
    uint64_t digits, points, others;
    uint32_t steps;
} reader_t;

// Functions that read return where that ends, with the blanks behind it; 0 if they decline.

// --- bytes -------------------------------------------------------------------------------------

// One bit of each lane, side by side: all bits of a lane are the same.
static inline uint64_t gather(lanes_t lanes)
{
#ifdef __SSE2__
    typedef char chars_t __attribute__((vector_size(sizeof lanes)));
    return (unsigned)__builtin_ia32_pmovmskb128((chars_t)lanes);
#else
    uint64_t bits = 0;
    for (size_t i = 0; i < LANES; i++) {
        bits |= (uint64_t)(lanes[i] & 1) << i;
    }
    return bits;
#endif
}

// Look at 16 bytes from `at` on, or at the last 16 of the `readable` ones if that are less.
static inline void find_in_lanes(reader_t *self, size_t at, size_t readable)
{
    size_t start = dc_min_size(at, readable - LANES);
    lanes_t bytes;
    memcpy(&bytes, self->text + start, sizeof bytes);
    self->digits |= gather((lanes_t)(bytes - '0' < 10)) << start;
    self->points |= gather((lanes_t)(bytes == '.')) << start;
    // Comparisons, logic, strings and definitions have one of these: seen before anything is read.
    lanes_t others =
        (lanes_t)(bytes > '9') & ~(lanes_t)(bytes - 'a' < 26) & (lanes_t)(bytes != '^');
    self->others |= gather(others) << start;
}

static inline void find_bytes(reader_t *self)
{
    size_t readable = self->len < LANES ? LANES : self->len;
    self->digits = self->points = self->others = 0;
    for (size_t at = 0; at < readable; at += LANES) {
        find_in_lanes(self, at, readable);
    }
}

// How many bytes from `at` on are digits.
static inline size_t count_digits(const reader_t *self, size_t at)
{
    return (size_t)__builtin_ctzll(~(self->digits >> at));
}

// --- numbers -----------------------------------------------------------------------------------

// The last bytes of a word, for a count of them.
static const uint64_t last_bytes[] = {
    0,
    UINT64_C(0xFF00000000000000),
    UINT64_C(0xFFFF000000000000),
    UINT64_C(0xFFFFFF0000000000),
    UINT64_C(0xFFFFFFFF00000000),
    UINT64_C(0xFFFFFFFFFF000000),
    UINT64_C(0xFFFFFFFFFFFF0000),
    UINT64_C(0xFFFFFFFFFFFFFF00),
    UINT64_C(0xFFFFFFFFFFFFFFFF),
};

// The value of the last `count` of the eight bytes that end at `end`. They are digits, and a point
// if `has_point`, with `decimals` digits behind it.
//
// There is no branch, as numbers differ: the point is pushed out, and then the digits are joined to
// four numbers below 100, two below 10^4, one below 10^8. That and the power of ten are exact, so the
// quotient is the correctly rounded number.
static inline double short_number(const char *text, size_t end, size_t count, size_t has_point,
                                  size_t decimals)
{
    static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7 };
    size_t start = end < 8 ? 0 : end - 8;
    uint64_t bytes;
    memcpy(&bytes, text + start, sizeof bytes); // the first in the lowest byte
    bytes <<= 8 * (8 - (end - start));
    bytes = (bytes ^ UINT64_C(0x3030303030303030)) & last_bytes[count];
    uint64_t whole = bytes & ~last_bytes[has_point + decimals];
    bytes = whole << 8 * has_point | (bytes & last_bytes[decimals]);
    bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    bytes = (bytes * 10000 + (bytes >> 32)) & UINT32_MAX;
    return (double)(int64_t)bytes / powers[decimals];
}

// The number at `at`, which is a digit.
static inline size_t read_number(const reader_t *self, size_t at, double *value)
{
    size_t point = at + count_digits(self, at);
    size_t has_point = self->points >> point & 1;
    size_t decimals = count_digits(self, point + has_point); // none, if there is no point
    size_t end = point + has_point + decimals;
    size_t count = end - at;
    if (count <= 8) {
        *value = short_number(self->text, end, count, has_point, decimals);
    } else {
        dc_number_read(dc_str(self->text + at, count), value);
    }
    return end;
}

// --- expressions -------------------------------------------------------------------------------

static size_t read_sum(reader_t *self, size_t at, double *value);
static size_t read_other(reader_t *self, size_t at, double *value);
static size_t read_power(reader_t *self, size_t at, double *value);

static inline char char_at(const reader_t *self, size_t at)
{
    if (at >= self->len) return '\0';
    return self->text[at];
}

static inline bool is_blank(char c)
{
    return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

static inline size_t skip_blanks(const reader_t *self, size_t at)
{
    while (is_blank(char_at(self, at))) {
        at++;
    }
    return at;
}

// Go on behind a value: blanks, and its power if there is one.
static inline size_t read_behind(reader_t *self, size_t at, double *value)
{
    at = skip_blanks(self, at);
    return char_at(self, at) == '^' ? read_power(self, at, value) : at;
}

// What sums and products are made of. Most of it are numbers.
static inline size_t read_factor(reader_t *self, size_t at, double *value)
{
    if (!(self->digits >> at & 1)) return read_other(self, at, value);
    return read_behind(self, read_number(self, at, value), value);
}

// `value` to the power of what stands behind the sign at `at`.
static size_t read_power(reader_t *self, size_t at, double *value)
{
    double exponent;
    at = read_factor(self, at + 1, &exponent);
    if (!at) return 0;
    *value = dc_op_arithmetic(DC_OP_POW, *value, exponent);
    self->steps++;
    return isfinite(*value) ? at : 0;
}

static size_t read_negative(reader_t *self, size_t at, double *value)
{
    at = read_factor(self, at + 1, value);
    if (!at) return 0;
    *value = -*value;
    self->steps++;
    return at;
}

static size_t read_parentheses(reader_t *self, size_t at, double *value)
{
    at = read_sum(self, at + 1, value);
    if (!at || char_at(self, at) != ')') return 0;
    return read_behind(self, at + 1, value);
}

// Of the name of a function.
static inline bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The function whose name is at `at`, NULL if there is none; `*end` is where its parenthesis is.
static const dc_math_function_t *find_function(const reader_t *self, size_t at, size_t *end)
{
    *end = at;
    while (is_of_name(char_at(self, *end))) {
        ++*end;
    }
    if (*end == at || char_at(self, *end) != '(') return NULL;
    return dc_math_find(dc_str(self->text + at, *end - at));
}

static size_t read_call(reader_t *self, size_t at, double *value)
{
    double args[ARGS_MAX];
    size_t count = 0;
    const dc_math_function_t *function = find_function(self, at, &at);
    if (!function) return 0;
    do {
        if (count == ARGS_MAX) return 0;
        at = read_sum(self, at + 1, &args[count++]);
    } while (at && char_at(self, at) == ',');
    bool is_right = count >= function->args_min && count <= function->args_max;
    if (!at || char_at(self, at) != ')' || !is_right) return 0;
    dc_err_t err = DC_OK;
    *value = function->call(args, count, &err);
    self->steps++;
    return !err && isfinite(*value) ? read_behind(self, at + 1, value) : 0;
}

static size_t read_other(reader_t *self, size_t at, double *value)
{
    char c = char_at(self, at);
    switch (c) {
    case '(': return read_parentheses(self, at, value);
    case '-': return read_negative(self, at, value);
    case '+': return read_factor(self, at + 1, value);
    default: break;
    }
    return is_blank(c) ? read_factor(self, at + 1, value) : read_call(self, at, value);
}

// Operators of sums and products; 0 at what is none.
static const uint8_t operators[256] = {
    ['+'] = DC_OP_ADD, ['-'] = DC_OP_SUB, ['*'] = DC_OP_MUL, ['/'] = DC_OP_DIV, ['%'] = DC_OP_MOD,
};

// A sum of products. `sum` is what stands before the last of these, `term`, and is added to it or
// subtracted from it as `sign` says. At first it is -0: that plus x is x, whatever x is.
//
// Factors are finite, and of such no sum or product comes back to the finite numbers once it has left
// them. So the end is where to look.
static size_t read_sum(reader_t *self, size_t at, double *value)
{
    double sum = -0.0, term, next;
    unsigned sign = DC_OP_ADD, op;
    at = read_factor(self, at, &term);
    while (at && (op = operators[(unsigned char)char_at(self, at)])) {
        at = read_factor(self, at + 1, &next);
        if (!at) break;
        self->steps++;
        if (op == DC_OP_ADD || op == DC_OP_SUB) {
            sum = sign == DC_OP_ADD ? sum + term : sum - term;
            sign = op;
            term = next;
        } else {
            term = dc_op_arithmetic((dc_op_t)op, term, next);
        }
    }
    if (!at) return 0;
    *value = sign == DC_OP_ADD ? sum + term : sum - term;
    return isfinite(*value) ? at : 0;
}

bool dc_plain_eval(dc_str_t text, double *value, uint32_t *steps)
{
    if (text.len == 0 || text.len > BYTES_MAX) return false;
    reader_t reader = { .text = text.data, .len = text.len };
    char padded[LANES] = { 0 };
    if (text.len < LANES) {
        memcpy(padded, text.data, text.len);
        reader.text = padded;
    }
    find_bytes(&reader);
    double result;
    if (reader.others || read_sum(&reader, 0, &result) != text.len) return false;
    *value = result;
    *steps = reader.steps;
    return true;
}
