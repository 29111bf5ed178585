#include "common/expr/ops.h"

#include "common/expr/number.h"

static dc_err_t shift_left(int64_t a, int64_t b, double *result)
{
    if (b < 0) return DC_ERR_DOMAIN;
    // 53 places move any integer out, and more would be more than a C shift can do.
    double shifted = a == 0 ? 0.0 : b > 53 ? DC_INTEGER_MAX : ldexp((double)a, (int)b);
    if (fabs(shifted) >= DC_INTEGER_MAX) return DC_ERR_OVERFLOW;
    *result = shifted;
    return DC_OK;
}

// Negative numbers are as in two's complement without end, so this rounds down.
static dc_err_t shift_right(int64_t a, int64_t b, double *result)
{
    if (b < 0) return DC_ERR_DOMAIN;
    *result = (double)(a >> (b > 63 ? 63 : b));
    return DC_OK;
}

dc_err_t dc_op_bitwise(dc_op_t op, double a, double b, double *result)
{
    if (!dc_is_bitwise(a) || !dc_is_bitwise(b)) return DC_ERR_INTEGER;
    int64_t left = (int64_t)a;
    int64_t right = (int64_t)b;
    switch ((int)op) {
    case DC_OP_BITOR: *result = (double)(left | right); return DC_OK;
    case DC_OP_BITAND: *result = (double)(left & right); return DC_OK;
    case DC_OP_BITXOR: *result = (double)(left ^ right); return DC_OK;
    case DC_OP_SHL: return shift_left(left, right, result);
    case DC_OP_SHR: return shift_right(left, right, result);
    default: *result = (double)~left; return DC_OK;
    }
}

bool dc_op_contains(dc_str_t whole, dc_str_t part)
{
    if (part.len == 0) return true;
    return whole.len >= part.len && memmem(whole.data, whole.len, part.data, part.len) != NULL;
}

bool dc_op_bool_of_string(dc_str_t text, bool *result)
{
    dc_str_t word = dc_str_trim(text);
    bool is_true = dc_str_eq(word, DC_STR("true"));
    if (!is_true && !dc_str_eq(word, DC_STR("false"))) return false;
    *result = is_true;
    return true;
}

// A string of `len` bytes whose content is still to be written to `*data`.
static const dc_str_t *new_string(dc_arena_t *arena, size_t len, char **data)
{
    if (len > arena->bytes_max) return NULL;
    dc_str_t *string = dc_arena_alloc(arena, 1, sizeof *string + len);
    if (!string) return NULL;
    *data = (char *)(string + 1);
    *string = dc_str(*data, len);
    return string;
}

const dc_str_t *dc_op_concat(dc_arena_t *arena, dc_str_t a, dc_str_t b)
{
    char *data;
    const dc_str_t *string = new_string(arena, a.len + b.len, &data);
    if (!string) return NULL;
    if (a.len) memcpy(data, a.data, a.len);
    if (b.len) memcpy(data + a.len, b.data, b.len);
    return string;
}

const dc_str_t *dc_op_copy(dc_arena_t *arena, dc_str_t text)
{
    return dc_op_concat(arena, text, dc_str(NULL, 0));
}

const dc_str_t *dc_op_string_of_number(dc_arena_t *arena, double number)
{
    char text[DC_NUMBER_TEXT_MAX];
    return dc_op_copy(arena, dc_str(text, dc_number_print(number, text)));
}

const dc_str_t *dc_op_string_of_bool(bool boolean)
{
    static const dc_str_t texts[] = { { "false", 5 }, { "true", 4 } };
    return &texts[boolean];
}
