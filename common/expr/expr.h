// expr — the door of the engine: text in, typed code, values out.
//
// An engine compiles expressions and evaluates them. It belongs to one thread, keeps its memory and
// uses it again, so that evaluating a line allocates nothing once it has warmed up. There are two
// ways through it:
//
//   a distinct expression     dc_engine_eval(engine, text, ...)          parse, fold, run, at once
//   a template over rows      dc_code_t *code; dc_engine_compile(...)    once
//                             dc_engine_run(engine, code, inputs, ...)   per row
//
// Both give the same bits, as does columns.h, which takes many rows of a template at once; task.h
// is for parts of a job. A fault is a dc_diag_t: code, byte column and width in the text, and a
// sentence. What expressions mean is told in the README; the rules for the last bit in math.h.
#ifndef DC_COMMON_EXPR_EXPR_H
#define DC_COMMON_EXPR_EXPR_H

#include <stdatomic.h>

#include "common/err.h"
#include "common/expr/value.h"

struct dc_task;

typedef struct dc_engine dc_engine_t;
typedef struct dc_code dc_code_t;

// What a variable may hold.
typedef enum dc_var_type {
    DC_VAR_ANY, // by use: string where compared with one, bool where one must stand, else number
    DC_VAR_NUMBER,
    DC_VAR_INT, // a number that must be integral
    DC_VAR_BOOL,
    DC_VAR_STRING,
} dc_var_type_t;

// What a variable is declared as that holds a value of this type. Of null nothing is known.
static inline dc_var_type_t dc_var_type_of(dc_type_t type)
{
    switch (type) {
    case DC_TYPE_NULL: return DC_VAR_ANY;
    case DC_TYPE_NUMBER:
    case DC_TYPE_DIGITS: return DC_VAR_NUMBER;
    case DC_TYPE_BOOL: return DC_VAR_BOOL;
    case DC_TYPE_STRING: return DC_VAR_STRING;
    }
    return DC_VAR_ANY;
}

// A declared variable.
typedef struct dc_var {
    dc_str_t name;      // borrowed while compiling
    dc_var_type_t type; // after compiling: never DC_VAR_ANY if the expression uses it
    bool nullable;      // may be null; else null in it is a fault before the expression runs. After
                        // compiling also true where the expression itself handles null (??, isnull)
    bool is_used;       // set by the compiler
} dc_var_t;

// What one evaluation may use up, and who can stop it.
typedef struct dc_budget {
    uint64_t steps_max;        // operations; DC_ERR_STEPS beyond
    dc_us_t deadline_us;       // on dc_clock_awake_us(); DC_ERR_TIME beyond; 0 for none
    const atomic_bool *cancel; // DC_ERR_CANCELLED when it becomes true; may be NULL
    // What part of the job is wanted, and when it is to be split; DC_ERR_CANCELLED where it says
    // how the evaluation has ended, see task.h. NULL: all of it, here.
    struct dc_task *task;
    uint64_t steps_used; // out, also after a fault
} dc_budget_t;

typedef struct dc_eval_options {
    bool ieee; // let the value be infinite or NaN instead of a fault
} dc_eval_options_t;

// "1": two engines with the same version give the same bits for everything.
const char *dc_engine_version(void);

// False, and why in `reason` (static text), if this processor lacks what equal bits need. Ask
// before anything of this room computes: none of it asks again.
bool dc_engine_is_supported(const char **reason);

// The name of function number `index`, as people may call them; NULL behind the last.
const char *dc_engine_function(size_t index);

// Likewise of the constants, true, false and null included.
const char *dc_engine_constant(size_t index);

// Create an engine. NULL if memory is short.
dc_engine_t *dc_engine_new(void);

// Destroy it and set `*self_p` to NULL; a NULL engine is fine. Compiled code must have gone before.
void dc_engine_destroy(dc_engine_t **self_p);

// Evaluate `text` with constant variables `vars[i]` = `values[i]` (both may be NULL if var_count is
// 0; borrowed for the call). `budget` gives limits and gets the steps.
// On success `*value` is set; a string in it lives until the engine is used again.
// On failure `*diag` says what and where. DC_ERR_NOMEM where memory is short.
DC_MUST_USE dc_err_t dc_engine_eval(dc_engine_t *self, dc_str_t text, const dc_var_t *vars,
                                    const dc_value_t *values, size_t var_count,
                                    dc_eval_options_t options, dc_budget_t *budget,
                                    dc_value_t *value, dc_diag_t *diag);

// Compile `text` for many rows. `vars` are declared; types by use, nullable and is_used are filled
// in. The caller owns `*code` and gives it back with dc_code_destroy; it holds copies of all that
// it needs of `text` and `vars`.
DC_MUST_USE dc_err_t dc_engine_compile(dc_engine_t *self, dc_str_t text, dc_var_t *vars,
                                       size_t var_count, dc_code_t **code, dc_diag_t *diag);

// Destroy compiled code and set `*code_p` to NULL; NULL is fine.
void dc_code_destroy(dc_code_t **code_p);

// The type of the values that `code` gives, as far as types alone tell (a `?:` or `??` over null
// may also give null).
dc_type_t dc_code_type(const dc_code_t *code);

// Evaluate `code` with `inputs[i]` for the variable i that was declared (a DC_TYPE_NULL input where
// the variable is not nullable is DC_ERR_NULL; an input of another type than declared is
// DC_ERR_TYPE; inputs of variables that are not used are not looked at). Otherwise as
// dc_engine_eval; columns are those of the compiled text.
DC_MUST_USE dc_err_t dc_engine_run(dc_engine_t *self, const dc_code_t *code,
                                   const dc_value_t *inputs, dc_eval_options_t options,
                                   dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag);

#endif
