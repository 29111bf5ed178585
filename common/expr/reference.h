// reference — what the language has, in the order in which people are told.
//
// Help and the manual are made from it. Names, arguments, domains and errors of functions over
// numbers are the engine's own (math.h), and so are those of reductions (reduction.h); what else is
// here is compared with the parser by tests/unit/test_reference.c.
#ifndef DC_COMMON_EXPR_REFERENCE_H
#define DC_COMMON_EXPR_REFERENCE_H

#include "common/base.h"
#include "common/str.h"

// A level of operators; each binds more tightly than those before it.
typedef struct dc_reference_level {
    const char *tokens; // "|| or", between blanks
    const char *groups; // "left", "right", "no": how equal ones do; "prefix": they stand in front
    const char *help;   // without a full stop
} dc_reference_level_t;

// The next one, from the loosest on: `*at` is 0 before the first. NULL if there are no more.
const dc_reference_level_t *dc_reference_next_level(size_t *at);

// The families of functions, in order.
#define DC_REFERENCE_FAMILIES_MAX 8
// What family `index` is called; NULL behind the last.
const char *dc_reference_family(size_t index);

typedef struct dc_reference_function {
    const char *name;
    dc_str_t args;      // "x[, digits]"
    const char *help;   // without a full stop
    const char *domain; // where it is defined, if not everywhere; else NULL
    double error_ulp; // its bound in units of the last place, 0.5: correctly rounded; 0: no number
                      // that is rounded
} dc_reference_function_t;

// The next function of that family, likewise. False if there are no more.
bool dc_reference_next_function(size_t family, size_t *at, dc_reference_function_t *function);

#endif
