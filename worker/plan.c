#include "worker/plan.h"

#include <stdlib.h>

#include "common/limits.h"

static dc_err_t decode(dc_plan_t *self)
{
    dc_str_t frame = dc_str(self->frame, self->frame_bytes);
    if (frame.len > DC_PROGRAM_BYTES_MAX) {
        return dc_diag_set(&self->diag, DC_ERR_TOO_LONG, 0, 0, "the batch's program is too long");
    }
    return dc_program_decode(&self->program, frame, &self->arena, &self->diag);
}

static dc_err_t join_vars(dc_plan_t *self)
{
    const dc_program_t *program = &self->program;
    self->var_count = program->var_count + program->let_count;
    bool is_joined = dc_program_join_vars(program, &self->arena, &self->vars, &self->inputs);
    return is_joined ? DC_OK : dc_diag_set_no_memory(&self->diag);
}

static dc_err_t compile(dc_plan_t *self, dc_engine_t *engine)
{
    dc_str_t template = self->program.template;
    if (!dc_numbers_are_double(self->program.numbers)) {
        self->wide = dc_wide_new(self->program.numbers);
        if (!self->wide) return dc_diag_set_no_memory(&self->diag);
    }
    if (template.len == 0) return DC_OK;
    if (self->wide) {
        return dc_wide_compile(self->wide, template, self->vars, self->var_count, &self->wide_code,
                               &self->diag);
    }
    return dc_engine_compile(engine, template, self->vars, self->var_count, &self->code,
                             &self->diag);
}

static dc_err_t prepare(dc_plan_t *self, dc_engine_t *engine)
{
    dc_err_t err = decode(self);
    if (!err) err = join_vars(self);
    if (!err) err = compile(self, engine);
    if (err) return err;
    self->rows = dc_rows_new(&self->program, self->vars);
    if (!self->rows) return dc_diag_set_no_memory(&self->diag);
    if (self->code) {
        self->block =
            dc_row_block_new(&self->program, self->vars, self->inputs, self->code, self->rows);
    }
    return DC_OK;
}

dc_plan_t *dc_plan_new(dc_engine_t *engine, dc_str_t frame)
{
    dc_plan_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_arena_init(&self->arena, DC_PROGRAM_ARENA_BYTES_MAX);
    dc_program_init(&self->program);
    self->frame = malloc(frame.len + 1);
    if (!self->frame) {
        dc_plan_destroy(&self);
        return NULL;
    }
    if (frame.len) memcpy(self->frame, frame.data, frame.len);
    self->frame_bytes = frame.len;
    self->err = prepare(self, engine);
    if (self->err == DC_ERR_NOMEM) dc_plan_destroy(&self);
    return self;
}

void dc_plan_destroy(dc_plan_t **self_p)
{
    dc_plan_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_row_block_destroy(&self->block);
    dc_rows_destroy(&self->rows);
    dc_code_destroy(&self->code);
    dc_wide_code_destroy(&self->wide_code);
    dc_wide_destroy(&self->wide);
    dc_arena_fini(&self->arena);
    free(self->frame);
    free(self);
}
