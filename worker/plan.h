// plan — a program that is ready to run: decoded, compiled, with a reader for its rows.
#ifndef DC_WORKER_PLAN_H
#define DC_WORKER_PLAN_H

#include "common/program.h"
#include "common/rows.h"
#include "common/wide/wide.h"
#include "worker/row_block.h"

typedef struct dc_plan {
    char *frame;               // owned: the bytes that it was made from
    size_t frame_bytes;        //
    dc_arena_t arena;          // what `program` and the lists below live in
    dc_program_t program;      //
    dc_var_t *vars;            // the program's variables, then its constants
    dc_value_t *inputs;        // a value for each; the constants' stay
    size_t var_count;          // of both together
    dc_code_t *code;           // owned; NULL if each job is an expression of its own
    dc_wide_t *wide;           // owned: what evaluates with wide numbers; NULL: they are doubles
    dc_wide_code_t *wide_code; // owned: then this, and not `code`, is the template's
    dc_rows_t *rows;           // owned
    dc_row_block_t *block;     // owned; NULL if rows are evaluated one by one
    dc_err_t err;              // why it cannot run, with `diag`; DC_OK if it can
    dc_diag_t diag;
    uint64_t used; // when it was used last, as the evaluator counts
} dc_plan_t;

// Make a plan from `frame`, compiled by `engine`. A program that is wrong gives a plan that says
// why. NULL if memory is short.
dc_plan_t *dc_plan_new(dc_engine_t *engine, dc_str_t frame);

// Destroy it, before its engine.
void dc_plan_destroy(dc_plan_t **self_p);

// Was it made from these bytes?
static inline bool dc_plan_is(const dc_plan_t *self, dc_str_t frame)
{
    return self->frame_bytes == frame.len &&
           (frame.len == 0 || memcmp(self->frame, frame.data, frame.len) == 0);
}

#endif
