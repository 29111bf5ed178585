// tree_part — what tree.c, which makes trees, tree_print.c and tree_walk.c share of dc_tree_node_t.
#ifndef DC_TESTS_LIB_TREE_PART_H
#define DC_TESTS_LIB_TREE_PART_H

#include "tests/lib/tree.h"

typedef enum dc_tree_kind {
    DC_TREE_LEAF,
    DC_TREE_PARAM,  // of the function whose body this is
    DC_TREE_BINARY, // an operator of `text`
    DC_TREE_UNARY,
    DC_TREE_CONDITION,
    DC_TREE_COALESCE,
    DC_TREE_NULL_TEST, // == null
    DC_TREE_CALL,      // a built-in function
    DC_TREE_LOCAL,     // a local one
    DC_TREE_REDUCE,    // a reduction: of its one child, over a range
    DC_TREE_BOUND,     // the variable of a reduction around this
    DC_TREE_NULL_LEAF,
} dc_tree_kind_t;

// Reductions inside each other.
#define DC_TREE_BOUND_MAX 2

struct dc_tree_node {
    dc_tree_kind_t kind;
    dc_type_t type;
    const char *text;      // of the operator or function
    int power;             // how tightly it binds, as in LANGUAGE's table from 1 for the loosest
    size_t index;          // of the leaf, parameter, local function or bound variable
    double from, to, step; // of a range
    size_t child_count;
    dc_tree_node_t *children[4];
};

#endif
