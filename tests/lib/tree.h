// tree — expressions as trees, made at random, printed, and evaluated by walking over them.
//
// The walk is the plainest evaluator there can be, and knows nothing of the engine but the
// functions of math.h, exact.h and product.h, which define the last bit. The engine must agree with
// it, value by value and fault by fault. A tree is typed, so it always compiles; it may well have
// faults when it is evaluated.
#ifndef DC_TESTS_LIB_TREE_H
#define DC_TESTS_LIB_TREE_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "common/expr/value.h"

typedef struct dc_tree_node dc_tree_node_t;

#define DC_TREE_LEAVES_MAX    200
#define DC_TREE_FUNCTIONS_MAX 2

typedef struct dc_tree {
    dc_tree_node_t *root;
    dc_tree_node_t *bodies[DC_TREE_FUNCTIONS_MAX]; // of local functions f0(p, q), f1(p, q)
    size_t function_count;
    dc_value_t leaves[DC_TREE_LEAVES_MAX]; // its constants, in the order in which they were made
    bool is_constant[DC_TREE_LEAVES_MAX];  // not to be printed as a variable; false at first
    size_t leaf_count;
    dc_arena_t arena; // owns the nodes
} dc_tree_t;

// Make the tree that `seed` stands for. Its memory is the caller's to free with dc_tree_fini.
void dc_tree_init(dc_tree_t *self, uint64_t seed);
void dc_tree_fini(dc_tree_t *self);

// The same, without null and strings, and with all built-in functions.
void dc_tree_init_plain(dc_tree_t *self, uint64_t seed);

// Give each leaf another value of its type.
void dc_tree_change_leaves(dc_tree_t *self, uint64_t seed);

// Print it with no more parentheses than needed, but some. Leaf number i is printed as its
// constant, or as the variable v{i} if `with_variables`.
void dc_tree_print(const dc_tree_t *self, bool with_variables, dc_buf_t *out);

// Walk over it. A fault is returned (DC_ERR_NULL, DC_ERR_INTEGER, DC_ERR_DOMAIN, DC_ERR_OVERFLOW,
// DC_ERR_NUMBER, DC_ERR_NO_TERMS); a value that is not finite is a value. Strings in it live as
// long as the tree.
DC_MUST_USE dc_err_t dc_tree_evaluate(dc_tree_t *self, dc_value_t *value);

#endif
