#include "common/expr/fold.h"

#include "common/expr/number.h"
#include "common/expr/ops.h"

// Nobody counts steps while code is made: what reads more bytes of strings is left for the run.
#define STRING_BYTES_MAX 1024

static bool fold_finite(double number, dc_reg_t *result)
{
    result->number = number;
    return isfinite(number);
}

static bool fold_bool(bool boolean, dc_reg_t *result)
{
    result->number = boolean;
    return true;
}

static bool fold_string(const dc_str_t *string, dc_reg_t *result)
{
    result->string = string;
    return string != NULL;
}

// What reads numbers and bools.
static bool fold_number(dc_op_t op, double a, double b, dc_arena_t *arena, dc_reg_t *result)
{
    if (!isfinite(a) || (dc_op_infos[op].reads == 2 && !isfinite(b))) return false;
    switch ((int)op) {
    case DC_OP_ADD: return fold_finite(dc_op_arithmetic(DC_OP_ADD, a, b), result);
    case DC_OP_SUB: return fold_finite(dc_op_arithmetic(DC_OP_SUB, a, b), result);
    case DC_OP_MUL: return fold_finite(dc_op_arithmetic(DC_OP_MUL, a, b), result);
    case DC_OP_DIV: return fold_finite(dc_op_arithmetic(DC_OP_DIV, a, b), result);
    case DC_OP_MOD:
    case DC_OP_FLOORDIV:
    case DC_OP_POW: return fold_finite(dc_op_arithmetic(op, a, b), result);
    case DC_OP_NEG: return fold_finite(-a, result);
    case DC_OP_BITOR:
    case DC_OP_BITAND:
    case DC_OP_BITXOR:
    case DC_OP_SHL:
    case DC_OP_SHR: return dc_op_bitwise(op, a, b, &result->number) == DC_OK;
    case DC_OP_INVERT: return dc_op_bitwise(op, a, 0, &result->number) == DC_OK;
    case DC_OP_EQ:
    case DC_OP_NE:
    case DC_OP_LT:
    case DC_OP_LE:
    case DC_OP_GT:
    case DC_OP_GE: return fold_bool(dc_op_compare(op, a, b), result);
    case DC_OP_NOT: return fold_bool(a == 0, result);
    case DC_OP_IS_NAN:
    case DC_OP_IS_INF: return fold_bool(false, result);
    case DC_OP_BOOL_OF_NUMBER: return fold_bool(a != 0, result);
    case DC_OP_STRING_OF_NUMBER: return fold_string(dc_op_string_of_number(arena, a), result);
    case DC_OP_STRING_OF_BOOL: return fold_string(dc_op_string_of_bool(a != 0), result);
    default: return false;
    }
}

// What reads two strings.
static bool fold_strings(dc_op_t op, dc_str_t a, dc_str_t b, dc_arena_t *arena, dc_reg_t *result)
{
    if (a.len + b.len > STRING_BYTES_MAX) return false;
    if (op == DC_OP_IN_STRING) return fold_bool(dc_op_contains(b, a), result);
    if (op == DC_OP_CONCAT) return fold_string(dc_op_concat(arena, a, b), result);
    return fold_bool(dc_op_compare_strings(op, a, b), result);
}

static bool fold_conversion(dc_op_t op, dc_str_t text, dc_reg_t *result)
{
    bool boolean;
    if (text.len > STRING_BYTES_MAX) return false;
    if (op == DC_OP_BOOL_OF_STRING) {
        return dc_op_bool_of_string(text, &boolean) && fold_bool(boolean, result);
    }
    return dc_number_from_text(text, &result->number) && isfinite(result->number);
}

bool dc_fold(dc_op_t op, dc_reg_t a, dc_reg_t b, dc_arena_t *arena, dc_reg_t *result)
{
    switch ((int)op) {
    case DC_OP_EQ_STRING:
    case DC_OP_NE_STRING:
    case DC_OP_LT_STRING:
    case DC_OP_LE_STRING:
    case DC_OP_GT_STRING:
    case DC_OP_GE_STRING:
    case DC_OP_IN_STRING:
    case DC_OP_CONCAT: return fold_strings(op, *a.string, *b.string, arena, result);
    case DC_OP_NUMBER_OF_STRING:
    case DC_OP_BOOL_OF_STRING: return fold_conversion(op, *a.string, result);
    case DC_OP_IS_NULL: return fold_bool(dc_reg_is_null(a), result);
    default: return fold_number(op, a.number, b.number, arena, result);
    }
}
