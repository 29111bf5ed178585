// recipe — what a batch is to do, worked out and checked before anything is sent: the columns, the
// constants, the template, and the program that tells workers all of it.
//
// Calling sequence: dc_recipe_init; dc_constants_add for each --let; one of dc_recipe_set_lines,
// dc_recipe_set_header, dc_recipe_set_members, dc_recipe_set_ranges, which makes the columns;
// dc_recipe_set_types; dc_recipe_finish; then `layout`, `sweep` and `program` are there.
//
// What can be wrong is wrong usage: the calls return 0 or an exit status (EX_USAGE, EX_DATAERR),
// and have then told why through `messages`.
#ifndef DC_CLIENT_CLI_RECIPE_RECIPE_H
#define DC_CLIENT_CLI_RECIPE_RECIPE_H

#include "client/cli/recipe/constants.h"
#include "client/cli/recipe/layout.h"
#include "client/cli/recipe/points.h"
#include "client/cli/recipe/sweep.h"

typedef struct dc_recipe {
    dc_layout_t layout; // all of these point into the arena
    dc_sweep_t sweep;   // of ranges
    dc_points_t points; // of ranges of wide numbers: owned
    dc_type_t type;     // of the template's values
    dc_constants_t lets;
    dc_buf_t program;        // owned: the frame
    dc_arena_t arena;        // owned
    dc_messages_t *messages; // borrowed
} dc_recipe_t;

void dc_recipe_init(dc_recipe_t *self, dc_numbers_t numbers, dc_messages_t *messages);
void dc_recipe_fini(dc_recipe_t *self);

// Rows are lines: expressions, or with a template values of `x`.
DC_MUST_USE int dc_recipe_set_lines(dc_recipe_t *self, dc_str_t template);

// Rows are the cells of a sheet.
DC_MUST_USE int dc_recipe_set_sheet(dc_recipe_t *self);

// Rows are records with the columns that `header` names. `format` is DC_FORMAT_CSV or
// DC_FORMAT_TSV.
DC_MUST_USE int dc_recipe_set_header(dc_recipe_t *self, dc_format_t format, dc_str_t header,
                                     dc_str_t template);

// Rows are JSON objects; the template says which of their members count.
DC_MUST_USE int dc_recipe_set_members(dc_recipe_t *self, dc_str_t template);

// Rows are the points of ranges, `NAME=A:B[:STEP]` each, where all three are expressions.
DC_MUST_USE int dc_recipe_set_ranges(dc_recipe_t *self, const char *const *texts, size_t count,
                                     dc_str_t template);

// Declare types: `NAME:TYPE[?],...` with number, int, bool, string.
DC_MUST_USE int dc_recipe_set_types(dc_recipe_t *self, const char *text);

// Check the template against the columns, and write the program.
DC_MUST_USE int dc_recipe_finish(dc_recipe_t *self, bool ieee, uint64_t timeout_ms);

// Behind that: of JSON rows, make all members of `object`, which is the first, columns in their
// order; those that it lacks and the template uses follow. The program stays.
DC_MUST_USE int dc_recipe_add_members(dc_recipe_t *self, dc_str_t object);

#endif
