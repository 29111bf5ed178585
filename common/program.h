// program — what is common to the jobs of a batch: how a job's bytes become inputs, and the
// expression over them.
//
// It travels as one frame, written by the client and read by slots only; to the broker it is
// opaque. The empty frame is the default program: each line is an expression. Anything else is
// JSON: {"v":1, "format":"csv", "template":"qty*price", "ieee":false, "timeout_ms":30000,
//  "steps_max":100000000000, "vars":[{"name":"qty","type":"number","null":false,"field":1}, ...],
//  "lets":[{"name":"k","number":3}, ...], "fields":4}
// Numbers that must keep their bits (lets) are written as text in canonical form.
//
// A program of wide numbers (common/numbers.h) has "v":2, "numbers":"exact" and constants such as
// {"name":"k","digits":"1/3"}: who knows version 1 only passes over members that it does not know,
// and would compute with doubles what was to be exact; so it must refuse.
#ifndef DC_COMMON_PROGRAM_H
#define DC_COMMON_PROGRAM_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "common/expr/expr.h"
#include "common/numbers.h"

// How the bytes of a job become its inputs.
typedef enum dc_format {
    DC_FORMAT_LINES,   // the line is the expression; with a template it is bound to `x`
    DC_FORMAT_CSV,     // RFC 4180 records; with a template its columns are variables
    DC_FORMAT_TSV,     // fields between tabs, no quotes
    DC_FORMAT_JSONL,   // an object a line; its members are variables
    DC_FORMAT_SHEET,   // lines, each with the names of the results that it gets (worker/cells.h)
    DC_FORMAT_DOUBLES, // fixed width: one binary64, little-endian, for each variable
    DC_FORMAT_POINTS,  // of wide numbers: the digits of each variable, as fields of TSV
} dc_format_t;

// Whether rows are records, which have fields; and whether they were made, and not read anywhere.
static inline bool dc_format_has_fields(dc_format_t format)
{
    return format == DC_FORMAT_CSV || format == DC_FORMAT_TSV || format == DC_FORMAT_POINTS;
}
static inline bool dc_format_is_made(dc_format_t format)
{
    return format == DC_FORMAT_DOUBLES || format == DC_FORMAT_POINTS;
}

// A variable that is bound to a part of each row.
typedef struct dc_program_var {
    dc_var_t var;
    uint32_t field; // which field of the record, from 0; DOUBLES: which double
} dc_program_var_t;

typedef struct dc_program {
    dc_format_t format;
    dc_str_t template; // empty: field `expr_field` (CSV, TSV), member "expr" (JSONL) or the line
    uint32_t expr_field;
    uint32_t field_count; // of records: how many they must have
    dc_numbers_t numbers;
    bool ieee;
    uint64_t timeout_ms; // of one job
    uint64_t steps_max;  // of one job
    dc_program_var_t *vars;
    size_t var_count;
    dc_var_t *lets; // constants: --let
    dc_value_t *let_values;
    size_t let_count;
} dc_program_t;

// The default program, with the limits' defaults.
void dc_program_init(dc_program_t *self);

// Append the frame; nothing for the default program.
void dc_program_encode(const dc_program_t *self, dc_buf_t *out);

// Read a frame; all that `self` then points to lives in `arena` or in `frame`.
// DC_ERR_PROTOCOL (it is not a program), DC_ERR_NOMEM; `diag` says what.
DC_MUST_USE dc_err_t dc_program_decode(dc_program_t *self, dc_str_t frame, dc_arena_t *arena,
                                       dc_diag_t *diag);

// Its variables, then its constants, as one list, and a value for each: null for a variable, until
// a row brings one. Both live in `arena`. False if memory is short.
DC_MUST_USE bool dc_program_join_vars(const dc_program_t *self, dc_arena_t *arena, dc_var_t **vars,
                                      dc_value_t **values);

#endif
