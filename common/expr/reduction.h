// reduction — a function that evaluates its first argument for many values of a name.
//
// `sum(f, k, a, b)` binds k in f. The code of f is a region of its own, which is jumped over, ends
// in YIELD and has registers that nobody else has; behind it stands the code of the bounds, and
// then REDUCE, which names the reduction. So f can be evaluated as often as it takes, by whichever
// executor, and none of its registers is live outside but those that it only reads.
#ifndef DC_COMMON_EXPR_REDUCTION_H
#define DC_COMMON_EXPR_REDUCTION_H

#include "common/base.h"
#include "common/str.h"

// X(name, text, arguments: from, to, f is a bool, the result is a bool, terms, arguments in words)
//
// Those up to ARGMAX count from a to b; the others choose the values of their variable themselves,
// and look at so many terms at least.
#define DC_REDUCE_LIST(X)                                                         \
    X(SUM, "sum", 4, 5, false, false, 0, "f, k, a, b[, step]")                    \
    X(PROD, "prod", 4, 5, false, false, 0, "f, k, a, b[, step]")                  \
    X(MEAN, "mean", 4, 5, false, false, 0, "f, k, a, b[, step]")                  \
    X(COUNT, "count", 4, 5, true, false, 0, "condition, k, a, b[, step]")         \
    X(ANY, "any", 4, 5, true, true, 0, "condition, k, a, b[, step]")              \
    X(ALL, "all", 4, 5, true, true, 0, "condition, k, a, b[, step]")              \
    X(LEAST, "least", 4, 5, false, false, 0, "f, k, a, b[, step]")                \
    X(GREATEST, "greatest", 4, 5, false, false, 0, "f, k, a, b[, step]")          \
    X(ARGMIN, "argmin", 4, 5, false, false, 0, "f, k, a, b[, step]")              \
    X(ARGMAX, "argmax", 4, 5, false, false, 0, "f, k, a, b[, step]")              \
    X(INTEGRATE, "integrate", 4, 5, false, false, 128, "f, x, a, b[, tolerance]") \
    X(SOLVE, "solve", 4, 4, false, false, 2, "f, x, a, b")                        \
    X(DIFF, "diff", 3, 3, false, false, 81, "f, x, at")

typedef enum dc_reduce {
#define X(name, text, from, to, of_bools, is_bool, terms, args) DC_REDUCE_##name,
    DC_REDUCE_LIST(X)
#undef X
} dc_reduce_t;

enum {
    DC_REDUCE_KINDS = DC_REDUCE_DIFF + 1
};

typedef struct dc_reduce_info {
    const char *name;
    uint8_t args_min, args_max; // with f and the name
    bool of_bools;              // f is a bool, else a number
    bool is_bool;               // so is the result
    uint8_t terms;              // looked at at least, unless they are a range's
    const char *args;           // for messages and help
} dc_reduce_info_t;
extern const dc_reduce_info_t dc_reduce_infos[DC_REDUCE_KINDS];

// The one that is called `name`. False if there is none.
bool dc_reduce_find(dc_str_t name, dc_reduce_t *kind);

static inline bool dc_reduce_is_range(dc_reduce_t kind)
{
    return kind <= DC_REDUCE_ARGMAX;
}

// May one term decide, so that those behind it are not looked at?
static inline bool dc_reduce_may_stop(dc_reduce_t kind)
{
    return kind == DC_REDUCE_ANY || kind == DC_REDUCE_ALL;
}

// The arguments behind the name: a, b and step or tolerance; `at` alone.
#define DC_REDUCE_ARGS_MAX 3

typedef struct dc_reduction {
    dc_reduce_t kind;
    uint32_t entry, end;               // the region of f, half-open, with its YIELD
    uint32_t at;                       // the REDUCE
    uint32_t steps;                    // charged for one term, without the reductions inside of it
    uint16_t variable;                 // register of the name
    uint16_t value;                    // register that f leaves its value in
    uint16_t args[DC_REDUCE_ARGS_MAX]; // registers of the arguments behind the name
    uint8_t arg_count;
    double cost;  // steps that one term takes at least, all told
    double terms; // how many are evaluated at least, as far as constants tell
} dc_reduction_t;

#endif
