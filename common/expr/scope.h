// scope — the names that a text may use at one place of it: variables, local definitions,
// parameters.
//
// A later name hides an earlier one of the same spelling until it is popped. Names of constants and
// built-in functions are not here. The scope's memory is an arena's, and is gone with its reset.
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
    uint32_t index;         // of the variable, parameter or function in its list
    dc_operand_t operand;   // what a LOCAL is worth
    struct dc_symbol *next; // the scope's: in the same bucket
    struct dc_symbol *prev; // the scope's: pushed before
} dc_symbol_t;

#define DC_SCOPE_BUCKETS 64

typedef struct dc_scope {
    size_t count;
    dc_symbol_t *last; // the one pushed last
    dc_symbol_t *buckets[DC_SCOPE_BUCKETS];
} dc_scope_t;

// Forget all names. Costs nothing if there are none; a new scope is all zeros.
void dc_scope_clear(dc_scope_t *self);

// Add `symbol`, which the scope borrows; its name is set.
void dc_scope_push(dc_scope_t *self, dc_symbol_t *symbol);

// Take the names off again that were pushed last, until `count` are left.
void dc_scope_pop_to(dc_scope_t *self, size_t count);

// The name pushed last of this spelling that is a function, or is none; NULL if there is none.
dc_symbol_t *dc_scope_find(const dc_scope_t *self, dc_str_t name, bool is_function);

// Offer all functions, or all others, to a search for the nearest name.
void dc_scope_suggest(const dc_scope_t *self, bool is_function, dc_suggest_t *suggest);

#endif
