// scope — the names that a text may use at one place of it: variables, local definitions,
// parameters.
//
// A later name hides an earlier one of the same spelling until it is popped. Names of constants and
// built-in functions are not here. The scope's memory is its symbols', and is gone with these.
//
// Names are in a table of hashes. As they are the text's, and may be made to be slow, those of one
// place there are in a tree that branches where their bits differ (Morrison's Patricia, 1968): to
// find or push one takes at most as many steps as it has bits, whatever the others are.
#ifndef DC_COMMON_EXPR_SCOPE_H
#define DC_COMMON_EXPR_SCOPE_H

#include "common/arena.h"
#include "common/expr/operand.h"
#include "common/suggest.h"

typedef enum dc_symbol_kind {
    DC_SYMBOL_VARIABLE,  // declared outside
    DC_SYMBOL_PARAMETER, // of the local function whose body this is
    DC_SYMBOL_LOCAL,     // name = ...;
    DC_SYMBOL_FUNCTION,  // name(...) = ...;
} dc_symbol_kind_t;

typedef struct dc_symbol {
    dc_str_t name; // borrowed
    dc_symbol_kind_t kind;
    uint32_t index;       // of the variable, parameter or function in its list
    dc_operand_t operand; // what a LOCAL is worth

    // The scope's.
    struct dc_symbol *prev;   // pushed before
    struct dc_symbol *node;   // the one in the tree that has this spelling
    struct dc_symbol *hidden; // the one of this spelling that it hides; if it is not `node`
    // Of a node in the tree:
    struct dc_symbol *shown; // of its spelling the last
    struct dc_symbol **link; // what leads to it from above
    struct dc_symbol
        *sides[2]; // where names go on whose bit is 0, or 1; back up where one is found
    size_t bit;    // which bit that is
} dc_symbol_t;

#define DC_SCOPE_TREES 64

typedef struct dc_scope {
    size_t count;
    dc_symbol_t *last;                  // the one pushed last
    dc_symbol_t *roots[DC_SCOPE_TREES]; // of names of values, and of functions, by turns
} dc_scope_t;

// Forget all names. Costs nothing if there are none; a new scope is all zeros.
void dc_scope_clear(dc_scope_t *self);

// Add `symbol`, which the scope borrows; its name and kind are set.
void dc_scope_push(dc_scope_t *self, dc_symbol_t *symbol);

// Take the names off again that were pushed last, until `count` are left.
void dc_scope_pop_to(dc_scope_t *self, size_t count);

// The name pushed last of this spelling that is a function, or is none; NULL if there is none.
dc_symbol_t *dc_scope_find(const dc_scope_t *self, dc_str_t name, bool is_function);

// Offer all functions, or all others, to a search for the nearest name.
void dc_scope_suggest(const dc_scope_t *self, bool is_function, dc_suggest_t *suggest);

#endif
