#include "tests/lib/tree_part.h"

#include <math.h>
#include <stdlib.h>

#include "common/expr/exact.h"
#include "common/expr/math.h"
#include "common/expr/number.h"
#include "common/expr/product.h"

typedef struct walker {
    dc_tree_t *tree;
    const dc_value_t *params;
    double bound[DC_TREE_BOUND_MAX]; // of the reductions around
} walker_t;

static dc_err_t walk(const walker_t *walker, const dc_tree_node_t *node, dc_value_t *value);

static void set_number(dc_value_t *value, double number)
{
    *value = (dc_value_t){ .type = DC_TYPE_NUMBER, .number = number };
}

static void set_bool(dc_value_t *value, bool boolean)
{
    *value = (dc_value_t){ .type = DC_TYPE_BOOL, .boolean = boolean };
}

static double as_number(const dc_value_t *value)
{
    return value->type == DC_TYPE_BOOL ? value->boolean : value->number;
}

static bool is_null(const dc_value_t *value)
{
    return value->type == DC_TYPE_NULL;
}

static void set_string(const walker_t *walker, dc_value_t *value, dc_str_t first, dc_str_t second)
{
    char *room = dc_arena_alloc(&walker->tree->arena, first.len + second.len + 1, 1);
    if (!room) abort();
    if (first.len) memcpy(room, first.data, first.len);
    if (second.len) memcpy(room + first.len, second.data, second.len);
    *value = (dc_value_t){ .type = DC_TYPE_STRING, .string = dc_str(room, first.len + second.len) };
}

static bool is_small_integer(double x)
{
    return fabs(x) < 9007199254740992.0 && x == floor(x);
}

static dc_err_t bitwise(const char *text, double a, double b, dc_value_t *value)
{
    if (!is_small_integer(a) || !is_small_integer(b)) return DC_ERR_INTEGER;
    int64_t x = (int64_t)a;
    int64_t y = (int64_t)b;
    if (strcmp(text, "|") == 0) return set_number(value, (double)(x | y)), DC_OK;
    if (strcmp(text, "&") == 0) return set_number(value, (double)(x & y)), DC_OK;
    if (strcmp(text, "xor") == 0) return set_number(value, (double)(x ^ y)), DC_OK;
    if (strcmp(text, "~") == 0) return set_number(value, -a - 1), DC_OK;
    if (b < 0) return DC_ERR_DOMAIN;
    if (strcmp(text, ">>") == 0)
        return set_number(value, floor(ldexp(a, -(int)fmin(b, 100))) + 0.0), DC_OK;
    double shifted = ldexp(a, (int)fmin(b, 100)) + 0.0; // integers have no -0
    if (fabs(shifted) >= 0x1p53) return DC_ERR_OVERFLOW;
    return set_number(value, shifted), DC_OK;
}

static dc_err_t arithmetic(const char *text, double a, double b, dc_value_t *value)
{
    if (strcmp(text, "+") == 0) return set_number(value, a + b), DC_OK;
    if (strcmp(text, "-") == 0) return set_number(value, a - b), DC_OK;
    if (strcmp(text, "*") == 0) return set_number(value, a * b), DC_OK;
    if (strcmp(text, "/") == 0) return set_number(value, a / b), DC_OK;
    if (strcmp(text, "%") == 0) return set_number(value, fmod(a, b)), DC_OK;
    if (strcmp(text, "^") == 0) return set_number(value, dc_math_pow(a, b)), DC_OK;
    if (strcmp(text, "//") == 0) {
        // The largest integer of which the exact product is not beyond a.
        double quotient = floor(a / b);
        bool is_past = fabs(quotient) <= 0x1p53 && !isinf(b) &&
                       (b > 0 ? fma(-quotient, b, a) < 0 : fma(-quotient, b, a) > 0);
        return set_number(value, is_past ? quotient - 1 : quotient), DC_OK;
    }
    return bitwise(text, a, b, value);
}

static bool compares(const char *text, int order, bool is_ordered)
{
    if (strcmp(text, "==") == 0) return is_ordered && order == 0;
    if (strcmp(text, "!=") == 0) return !is_ordered || order != 0;
    if (strcmp(text, "<") == 0) return is_ordered && order < 0;
    if (strcmp(text, "<=") == 0) return is_ordered && order <= 0;
    if (strcmp(text, ">") == 0) return is_ordered && order > 0;
    return is_ordered && order >= 0;
}

static bool is_part(dc_str_t part, dc_str_t whole)
{
    for (size_t at = 0; at + part.len <= whole.len; at++) {
        if (part.len == 0 || memcmp(whole.data + at, part.data, part.len) == 0) return true;
    }
    return false;
}

static dc_err_t walk_logic(const walker_t *walker, const dc_tree_node_t *node, dc_value_t *value)
{
    bool is_or = strcmp(node->text, "or") == 0;
    dc_err_t err = walk(walker, node->children[0], value);
    if (err) return err;
    if (is_null(value)) return DC_ERR_NULL;
    if (value->boolean == is_or) return DC_OK;
    err = walk(walker, node->children[1], value);
    return err ? err : is_null(value) ? DC_ERR_NULL : DC_OK;
}

static dc_err_t walk_binary(const walker_t *walker, const dc_tree_node_t *node, dc_value_t *value)
{
    if (node->power == 4 || node->power == 5) return walk_logic(walker, node, value);
    dc_value_t a = { 0 };
    dc_value_t b = { 0 };
    dc_err_t err = walk(walker, node->children[0], &a);
    if (!err) err = walk(walker, node->children[1], &b);
    if (err) return err;
    if (is_null(&a) || is_null(&b)) return DC_ERR_NULL;
    if (strcmp(node->text, "in") == 0) {
        set_bool(value, is_part(a.string, b.string));
    } else if (node->power == 7 && a.type == DC_TYPE_STRING) {
        set_bool(value, compares(node->text, dc_str_cmp(a.string, b.string), true));
    } else if (node->power == 7) {
        double x = as_number(&a);
        double y = as_number(&b);
        set_bool(value, compares(node->text, (x > y) - (x < y), !isnan(x) && !isnan(y)));
    } else if (a.type == DC_TYPE_STRING) {
        set_string(walker, value, a.string, b.string);
    } else {
        return arithmetic(node->text, as_number(&a), as_number(&b), value);
    }
    return DC_OK;
}

static dc_err_t walk_unary(const walker_t *walker, const dc_tree_node_t *node, dc_value_t *value)
{
    dc_value_t a = { 0 };
    dc_err_t err = walk(walker, node->children[0], &a);
    if (err) return err;
    if (is_null(&a)) return DC_ERR_NULL;
    if (node->power == 6) return set_bool(value, !a.boolean), DC_OK;
    if (node->text[0] == '~') return bitwise("~", as_number(&a), 0, value);
    set_number(value, node->text[0] == '-' ? -as_number(&a) : as_number(&a));
    return DC_OK;
}

static dc_err_t call_on_values(const walker_t *walker, const char *name, const dc_value_t *args,
                               size_t count, dc_value_t *value)
{
    char text[DC_NUMBER_TEXT_MAX];
    if (strcmp(name, "number") == 0) {
        *value = (dc_value_t){ .type = DC_TYPE_NUMBER };
        return dc_number_from_text(args[0].string, &value->number) ? DC_OK : DC_ERR_NUMBER;
    }
    if (strcmp(name, "string") == 0) {
        size_t len = dc_number_print(args[0].number, text);
        return set_string(walker, value, dc_str(text, len), dc_str(NULL, 0)), DC_OK;
    }
    double x = as_number(&args[0]);
    if (strcmp(name, "xor") == 0) return bitwise("xor", x, as_number(&args[1]), value);
    if (strcmp(name, "isnan") == 0) return set_bool(value, isnan(x)), DC_OK;
    if (strcmp(name, "isinf") == 0) return set_bool(value, isinf(x)), DC_OK;
    if (strcmp(name, "bool") == 0) return set_bool(value, x != 0), DC_OK;
    double numbers[4];
    for (size_t i = 0; i < count; i++) {
        numbers[i] = as_number(&args[i]);
    }
    dc_err_t err = DC_OK;
    set_number(value, dc_math_find(dc_str_from(name))->call(numbers, count, &err));
    return err;
}

static dc_err_t walk_call(const walker_t *walker, const dc_tree_node_t *node, dc_value_t *value)
{
    dc_value_t args[4] = { 0 };
    for (size_t i = 0; i < node->child_count; i++) {
        dc_err_t err = walk(walker, node->children[i], &args[i]);
        if (err) return err;
    }
    for (size_t i = 0; i < node->child_count; i++) {
        if (is_null(&args[i])) return DC_ERR_NULL;
    }
    if (node->kind == DC_TREE_CALL)
        return call_on_values(walker, node->text, args, node->child_count, value);
    walker_t body = { .tree = walker->tree, .params = args };
    return walk(&body, walker->tree->bodies[node->index], value);
}

// The values of all terms, up to the one that decides. More than these never are.
#define TERMS_MAX 8

typedef struct terms {
    double k[TERMS_MAX], values[TERMS_MAX];
    size_t count;
} terms_t;

static dc_err_t walk_terms(const walker_t *walker, const dc_tree_node_t *node, terms_t *terms)
{
    walker_t inside = *walker;
    double k = node->from;
    while (node->step > 0 ? k <= node->to : k >= node->to) {
        dc_value_t value = { 0 };
        inside.bound[node->index] = k;
        dc_err_t err = walk(&inside, node->children[0], &value);
        if (err) return err;
        if (is_null(&value)) return DC_ERR_NULL;
        if (terms->count == TERMS_MAX) abort();
        terms->k[terms->count] = k;
        terms->values[terms->count++] = as_number(&value);
        k += node->step;
        if (strcmp(node->text, "any") == 0 && value.boolean) break;
        if (strcmp(node->text, "all") == 0 && !value.boolean) break;
    }
    return DC_OK;
}

static double sum_of(const terms_t *terms)
{
    dc_exact_t sum;
    dc_exact_init(&sum);
    for (size_t i = 0; i < terms->count; i++) {
        dc_exact_add(&sum, terms->values[i]);
    }
    return dc_exact_round(&sum);
}

static double product_of(const terms_t *terms)
{
    dc_product_t product;
    dc_product_init(&product, 0);
    dc_product_add_many(&product, terms->values, terms->count);
    return dc_product_round(&product);
}

// The index of the first that no other one is before in order; that of the first NaN, if there is
// one.
static size_t extreme_of(const terms_t *terms, bool is_greatest)
{
    size_t best = 0;
    for (size_t i = terms->count; i-- > 0;) {
        bool is_best = true;
        for (size_t j = 0; j < terms->count; j++) {
            double a = terms->values[i];
            double b = terms->values[j];
            if (isnan(b) || (is_greatest ? b > a : b < a)) is_best = false;
        }
        if (is_best) best = i;
    }
    for (size_t i = terms->count; i-- > 0;) {
        if (isnan(terms->values[i])) best = i;
    }
    return best;
}

static dc_err_t reduce_numbers(const char *name, const terms_t *terms, dc_value_t *value)
{
    if (strcmp(name, "sum") == 0) return set_number(value, sum_of(terms)), DC_OK;
    if (strcmp(name, "prod") == 0) return set_number(value, product_of(terms)), DC_OK;
    if (terms->count == 0) return DC_ERR_NO_TERMS;
    if (strcmp(name, "mean") == 0) {
        set_number(value, sum_of(terms) / (double)terms->count);
        return DC_OK;
    }
    bool is_greatest = strcmp(name, "greatest") == 0 || strcmp(name, "argmax") == 0;
    size_t extreme = extreme_of(terms, is_greatest);
    double result = terms->values[extreme];
    bool is_place = strncmp(name, "arg", 3) == 0 && !isnan(result);
    set_number(value, is_place ? terms->k[extreme] : result);
    return DC_OK;
}

static dc_err_t walk_reduction(const walker_t *walker, const dc_tree_node_t *node,
                               dc_value_t *value)
{
    terms_t terms = { .count = 0 };
    dc_err_t err = walk_terms(walker, node, &terms);
    if (err) return err;
    size_t hits = 0;
    for (size_t i = 0; i < terms.count; i++) {
        hits += terms.values[i] != 0;
    }
    if (strcmp(node->text, "count") == 0) return set_number(value, (double)hits), DC_OK;
    if (strcmp(node->text, "any") == 0) return set_bool(value, hits > 0), DC_OK;
    if (strcmp(node->text, "all") == 0) return set_bool(value, hits == terms.count), DC_OK;
    return reduce_numbers(node->text, &terms, value);
}

static dc_err_t walk(const walker_t *walker, const dc_tree_node_t *node, dc_value_t *value)
{
    dc_err_t err;
    switch (node->kind) {
    case DC_TREE_LEAF: *value = walker->tree->leaves[node->index]; return DC_OK;
    case DC_TREE_PARAM: *value = walker->params[node->index]; return DC_OK;
    case DC_TREE_NULL_LEAF: *value = (dc_value_t){ .type = DC_TYPE_NULL }; return DC_OK;
    case DC_TREE_BINARY: return walk_binary(walker, node, value);
    case DC_TREE_UNARY: return walk_unary(walker, node, value);
    case DC_TREE_CONDITION:
        err = walk(walker, node->children[0], value);
        if (err) return err;
        if (is_null(value)) return DC_ERR_NULL;
        return walk(walker, node->children[value->boolean ? 1 : 2], value);
    case DC_TREE_COALESCE:
        err = walk(walker, node->children[0], value);
        if (err || !is_null(value)) return err;
        return walk(walker, node->children[1], value);
    case DC_TREE_NULL_TEST:
        err = walk(walker, node->children[0], value);
        if (!err) set_bool(value, is_null(value));
        return err;
    case DC_TREE_CALL:
    case DC_TREE_LOCAL: return walk_call(walker, node, value);
    case DC_TREE_REDUCE: return walk_reduction(walker, node, value);
    case DC_TREE_BOUND: set_number(value, walker->bound[node->index]); return DC_OK;
    }
    return DC_ERR_INTERNAL;
}

dc_err_t dc_tree_evaluate(dc_tree_t *self, dc_value_t *value)
{
    const dc_value_t none[2] = { 0 };
    walker_t walker = { .tree = self, .params = none };
    return walk(&walker, self->root, value);
}
