// constants — what --let binds, and the values of expressions that need no row.
//
// Each call returns 0 or an exit status (EX_USAGE, EX_TEMPFAIL), and has then said why through
// `messages`. Names and values live in the arena, which is the caller's, as is all that is
// borrowed.
#ifndef DC_CLIENT_CLI_RECIPE_CONSTANTS_H
#define DC_CLIENT_CLI_RECIPE_CONSTANTS_H

#include "client/cli/text/messages.h"
#include "common/arena.h"
#include "common/wide/calculator.h"

typedef struct dc_constants {
    dc_var_t *vars;              // in the arena, as are `values`
    dc_value_t *values;          //
    size_t count;                //
    dc_numbers_t numbers;        // what numbers are
    dc_calculator_t *calculator; // owned; NULL until it is needed, since it takes time to start
    dc_arena_t *arena;           // borrowed
    dc_messages_t *messages;     // borrowed
} dc_constants_t;

void dc_constants_init(dc_constants_t *self, dc_numbers_t numbers, dc_arena_t *arena,
                       dc_messages_t *messages);
void dc_constants_fini(dc_constants_t *self);

// The calculator, which is this object's; NULL if memory is short.
dc_calculator_t *dc_constants_calculator(dc_constants_t *self);

// Bind a constant from `NAME=VALUE` of option --let, where the value is an expression over those
// that are bound already.
DC_MUST_USE int dc_constants_add(dc_constants_t *self, const char *text);

// Evaluate an expression that must be a number, or digits where numbers are wide, for what `option`
// calls `name`.
DC_MUST_USE int dc_constants_number(dc_constants_t *self, const char *option, dc_str_t name,
                                    dc_str_t text, dc_value_t *number);

// Cut `text` at its first `=` into a name, whose braces are dropped, and what follows. False if
// there is no sign or no name.
bool dc_constants_split(const char *text, dc_str_t *name, dc_str_t *rest);

// A name as expressions may write it, without the braces.
dc_str_t dc_constants_strip_braces(dc_str_t name);

// Tell what is wrong with the expression `source` that `option` has, for `name` if that is not
// empty.
int dc_constants_complain(dc_constants_t *self, const char *option, dc_str_t name,
                          const dc_diag_t *diag, dc_str_t source);

#endif
