// reducer — the results of all rows become one value: --reduce.
//
// Rows are taken in order; those that failed are left out. Sums are exact and rounded once, a
// product has a tree that follows from the order (common/expr/partial.h, spread.h): so the digits
// are the same however many workers computed the rows.
#ifndef DC_CLIENT_CLI_RECIPE_REDUCER_H
#define DC_CLIENT_CLI_RECIPE_REDUCER_H

#include "common/expr/partial.h"
#include "common/expr/spread.h"
#include "common/expr/value.h"

// FIRST or X(operation, its name on the command line, the kind of its partial)
#define DC_REDUCER_LIST(FIRST, X)     \
    FIRST(SUM, "sum", SUM)            \
    X(PROD, "prod", PROD)             \
    X(LEAST, "least", LEAST)          \
    X(GREATEST, "greatest", GREATEST) \
    X(MEAN, "mean", MEAN)             \
    X(COUNT, "count", COUNT)          \
    X(ANY, "any", ANY)                \
    X(ALL, "all", ALL)                \
    X(ARGMIN, "argmin", ARGMIN)       \
    X(ARGMAX, "argmax", ARGMAX)       \
    X(VAR, "var", SUM)                \
    X(STD, "std", SUM)

typedef enum dc_reducer_op {
#define X(op, name, kind) DC_REDUCER_##op,
    DC_REDUCER_LIST(X, X)
#undef X
} dc_reducer_op_t;

// The option's choices, in the order of the operations.
#define DC_REDUCER_FIRST(op, name, kind) name
#define DC_REDUCER_NEXT(op, name, kind)  " " name
#define DC_REDUCER_CHOICES               DC_REDUCER_LIST(DC_REDUCER_FIRST, DC_REDUCER_NEXT)

typedef struct dc_reducer {
    dc_reducer_op_t op;
    dc_partial_t partial; // of all but VAR and STD
    dc_spread_t spread;   // of these
    double values[DC_BLOCK_ROWS];
    uint64_t rows[DC_BLOCK_ROWS]; // which rows these are
    uint32_t count;               // of them: they are taken a block at a time
    uint64_t chosen_row;          // of ARGMIN and ARGMAX
} dc_reducer_t;

void dc_reducer_init(dc_reducer_t *self, dc_reducer_op_t op);

const char *dc_reducer_name(dc_reducer_op_t op);

// The operation of that name. False if there is none.
DC_MUST_USE bool dc_reducer_find(dc_str_t name, dc_reducer_op_t *op);

// Why results of `type` cannot be reduced so: what to say behind the operation's name. NULL if they
// can.
const char *dc_reducer_refusal(dc_reducer_op_t op, dc_type_t type);

// Take the result line of row `row` (from 1). Any error says why it cannot be, in `diag`; it is
// left out then.
DC_MUST_USE dc_err_t dc_reducer_take(dc_reducer_t *self, uint64_t row, dc_str_t result,
                                     dc_diag_t *diag);

// The value of all rows. With `ieee` it may be infinite or NaN; else that is DC_ERR_OVERFLOW.
// DC_ERR_NO_TERMS: there are too few rows. Told in `diag`.
DC_MUST_USE dc_err_t dc_reducer_finish(dc_reducer_t *self, bool ieee, dc_value_t *value,
                                       dc_diag_t *diag);

#endif
