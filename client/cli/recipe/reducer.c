#include "client/cli/recipe/reducer.h"

#include <math.h>

#include "common/expr/number.h"

static const struct {
    const char *name;
    dc_reduce_t kind; // of those that are a partial
} ops[] = {
#define X(op, name, kind) { name, DC_REDUCE_##kind },
    DC_REDUCER_LIST(X, X)
#undef X
};

static bool is_spread(const dc_reducer_t *self)
{
    return self->op == DC_REDUCER_VAR || self->op == DC_REDUCER_STD;
}

const char *dc_reducer_name(dc_reducer_op_t op)
{
    return ops[op].name;
}

bool dc_reducer_find(dc_str_t name, dc_reducer_op_t *op)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(ops); i++) {
        if (!dc_str_eq(name, dc_str_from(ops[i].name))) continue;
        *op = (dc_reducer_op_t)i;
        return true;
    }
    return false;
}

void dc_reducer_init(dc_reducer_t *self, dc_reducer_op_t op)
{
    self->op = op;
    self->count = 0;
    self->chosen_row = 0;
    dc_partial_init(&self->partial, ops[op].kind, 0);
    dc_spread_init(&self->spread);
}

const char *dc_reducer_refusal(dc_reducer_op_t op, dc_type_t type)
{
    bool is_number = type == DC_TYPE_NUMBER;
    bool of_bools = dc_reduce_infos[ops[op].kind].of_bools;
    if (type == DC_TYPE_BOOL || type == DC_TYPE_NULL || (is_number && !of_bools)) return NULL;
    if (of_bools) {
        return is_number ? "takes true or false, not numbers: compare them, as in 'x > 100'"
                         : "takes true or false, not strings: compare them, as in \"x == 'a'\"";
    }
    return "takes numbers, not strings";
}

// --- taking rows -------------------------------------------------------------------------------

static void take_block(dc_reducer_t *self)
{
    uint64_t first = self->partial.next;
    uint64_t chosen = self->partial.chosen;
    if (is_spread(self)) {
        for (uint32_t i = 0; i < self->count; i++) {
            dc_spread_add(&self->spread, self->values[i]);
        }
    } else {
        dc_partial_add(&self->partial, self->values, self->count);
        if (self->partial.chosen != chosen)
            self->chosen_row = self->rows[self->partial.chosen - first];
    }
    self->count = 0;
}

// What a result line is, and its number if it is one; a bool counts as 1 or 0.
static dc_type_t read_result(dc_str_t result, double *number)
{
    bool is_true = dc_str_eq(result, DC_STR("true"));
    *number = is_true;
    if (is_true || dc_str_eq(result, DC_STR("false"))) return DC_TYPE_BOOL;
    if (dc_str_eq(result, DC_STR("null"))) return DC_TYPE_NULL;
    return dc_number_from_text(result, number) ? DC_TYPE_NUMBER : DC_TYPE_STRING;
}

dc_err_t dc_reducer_take(dc_reducer_t *self, uint64_t row, dc_str_t result, dc_diag_t *diag)
{
    double number;
    dc_type_t type = read_result(result, &number);
    const char *name = ops[self->op].name;
    const char *refusal = dc_reducer_refusal(self->op, type);
    if (type == DC_TYPE_NULL) return dc_diag_set(diag, DC_ERR_NULL, 0, 0, "'%s' of null", name);
    if (refusal) return dc_diag_set(diag, DC_ERR_TYPE, 0, 0, "'%s' %s", name, refusal);
    self->values[self->count] = number;
    self->rows[self->count++] = row;
    if (self->count == DC_BLOCK_ROWS) take_block(self);
    return DC_OK;
}

// --- the end -----------------------------------------------------------------------------------

static dc_err_t find_result(const dc_reducer_t *self, double *result)
{
    // The place of a row in the range does not matter: rows know their own.
    const dc_number_range_t range = { .first = 0, .step = 1, .count = self->partial.next };
    if (self->op == DC_REDUCER_VAR) return dc_spread_variance(&self->spread, result);
    if (self->op == DC_REDUCER_STD) return dc_spread_deviation(&self->spread, result);
    dc_err_t err = dc_partial_finish(&self->partial, &range, result);
    bool is_place = self->op == DC_REDUCER_ARGMIN || self->op == DC_REDUCER_ARGMAX;
    if (!err && is_place && !isnan(*result)) *result = (double)self->chosen_row;
    return err;
}

dc_err_t dc_reducer_finish(dc_reducer_t *self, bool ieee, dc_value_t *value, dc_diag_t *diag)
{
    double result = 0;
    const char *name = ops[self->op].name;
    take_block(self);
    dc_err_t err = find_result(self, &result);
    if (err) {
        return dc_diag_set(diag, err, 0, 0, "'%s' needs %s with a value", name,
                           is_spread(self) ? "two rows" : "a row");
    }
    if (!ieee && !isfinite(result)) {
        return dc_diag_set(diag, DC_ERR_OVERFLOW, 0, 0, "the result of '%s' is too large", name);
    }
    bool is_bool = self->op == DC_REDUCER_ANY || self->op == DC_REDUCER_ALL;
    *value = is_bool ? (dc_value_t){ .type = DC_TYPE_BOOL, .boolean = result != 0 }
                     : (dc_value_t){ .type = DC_TYPE_NUMBER, .number = result };
    return DC_OK;
}
