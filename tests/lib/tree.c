#include "tests/lib/tree_part.h"

#include <stdlib.h>

#include "common/expr/math.h"
#include "tests/lib/xorshift.h"

typedef struct maker {
    dc_tree_t *tree;
    uint64_t state;
    bool in_body;
    bool is_plain;      // no null and no strings
    size_t bound_count; // reductions around this
} maker_t;

static uint32_t below(maker_t *maker, uint32_t bound)
{
    return dc_xorshift_below(&maker->state, bound);
}

static dc_tree_node_t *new_node(maker_t *maker, dc_tree_kind_t kind, dc_type_t type)
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
        dc_tree_node_t *param = new_node(maker, DC_TREE_PARAM, type);
        param->index = below(maker, 2);
        return param;
    }
    if (maker->bound_count && type == DC_TYPE_NUMBER && below(maker, 2)) {
        dc_tree_node_t *bound = new_node(maker, DC_TREE_BOUND, type);
        bound->index = below(maker, (uint32_t)maker->bound_count);
        return bound;
    }
    dc_tree_node_t *leaf = new_node(maker, DC_TREE_LEAF, type);
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
    dc_tree_kind_t kind;
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
    dc_tree_node_t *node = new_node(maker, DC_TREE_CONDITION, type);
    node->power = 1;
    make_children(maker, node, DC_TYPE_BOOL, 1, depth);
    make_children(maker, node, type, 2, depth);
    if (may_be_null) node->children[1 + below(maker, 2)] = new_node(maker, DC_TREE_NULL_LEAF, type);
    return node;
}

static dc_tree_node_t *make_coalesce(maker_t *maker, dc_type_t type, int depth)
{
    dc_tree_node_t *node = new_node(maker, DC_TREE_COALESCE, type);
    node->power = 2;
    node->children[0] = make_condition(maker, type, below(maker, 4) != 0, depth - 1);
    node->children[1] = make(maker, type, depth - 1);
    node->child_count = 2;
    return node;
}

static dc_tree_node_t *make_local_call(maker_t *maker, int depth)
{
    dc_tree_node_t *node = new_node(maker, DC_TREE_LOCAL, DC_TYPE_NUMBER);
    node->index = below(maker, (uint32_t)maker->tree->function_count);
    return make_children(maker, node, DC_TYPE_NUMBER, 2, depth);
}

// Any built-in function, of as many arguments as it may have here.
static dc_tree_node_t *make_call(maker_t *maker, int depth)
{
    size_t count;
    const dc_math_function_t *functions = dc_math_functions(&count);
    const dc_math_function_t *function = &functions[below(maker, (uint32_t)count)];
    dc_tree_node_t *node = new_node(maker, DC_TREE_CALL, DC_TYPE_NUMBER);
    uint32_t most = function->args_max > 4 ? 4 : function->args_max;
    uint32_t least = function->args_min;
    node->text = function->name;
    return make_children(maker, node, DC_TYPE_NUMBER, least + below(maker, most - least + 1),
                         depth);
}

// What is plain is evaluated in blocks, which know no reductions.
static bool may_reduce(const maker_t *maker)
{
    return maker->bound_count < DC_TREE_BOUND_MAX && !maker->is_plain;
}

// A reduction over a few terms, sometimes none. Bounds and steps are multiples of 1/4, so that
// their number is plain.
static dc_tree_node_t *make_reduction(maker_t *maker, const char *const *names, uint32_t name_count,
                                      dc_type_t type, dc_type_t of, int depth)
{
    static const double steps[] = { 1, 1, 0.5, 0.25, 2, -1, -0.75 };
    dc_tree_node_t *node = new_node(maker, DC_TREE_REDUCE, type);
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
        { "+", 11, DC_TREE_BINARY, 2 },   { "-", 11, DC_TREE_BINARY, 2 },
        { "*", 12, DC_TREE_BINARY, 2 },   { "/", 12, DC_TREE_BINARY, 2 },
        { "%", 12, DC_TREE_BINARY, 2 },   { "//", 12, DC_TREE_BINARY, 2 },
        { "^", 14, DC_TREE_BINARY, 2 },   { "-", 13, DC_TREE_UNARY, 1 },
        { "+", 13, DC_TREE_UNARY, 1 },    { "|", 8, DC_TREE_BINARY, 2 },
        { "&", 9, DC_TREE_BINARY, 2 },    { "<<", 10, DC_TREE_BINARY, 2 },
        { ">>", 10, DC_TREE_BINARY, 2 },  { "~", 13, DC_TREE_UNARY, 1 },
        { "sqrt", 20, DC_TREE_CALL, 1 },  { "sin", 20, DC_TREE_CALL, 1 },
        { "exp", 20, DC_TREE_CALL, 1 },   { "floor", 20, DC_TREE_CALL, 1 },
        { "abs", 20, DC_TREE_CALL, 1 },   { "fact", 20, DC_TREE_CALL, 1 },
        { "hypot", 20, DC_TREE_CALL, 2 }, { "pow", 20, DC_TREE_CALL, 2 },
        { "atan2", 20, DC_TREE_CALL, 2 }, { "max", 20, DC_TREE_CALL, 4 },
        { "min", 20, DC_TREE_CALL, 3 },   { "xor", 20, DC_TREE_CALL, 2 },
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
        static const form_t number_of[] = { { "number", 20, DC_TREE_CALL, 1 } };
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
    static const form_t compares[] = {
        { "==", 7, DC_TREE_BINARY, 2 }, { "!=", 7, DC_TREE_BINARY, 2 },
        { "<", 7, DC_TREE_BINARY, 2 },  { "<=", 7, DC_TREE_BINARY, 2 },
        { ">", 7, DC_TREE_BINARY, 2 },  { ">=", 7, DC_TREE_BINARY, 2 }
    };
    static const form_t logic[] = { { "&&", 5, DC_TREE_BINARY, 2 },
                                    { "or", 4, DC_TREE_BINARY, 2 },
                                    { "not ", 6, DC_TREE_UNARY, 1 } };
    static const form_t tests[] = { { "isnan", 20, DC_TREE_CALL, 1 },
                                    { "isinf", 20, DC_TREE_CALL, 1 },
                                    { "bool", 20, DC_TREE_CALL, 1 } };
    static const form_t inside[] = { { "in", 7, DC_TREE_BINARY, 2 } };
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
        dc_tree_node_t *node = new_node(maker, DC_TREE_NULL_TEST, DC_TYPE_BOOL);
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
    static const form_t concat[] = { { "+", 11, DC_TREE_BINARY, 2 } };
    static const form_t string_of[] = { { "string", 20, DC_TREE_CALL, 1 } };
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
