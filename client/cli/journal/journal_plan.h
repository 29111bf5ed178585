// journal_plan — what the results of a batch depend on, besides its rows: in words, so that a
// person can be told what has changed since.
//
// It has the template, what numbers are, constants, types, --ieee, --verify, the format of the
// input, its columns as far as they count, and the engine's version. How results are written (-o,
// -p, --reduce) is not in it: a journal has them as they came, and they are written anew. Limits of
// time are not: what they end is tried again.
#ifndef DC_CLIENT_CLI_JOURNAL_JOURNAL_PLAN_H
#define DC_CLIENT_CLI_JOURNAL_JOURNAL_PLAN_H

#include "client/cli/recipe/recipe.h"

// Append the plan of a recipe that is finished: a name and a text for each part, both with a NUL
// behind them.
void dc_journal_plan_put(dc_buf_t *out, const dc_recipe_t *recipe, bool ieee, bool verify);

// Where two plans differ first.
typedef struct dc_journal_plan_difference {
    dc_str_t name;      // of the part, for people
    dc_str_t then, now; // borrowed from the plans
} dc_journal_plan_difference_t;

// False if they are the same.
bool dc_journal_plan_differs(dc_str_t then, dc_str_t now, dc_journal_plan_difference_t *difference);

#endif
