#include "common/expr/plain.h"

#include <math.h>

#include "common/expr/math.h"
#include "common/expr/number.h"
#include "common/expr/ops.h"
#include "common/expr/parser.h"

// There is a bit for each byte in a word, and one behind the last.
#define BYTES_MAX 63

// Calls of more arguments are rare.
#define ARGS_MAX 4

// 16 bytes at a time, in the notation of gcc and clang, which compile it for any processor.
typedef uint8_t lanes_t __attribute__((vector_size(16)));
#define LANES sizeof(lanes_t)

// What is read of a number: the eight bytes that end with it.
#define WORD 8

typedef struct reader {
    // Which bytes are that: a bit for each, the first in the lowest. Others are in no plain text.
    uint64_t digits, points, others;
    size_t len;
    uint32_t steps;
    char padded[WORD + BYTES_MAX + 1]; // a word of zeros, a copy of the text, and a zero
} reader_t;

// A part of the text that was read: where it ends, blanks behind it included, and its value. Two
// registers hold it. Functions that read return one with the end 0 to decline.
typedef struct part {
    size_t end;
    double value;
} part_t;

static const part_t declined = { 0, 0 };

static inline const char *place(const reader_t *self, size_t at)
{
    return self->padded + WORD + at;
}

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

// Look at the 16 bytes of the copy from `at` on.
static inline void find_in_lanes(reader_t *self, lanes_t bytes, size_t at)
{
    memcpy(self->padded + WORD + at, &bytes, sizeof bytes);
    self->digits |= gather((lanes_t)(bytes - '0' < 10)) << at;
    self->points |= gather((lanes_t)(bytes == '.')) << at;
    // Comparisons, logic, strings and definitions have one of these: seen before anything is read.
    lanes_t others =
        (lanes_t)(bytes > '9') & ~(lanes_t)(bytes - 'a' < 26) & (lanes_t)(bytes != '^');
    self->others |= gather(others) << at;
}

// Copy the text and see what it is made of. Of a short one all is copied that there is; else the
// last lanes are its last bytes, and may have been seen before.
static inline void find_bytes(reader_t *self, dc_str_t text)
{
    lanes_t bytes = { 0 };
    self->digits = self->points = self->others = 0;
    memset(self->padded, 0, WORD);
    if (text.len < LANES) {
        memcpy(&bytes, text.data, text.len);
        find_in_lanes(self, bytes, 0);
        return;
    }
    for (size_t at = 0; at < text.len; at += LANES) {
        size_t start = dc_min_size(at, text.len - LANES);
        memcpy(&bytes, text.data + start, sizeof bytes);
        find_in_lanes(self, bytes, start);
    }
    self->padded[WORD + text.len] = '\0';
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

// The value of the `count` bytes before `end`, eight at most. They are digits, and a point if
// `has_point`, with `decimals` digits behind it. A word can be read there.
//
// There is no branch, as numbers differ: the point is pushed out, and then the digits are joined to
// four numbers below 100, two below 10^4, one below 10^8. That and the power of ten are exact, so
// the quotient is the correctly rounded number.
static inline double short_number(const char *end, size_t count, size_t has_point, size_t decimals)
{
    static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7 };
    uint64_t bytes;
    memcpy(&bytes, end - WORD, sizeof bytes); // the first in the lowest byte
    bytes = (bytes ^ UINT64_C(0x3030303030303030)) & last_bytes[count];
    uint64_t whole = bytes & ~last_bytes[has_point + decimals];
    bytes = whole << 8 * has_point | (bytes & last_bytes[decimals]);
    bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    bytes = (bytes * 10000 + (bytes >> 32)) & UINT32_MAX;
    return (double)(int64_t)bytes / powers[decimals];
}

// The number at `at`, which is a digit.
static inline part_t read_number(const reader_t *self, size_t at)
{
    size_t point = at + count_digits(self, at);
    size_t has_point = self->points >> point & 1;
    size_t decimals = count_digits(self, point + has_point); // none, if there is no point
    size_t end = point + has_point + decimals;
    size_t count = end - at;
    if (count <= WORD && *place(self, end) != 'e') {
        return (part_t){ end, short_number(place(self, end), count, has_point, decimals) };
    }
    // A long one, or one with an exponent.
    part_t part;
    part.end = at + dc_number_read(dc_str(place(self, at), self->len - at), &part.value);
    return isfinite(part.value) ? part : declined;
}

// --- expressions -------------------------------------------------------------------------------

static part_t read_sum(reader_t *self, size_t at);
static part_t read_other(reader_t *self, size_t at);
static part_t read_power(reader_t *self, part_t base);

static inline bool is_blank(char c)
{
    return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

// Go on behind a value: blanks, and its power if there is one.
static inline part_t read_behind(reader_t *self, part_t part)
{
    while (is_blank(*place(self, part.end))) {
        part.end++;
    }
    return *place(self, part.end) == '^' ? read_power(self, part) : part;
}

// What sums and products are made of. Most of it are numbers, for which a call would be a large
// part of the work.
static inline __attribute__((always_inline)) part_t read_factor(reader_t *self, size_t at)
{
    if (!(self->digits >> at & 1)) return read_other(self, at);
    part_t number = read_number(self, at);
    return number.end ? read_behind(self, number) : declined;
}

// One step more, of which this is the result.
static inline part_t count_step(reader_t *self, size_t end, double value)
{
    self->steps++;
    return isfinite(value) ? (part_t){ end, value } : declined;
}

// `base` to the power of what stands behind the sign at its end.
static part_t read_power(reader_t *self, part_t base)
{
    part_t exponent = read_factor(self, base.end + 1);
    if (!exponent.end) return declined;
    double value = dc_op_arithmetic(DC_OP_POW, base.value, exponent.value);
    return count_step(self, exponent.end, value);
}

static part_t read_negative(reader_t *self, size_t at)
{
    part_t part = read_factor(self, at + 1);
    if (!part.end) return declined;
    return count_step(self, part.end, -part.value);
}

static part_t read_parentheses(reader_t *self, size_t at)
{
    part_t sum = read_sum(self, at + 1);
    if (!sum.end || *place(self, sum.end) != ')') return declined;
    return read_behind(self, (part_t){ sum.end + 1, sum.value });
}

// A constant, which no definition hides: there is none in a plain text.
static part_t read_constant(reader_t *self, dc_str_t name, size_t end)
{
    bool is_word;
    const dc_operand_t *constant = dc_constant_find(name, &is_word);
    if (!constant || constant->type != DC_TYPE_NUMBER) return declined;
    if (!isfinite(constant->value.number)) return declined;
    return read_behind(self, (part_t){ end, constant->value.number });
}

// A call of the function `name`, whose parenthesis is at `at`.
static part_t read_call(reader_t *self, dc_str_t name, size_t at)
{
    double args[ARGS_MAX];
    size_t count = 0;
    part_t arg;
    const dc_math_function_t *function = dc_math_find(name);
    if (!function) return declined;
    do {
        if (count == ARGS_MAX) return declined;
        arg = read_sum(self, at + 1);
        args[count++] = arg.value;
        at = arg.end;
    } while (at && *place(self, at) == ',');
    bool is_right = count >= function->args_min && count <= function->args_max;
    if (!at || *place(self, at) != ')' || !is_right) return declined;
    dc_err_t err = DC_OK;
    part_t call = count_step(self, at + 1, function->call(args, count, &err));
    return call.end && !err ? read_behind(self, call) : declined;
}

static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static part_t read_name(reader_t *self, size_t at)
{
    size_t end = at;
    while (is_of_name(*place(self, end))) {
        end++;
    }
    if (end == at) return declined;
    dc_str_t name = dc_str(place(self, at), end - at);
    return *place(self, end) == '(' ? read_call(self, name, end) : read_constant(self, name, end);
}

static part_t read_other(reader_t *self, size_t at)
{
    char c = *place(self, at);
    switch (c) {
    case '(': return read_parentheses(self, at);
    case '-': return read_negative(self, at);
    case '+': return read_factor(self, at + 1);
    default: break;
    }
    return is_blank(c) ? read_factor(self, at + 1) : read_name(self, at);
}

// Operators of sums and products; 0 at what is none.
static const uint8_t operators[256] = {
    ['+'] = DC_OP_ADD, ['-'] = DC_OP_SUB, ['*'] = DC_OP_MUL, ['/'] = DC_OP_DIV, ['%'] = DC_OP_MOD,
};

static inline double multiply(unsigned op, double a, double b)
{
    switch (op) {
    case DC_OP_MUL: return dc_op_arithmetic(DC_OP_MUL, a, b);
    case DC_OP_DIV: return dc_op_arithmetic(DC_OP_DIV, a, b);
    default: return dc_op_arithmetic(DC_OP_MOD, a, b);
    }
}

// A sum of products. `sum` is what stands before the last of these, `term`, which is to be added
// with this sign: a factor, which is exact and cannot be guessed wrong. At first it is -0: that
// plus x is x, whatever x is.
//
// Factors are finite, and of such no sum or product comes back to the finite numbers once it has
// left them. So the end is where to look.
static part_t read_sum(reader_t *self, size_t at)
{
    static const double signs[] = { [DC_OP_ADD] = 1, [DC_OP_SUB] = -1 };
    double sum = -0.0, sign = 1;
    unsigned op;
    part_t term = read_factor(self, at);
    while (term.end && (op = operators[(unsigned char)*place(self, term.end)])) {
        part_t next = read_factor(self, term.end + 1);
        self->steps++;
        if (op == DC_OP_ADD || op == DC_OP_SUB) {
            sum += sign * term.value;
            sign = signs[op];
        } else {
            next.value = multiply(op, term.value, next.value);
        }
        term = next;
    }
    sum += sign * term.value;
    return isfinite(sum) ? (part_t){ term.end, sum } : declined;
}

bool dc_plain_eval(dc_str_t text, double *value, uint32_t *steps)
{
    if (text.len == 0 || text.len > BYTES_MAX) return false;
    reader_t reader;
    reader.len = text.len;
    reader.steps = 0;
    find_bytes(&reader, text);
    if (reader.others) return false;
    part_t all = read_sum(&reader, 0);
    if (all.end != text.len) return false;
    *value = all.value;
    *steps = reader.steps;
    return true;
}
