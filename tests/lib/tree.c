#include "tests/lib/tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/exact.h"
#include "common/expr/math.h"
#include "common/expr/number.h"
#include "common/expr/product.h"

typedef enum kind {
    LEAF,
    PARAM,  // of the function whose body this is
    BINARY, // an operator of `text`
    UNARY,
    CONDITION,
    COALESCE,
    NULL_TEST, // == null
    CALL,      // a built-in function
    LOCAL,     // a local one
    REDUCE,    // a reduction: of its one child, over a range
    BOUND,     // the variable of a reduction around this
    NULL_LEAF,
} kind_t;

// Reductions inside each other.
#define BOUND_MAX 2

struct dc_tree_node {
    kind_t kind;
    dc_type_t type;
    const char *text;      // of the operator or function
    int power;             // how tightly it binds, as in LANGUAGE's table from 1 for the loosest
    size_t index;          // of the leaf, parameter, local function or bound variable
    double from, to, step; // of a range
    size_t child_count;
    dc_tree_node_t *children[4];
};

typedef struct maker {
    dc_tree_t *tree;
    uint64_t state;
    bool in_body;
    bool is_plain;      // no null and no strings
    size_t bound_count; // reductions around this
} maker_t;

// --- making ------------------------------------------------------------------------------------

// xorshift64*
static uint32_t below(maker_t *maker, uint32_t bound)
{
    maker->state ^= maker->state >> 12;
    maker->state ^= maker->state << 25;
    maker->state ^= maker->state >> 27;
    return (uint32_t)((maker->state * UINT64_C(2685821657736338717)) >> 33) % bound;
}

static dc_tree_node_t *new_node(maker_t *maker, kind_t kind, dc_type_t type)
{
    dc_tree_node_t *node = dc_arena_alloc(&maker->tree->arena, 1, sizeof *node);
    if (!node) abort();
    *node = (dc_tree_node_t){ .kind = kind, .type = type, .power = 20 };
    return node;
}

static dc_tree_node_t *make(maker_t *maker, dc_type_t type, int depth);

static dc_tree_node_t *make_children(maker_t *maker, dc_tree_node_t *node, dc_type_t type,
                                     size_t count, int depth)
{
    for (size_t i = 0; i < count; i++) {
        node->children[node->child_count++] = make(maker, type, depth - 1);
    }
    return node;
}

static double random_number(maker_t *maker)
{
    static const double special[] = { 0, 1, 2, 3, -1, 0.5, 1e308, 1e-308, 4503599627370496.0, 0.1 };
    switch (below(maker, 5)) {
    case 0: return special[below(maker, DC_ARRAY_LEN(special))];
    case 1: return (double)below(maker, 100) / 8;
    case 2: return (double)below(maker, 1000000) / 1000;
    default: return (double)below(maker, 20);
    }
}

static dc_value_t random_leaf(maker_t *maker, dc_type_t type)
{
    static const char *const strings[] = { "", "a", "ab", "b", "12", "-1.5", "é" };
    if (type == DC_TYPE_NUMBER) return (dc_value_t){ .type = type, .number = random_number(maker) };
    if (type == DC_TYPE_BOOL) return (dc_value_t){ .type = type, .boolean = below(maker, 2) };
    const char *string = strings[below(maker, DC_ARRAY_LEN(strings))];
    return (dc_value_t){ .type = type, .string = dc_str_from(string) };
}

static dc_tree_node_t *make_leaf(maker_t *maker, dc_type_t type)
{
    dc_tree_t *tree = maker->tree;
    if (maker->in_body && type == DC_TYPE_NUMBER && below(maker, 2)) {
        dc_tree_node_t *param = new_node(maker, PARAM, type);
        param->index = below(maker, 2);
        return param;
    }
    if (maker->bound_count && type == DC_TYPE_NUMBER && below(maker, 2)) {
        dc_tree_node_t *bound = new_node(maker, BOUND, type);
        bound->index = below(maker, (uint32_t)maker->bound_count);
        return bound;
    }
    dc_tree_node_t *leaf = new_node(maker, LEAF, type);
    // What is too much shares the last one.
    bool has_room = tree->leaf_count + 3 < DC_TREE_LEAVES_MAX;
    if (has_room) {
        leaf->index = tree->leaf_count++;
        tree->leaves[leaf->index] = random_leaf(maker, type);
    } else {
        leaf->index = DC_TREE_LEAVES_MAX - (size_t)type;
        tree->leaves[leaf->index] = random_leaf(maker, type);
    }
    return leaf;
}

typedef struct form {
    const char *text;
    int power;
    kind_t kind;
    size_t count;
} form_t;

static dc_tree_node_t *make_form(maker_t *maker, const form_t *forms, size_t form_count,
                                 dc_type_t type, dc_type_t child_type, int depth)
{
    const form_t *form = &forms[below(maker, (uint32_t)form_count)];
    dc_tree_node_t *node = new_node(maker, form->kind, type);
    node->text = form->text;
    node->power = form->power;
    return make_children(maker, node, child_type, form->count, depth);
}

// `condition ? a : b`, of which one side may be null.
static dc_tree_node_t *make_condition(maker_t *maker, dc_type_t type, bool may_be_null, int depth)
{
    dc_tree_node_t *node = new_node(maker, CONDITION, type);
    node->power = 1;
    make_children(maker, node, DC_TYPE_BOOL, 1, depth);
    make_children(maker, node, type, 2, depth);
    if (may_be_null) node->children[1 + below(maker, 2)] = new_node(maker, NULL_LEAF, type);
    return node;
}

static dc_tree_node_t *make_coalesce(maker_t *maker, dc_type_t type, int depth)
{
    dc_tree_node_t *node = new_node(maker, COALESCE, type);
    node->power = 2;
    node->children[0] = make_condition(maker, type, below(maker, 4) != 0, depth - 1);
    node->children[1] = make(maker, type, depth - 1);
    node->child_count = 2;
    return node;
}

static dc_tree_node_t *make_local_call(maker_t *maker, int depth)
{
    dc_tree_node_t *node = new_node(maker, LOCAL, DC_TYPE_NUMBER);
    node->index = below(maker, (uint32_t)maker->tree->function_count);
    return make_children(maker, node, DC_TYPE_NUMBER, 2, depth);
}

// Any built-in function, of as many arguments as it may have here.
static dc_tree_node_t *make_call(maker_t *maker, int depth)
{
    size_t count;
    const dc_math_function_t *functions = dc_math_functions(&count);
    const dc_math_function_t *function = &functions[below(maker, (uint32_t)count)];
    dc_tree_node_t *node = new_node(maker, CALL, DC_TYPE_NUMBER);
    uint32_t most = function->args_max > 4 ? 4 : function->args_max;
    uint32_t least = function->args_min;
    node->text = function->name;
    return make_children(maker, node, DC_TYPE_NUMBER, least + below(maker, most - least + 1),
                         depth);
}

// What is plain is evaluated in blocks, which know no reductions.
static bool may_reduce(const maker_t *maker)
{
    return maker->bound_count < BOUND_MAX && !maker->is_plain;
}

// A reduction over a few terms, sometimes none. Bounds and steps are multiples of 1/4, so that
// their number is plain.
static dc_tree_node_t *make_reduction(maker_t *maker, const char *const *names, uint32_t name_count,
                                      dc_type_t type, dc_type_t of, int depth)
{
    static const double steps[] = { 1, 1, 0.5, 0.25, 2, -1, -0.75 };
    dc_tree_node_t *node = new_node(maker, REDUCE, type);
    node->text = names[below(maker, name_count)];
    node->step = steps[below(maker, DC_ARRAY_LEN(steps))];
    node->from = (double)below(maker, 20) / 4 - 2;
    node->to = node->from + node->step * ((double)below(maker, 7) - 1);
    node->index = maker->bound_count++;
    make_children(maker, node, of, 1, depth);
    maker->bound_count--;
    return node;
}

static dc_tree_node_t *make_number_reduction(maker_t *maker, int depth)
{
    static const char *const of_numbers[] = { "sum",   "sum",      "prod",   "mean",
                                              "least", "greatest", "argmin", "argmax" };
    static const char *const of_bools[] = { "count" };
    if (below(maker, 6)) {
        return make_reduction(maker, of_numbers, DC_ARRAY_LEN(of_numbers), DC_TYPE_NUMBER,
                              DC_TYPE_NUMBER, depth);
    }
    return make_reduction(maker, of_bools, 1, DC_TYPE_NUMBER, DC_TYPE_BOOL, depth);
}

static dc_tree_node_t *make_number(maker_t *maker, int depth)
{
    static const form_t forms[] = {
        { "+", 11, BINARY, 2 },  { "-", 11, BINARY, 2 },   { "*", 12, BINARY, 2 },
        { "/", 12, BINARY, 2 },  { "%", 12, BINARY, 2 },   { "//", 12, BINARY, 2 },
        { "^", 14, BINARY, 2 },  { "-", 13, UNARY, 1 },    { "+", 13, UNARY, 1 },
        { "|", 8, BINARY, 2 },   { "&", 9, BINARY, 2 },    { "<<", 10, BINARY, 2 },
        { ">>", 10, BINARY, 2 }, { "~", 13, UNARY, 1 },    { "sqrt", 20, CALL, 1 },
        { "sin", 20, CALL, 1 },  { "exp", 20, CALL, 1 },   { "floor", 20, CALL, 1 },
        { "abs", 20, CALL, 1 },  { "fact", 20, CALL, 1 },  { "hypot", 20, CALL, 2 },
        { "pow", 20, CALL, 2 },  { "atan2", 20, CALL, 2 }, { "max", 20, CALL, 4 },
        { "min", 20, CALL, 3 },  { "xor", 20, CALL, 2 },
    };
    switch (below(maker, 17)) {
    case 0: {
        bool may_be_null = below(maker, 3) == 0 && !maker->is_plain;
        return make_condition(maker, DC_TYPE_NUMBER, may_be_null, depth);
    }
    case 1:
        if (maker->is_plain) return make_call(maker, depth);
        return make_coalesce(maker, DC_TYPE_NUMBER, depth);
    case 2:
        if (maker->tree->function_count) return make_local_call(maker, depth);
        break;
    case 3: {
        if (maker->is_plain) return make_call(maker, depth);
        static const form_t number_of[] = { { "number", 20, CALL, 1 } };
        return make_form(maker, number_of, 1, DC_TYPE_NUMBER, DC_TYPE_STRING, depth);
    }
    case 4: return make_form(maker, forms, 9, DC_TYPE_NUMBER, DC_TYPE_BOOL, depth);
    case 5:
        if (may_reduce(maker)) return make_number_reduction(maker, depth);
        break;
    default: break;
    }
    // Mostly arithmetic: bitwise operators fault on most of what they get.
    size_t count = below(maker, 3) ? 8 : DC_ARRAY_LEN(forms);
    return make_form(maker, forms, count, DC_TYPE_NUMBER, DC_TYPE_NUMBER, depth);
}

static dc_tree_node_t *make_bool(maker_t *maker, int depth)
{
    static const form_t compares[] = { { "==", 7, BINARY, 2 }, { "!=", 7, BINARY, 2 },
                                       { "<", 7, BINARY, 2 },  { "<=", 7, BINARY, 2 },
                                       { ">", 7, BINARY, 2 },  { ">=", 7, BINARY, 2 } };
    static const form_t logic[] = { { "&&", 5, BINARY, 2 },
                                    { "or", 4, BINARY, 2 },
                                    { "not ", 6, UNARY, 1 } };
    static const form_t tests[] = { { "isnan", 20, CALL, 1 },
                                    { "isinf", 20, CALL, 1 },
                                    { "bool", 20, CALL, 1 } };
    static const form_t inside[] = { { "in", 7, BINARY, 2 } };
    static const char *const reductions[] = { "any", "all" };
    uint32_t first = maker->is_plain ? 2 : 0;
    switch (first + below(maker, 11 - first)) {
    case 0: return make_form(maker, compares, 6, DC_TYPE_BOOL, DC_TYPE_STRING, depth);
    case 1: return make_form(maker, inside, 1, DC_TYPE_BOOL, DC_TYPE_STRING, depth);
    case 2: return make_form(maker, compares, 2, DC_TYPE_BOOL, DC_TYPE_BOOL, depth);
    case 3: return make_form(maker, tests, 3, DC_TYPE_BOOL, DC_TYPE_NUMBER, depth);
    case 4: return make_condition(maker, DC_TYPE_BOOL, false, depth);
    case 5: {
        if (maker->is_plain) return make_form(maker, tests, 3, DC_TYPE_BOOL, DC_TYPE_NUMBER, depth);
        dc_tree_node_t *node = new_node(maker, NULL_TEST, DC_TYPE_BOOL);
        node->power = 7;
        node->children[0] = make_condition(maker, DC_TYPE_NUMBER, true, depth - 1);
        node->child_count = 1;
        return node;
    }
    case 8:
        if (!may_reduce(maker)) return make_leaf(maker, DC_TYPE_BOOL);
        return make_reduction(maker, reductions, 2, DC_TYPE_BOOL, DC_TYPE_BOOL, depth);
    case 6:
    case 7: return make_form(maker, logic, 3, DC_TYPE_BOOL, DC_TYPE_BOOL, depth);
    default: return make_form(maker, compares, 6, DC_TYPE_BOOL, DC_TYPE_NUMBER, depth);
    }
}

static dc_tree_node_t *make_string(maker_t *maker, int depth)
{
    static const form_t concat[] = { { "+", 11, BINARY, 2 } };
    static const form_t string_of[] = { { "string", 20, CALL, 1 } };
    switch (below(maker, 4)) {
    case 0: return make_condition(maker, DC_TYPE_STRING, below(maker, 4) == 0, depth);
    case 1: return make_form(maker, string_of, 1, DC_TYPE_STRING, DC_TYPE_NUMBER, depth);
    case 2: return make_coalesce(maker, DC_TYPE_STRING, depth);
    default: return make_form(maker, concat, 1, DC_TYPE_STRING, DC_TYPE_STRING, depth);
    }
}

static dc_tree_node_t *make(maker_t *maker, dc_type_t type, int depth)
{
    if (depth <= 0 || below(maker, 6) == 0) return make_leaf(maker, type);
    if (type == DC_TYPE_NUMBER) return make_number(maker, depth);
    return type == DC_TYPE_BOOL ? make_bool(maker, depth) : make_string(maker, depth);
}

static maker_t begin(dc_tree_t *self, uint64_t seed)
{
    return (maker_t){ .tree = self, .state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1 };
}

static void grow(dc_tree_t *self, uint64_t seed, bool is_plain)
{
    static const dc_type_t types[] = { DC_TYPE_NUMBER, DC_TYPE_NUMBER, DC_TYPE_NUMBER, DC_TYPE_BOOL,
                                       DC_TYPE_STRING };
    *self = (dc_tree_t){ 0 };
    dc_arena_init(&self->arena, 64u << 20);
    maker_t maker = begin(self, seed);
    maker.is_plain = is_plain;
    size_t function_count = below(&maker, DC_TREE_FUNCTIONS_MAX + 1);
    for (size_t i = 0; i < function_count; i++) {
        maker.in_body = true;
        self->bodies[i] = make(&maker, DC_TYPE_NUMBER, 3);
        self->function_count++;
    }
    maker.in_body = false;
    int depth = 1 + (int)below(&maker, 6);
    size_t type_count = DC_ARRAY_LEN(types) - is_plain;
    self->root = make(&maker, types[below(&maker, (uint32_t)type_count)], depth);
}

void dc_tree_init(dc_tree_t *self, uint64_t seed)
{
    grow(self, seed, false);
}

void dc_tree_init_plain(dc_tree_t *self, uint64_t seed)
{
    grow(self, seed, true);
}

void dc_tree_change_leaves(dc_tree_t *self, uint64_t seed)
{
    maker_t maker = begin(self, seed);
    for (size_t i = 0; i < DC_TREE_LEAVES_MAX; i++) {
        if (self->leaves[i].type) self->leaves[i] = random_leaf(&maker, self->leaves[i].type);
    }
}

void dc_tree_fini(dc_tree_t *self)
{
    dc_arena_fini(&self->arena);
}

// --- printing ----------------------------------------------------------------------------------

typedef struct printer {
    const dc_tree_t *tree;
    dc_buf_t *out;
    bool with_variables;
} printer_t;

static void print(const printer_t *printer, const dc_tree_node_t *node, int power);

static void print_leaf(const printer_t *printer, const dc_tree_node_t *node, int power)
{
    const dc_value_t *leaf = &printer->tree->leaves[node->index];
    if (printer->with_variables && !printer->tree->is_constant[node->index]) {
        dc_buf_printf(printer->out, "v%zu", node->index);
        return;
    }
    // A negative constant is a sign and a number, which may need parentheses.
    bool needs = leaf->type == DC_TYPE_NUMBER && signbit(leaf->number) && power > 13;
    if (needs) dc_buf_append_char(printer->out, '(');
    dc_value_print(leaf, printer->out);
    if (needs) dc_buf_append_char(printer->out, ')');
}

static void print_call(const printer_t *printer, const dc_tree_node_t *node)
{
    if (node->kind == LOCAL) {
        dc_buf_printf(printer->out, "f%zu", node->index);
    } else {
        dc_buf_append_text(printer->out, node->text);
    }
    dc_buf_append_char(printer->out, '(');
    for (size_t i = 0; i < node->child_count; i++) {
        if (i) dc_buf_append_text(printer->out, ", ");
        print(printer, node->children[i], 0);
    }
    dc_buf_append_char(printer->out, ')');
}

static void print_reduction(const printer_t *printer, const dc_tree_node_t *node)
{
    dc_buf_printf(printer->out, "%s(", node->text);
    print(printer, node->children[0], 0);
    dc_buf_printf(printer->out, ", k%zu, %g, %g", node->index, node->from, node->to);
    if (node->step != 1) dc_buf_printf(printer->out, ", %g", node->step);
    dc_buf_append_char(printer->out, ')');
}

static void print_binary(const printer_t *printer, const dc_tree_node_t *node)
{
    bool is_right = node->power == 14;
    bool is_chain = node->power == 7; // comparisons have no order among themselves
    print(printer, node->children[0], node->power + (is_right || is_chain));
    dc_buf_printf(printer->out, " %s ", node->text);
    print(printer, node->children[1], is_right ? 13 : node->power + 1);
}

static void print_open(const printer_t *printer, const dc_tree_node_t *node)
{
    switch (node->kind) {
    case BINARY: print_binary(printer, node); break;
    case UNARY:
        dc_buf_append_text(printer->out, node->text);
        print(printer, node->children[0], node->power);
        break;
    case CONDITION:
        print(printer, node->children[0], 2);
        dc_buf_append_text(printer->out, " ? ");
        print(printer, node->children[1], 0);
        dc_buf_append_text(printer->out, " : ");
        print(printer, node->children[2], 1);
        break;
    case COALESCE:
        print(printer, node->children[0], 3);
        dc_buf_append_text(printer->out, " ?? ");
        print(printer, node->children[1], 2);
        break;
    case NULL_TEST:
        print(printer, node->children[0], 8);
        dc_buf_append_text(printer->out, " == null");
        break;
    case PARAM: dc_buf_append_char(printer->out, node->index ? 'q' : 'p'); break;
    case BOUND: dc_buf_printf(printer->out, "k%zu", node->index); break;
    case NULL_LEAF: dc_buf_append_text(printer->out, "null"); break;
    case REDUCE: print_reduction(printer, node); break;
    case LEAF:
    case CALL:
    case LOCAL: print_call(printer, node); break;
    }
}

// A prefix operator may stand to the right of anything tighter, but what it takes in then is more
// than it should: parentheses tell.
static void print(const printer_t *printer, const dc_tree_node_t *node, int power)
{
    if (node->kind == LEAF) {
        print_leaf(printer, node, power);
        return;
    }
    bool needs = node->power < power;
    if (needs) dc_buf_append_char(printer->out, '(');
    print_open(printer, node);
    if (needs) dc_buf_append_char(printer->out, ')');
}

void dc_tree_print(const dc_tree_t *self, bool with_variables, dc_buf_t *out)
{
    printer_t printer = { .tree = self, .out = out, .with_variables = with_variables };
    for (size_t i = 0; i < self->function_count; i++) {
        dc_buf_printf(out, "f%zu(p, q) = ", i);
        print(&printer, self->bodies[i], 0);
        dc_buf_append_text(out, "; ");
    }
    print(&printer, self->root, 0);
}

// --- walking -----------------------------------------------------------------------------------

typedef struct walker {
    dc_tree_t *tree;
    const dc_value_t *params;
    double bound[BOUND_MAX]; // of the reductions around
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
    if (node->kind == CALL)
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
    for (double k = node->from; node->step > 0 ? k <= node->to : k >= node->to; k += node->step) {
        dc_value_t value = { 0 };
        inside.bound[node->index] = k;
        dc_err_t err = walk(&inside, node->children[0], &value);
        if (err) return err;
        if (is_null(&value)) return DC_ERR_NULL;
        if (terms->count == TERMS_MAX) abort();
        terms->k[terms->count] = k;
        terms->values[terms->count++] = as_number(&value);
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
    case LEAF: *value = walker->tree->leaves[node->index]; return DC_OK;
    case PARAM: *value = walker->params[node->index]; return DC_OK;
    case NULL_LEAF: *value = (dc_value_t){ .type = DC_TYPE_NULL }; return DC_OK;
    case BINARY: return walk_binary(walker, node, value);
    case UNARY: return walk_unary(walker, node, value);
    case CONDITION:
        err = walk(walker, node->children[0], value);
        if (err) return err;
        if (is_null(value)) return DC_ERR_NULL;
        return walk(walker, node->children[value->boolean ? 1 : 2], value);
    case COALESCE:
        err = walk(walker, node->children[0], value);
        if (err || !is_null(value)) return err;
        return walk(walker, node->children[1], value);
    case NULL_TEST:
        err = walk(walker, node->children[0], value);
        if (!err) set_bool(value, is_null(value));
        return err;
    case CALL:
    case LOCAL: return walk_call(walker, node, value);
    case REDUCE: return walk_reduction(walker, node, value);
    case BOUND: set_number(value, walker->bound[node->index]); return DC_OK;
    }
    return DC_ERR_INTERNAL;
}

dc_err_t dc_tree_evaluate(dc_tree_t *self, dc_value_t *value)
{
    const dc_value_t none[2] = { 0 };
    walker_t walker = { .tree = self, .params = none };
    return walk(&walker, self->root, value);
}
