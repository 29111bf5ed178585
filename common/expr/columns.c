#include "common/expr/columns.h"

#include <math.h>
#include <stdlib.h>

#include "common/expr/scan.h"
#include "common/expr/vector.h"

// A vector of the longest code takes half of this.
#define ARENA_BYTES_MAX ((size_t)4 << 20)

struct dc_columns {
    const dc_code_t *code; // borrowed
    dc_arena_t arena;      // what the following live in
    dc_vector_t *vector;
    uint32_t *variables; // the variables that vary, by number: one a row of the vector
    uint16_t *regs;      // and their registers
    size_t row_count;
    const double **rows; // room for the columns of a run
    dc_reg_t *singles;   // a register file with what does not vary
    dc_vector_room_t room;
    bool is_bound; // the room has the singles, and they stay as they are
};

static bool is_number_or_bool(dc_type_t type)
{
    return type == DC_TYPE_NUMBER || type == DC_TYPE_BOOL;
}

static bool allocate(dc_columns_t *self)
{
    const dc_code_t *code = self->code;
    size_t count = code->declared_count + 1;
    self->variables = dc_arena_alloc(&self->arena, count, sizeof *self->variables);
    self->regs = dc_arena_alloc(&self->arena, count, sizeof *self->regs);
    self->rows = dc_arena_alloc(&self->arena, count, sizeof *self->rows);
    self->singles = dc_arena_alloc(&self->arena, code->reg_count, sizeof *self->singles);
    if (!self->variables || !self->regs || !self->rows || !self->singles) return false;
    memcpy(self->singles, code->regs, code->reg_count * sizeof *self->singles);
    return true;
}

static void list_rows(dc_columns_t *self, const bool *varies)
{
    const dc_code_t *code = self->code;
    for (uint32_t i = 0; i < code->declared_count; i++) {
        if (!code->variables[i].is_used || !varies[i]) continue;
        self->variables[self->row_count] = i;
        self->regs[self->row_count++] = code->variables[i].reg;
    }
}

static bool prepare(dc_columns_t *self, const bool *varies)
{
    const dc_code_t *code = self->code;
    if (!allocate(self)) return false;
    list_rows(self, varies);
    dc_arena_t scratch;
    dc_arena_init(&scratch, ARENA_BYTES_MAX);
    dc_flow_source_t source = { .code = code,
                                .rows = self->regs,
                                .row_count = self->row_count,
                                .fixed = dc_code_fixed(code, &scratch) };
    if (source.fixed) self->vector = dc_vector_new(&source, &scratch, &self->arena);
    dc_arena_fini(&scratch);
    return self->vector != NULL;
}

dc_columns_t *dc_columns_new(const dc_code_t *code, const bool *varies)
{
    if (code->ins_count == 0 || !is_number_or_bool(code->type)) return NULL;
    dc_columns_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->code = code;
    dc_arena_init(&self->arena, ARENA_BYTES_MAX);
    if (!prepare(self, varies)) dc_columns_destroy(&self);
    return self;
}

void dc_columns_destroy(dc_columns_t **self_p)
{
    dc_columns_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_vector_room_fini(&self->room);
    dc_arena_fini(&self->arena);
    free(self);
}

// --- a run -------------------------------------------------------------------------------------

static bool is_varying(const dc_columns_t *self, uint32_t variable)
{
    for (size_t i = 0; i < self->row_count; i++) {
        if (self->variables[i] == variable) return true;
    }
    return false;
}

static bool is_integer(double number)
{
    return isfinite(number) && number == trunc(number);
}

// Put the values of what does not vary into their registers; `has_inputs` says whether there are
// any, that is whether they may have others in the next block.
static bool load_singles(dc_columns_t *self, const dc_value_t *inputs, bool *has_inputs)
{
    const dc_code_t *code = self->code;
    *has_inputs = false;
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (!variable->is_used || variable->has_value || is_varying(self, i)) continue;
        if (inputs[i].type != variable->type || !is_number_or_bool(variable->type)) return false;
        if (variable->is_int && !is_integer(inputs[i].number)) return false;
        self->singles[variable->reg] = dc_reg_of_value(&inputs[i]);
        *has_inputs = true;
    }
    return true;
}

static void leave(dc_columns_block_t *block, size_t row)
{
    block->is_left[row] = true;
    block->has_left = true;
}

// Take the columns in their order; an int that is none is dc_engine_run's.
static void load_rows(dc_columns_t *self, dc_columns_block_t *block)
{
    for (size_t i = 0; i < self->row_count; i++) {
        const double *column = block->columns[self->variables[i]];
        self->rows[i] = column;
        if (!self->code->variables[self->variables[i]].is_int) continue;
        for (size_t row = 0; row < block->count; row++)
            if (!is_integer(column[row])) leave(block, row);
    }
}

static void leave_failed(const dc_columns_t *self, dc_columns_block_t *block)
{
    for (size_t row = 0; self->room.has_failed && row < block->count; row++)
        if (self->room.is_failed[row]) leave(block, row);
}

static void leave_infinite(const dc_columns_t *self, dc_columns_block_t *block)
{
    if (self->code->type != DC_TYPE_NUMBER || block->options.ieee) return;
    if (dc_scan_is_finite(block->values, block->count)) return;
    for (size_t row = 0; row < block->count; row++)
        if (!isfinite(block->values[row])) leave(block, row);
}

size_t dc_columns_length(const dc_columns_t *self)
{
    return dc_vector_length(self->vector);
}

uint64_t dc_columns_steps_min(const dc_columns_t *self)
{
    return self->code->folded_steps + self->code->main_steps + dc_vector_steps(self->vector);
}

static void count_steps(const dc_columns_t *self, dc_columns_block_t *block)
{
    block->steps = dc_columns_steps_min(self);
    block->more_steps = self->room.has_steps ? self->room.steps : NULL;
    if (!block->more_steps && block->steps <= block->steps_max) return;
    for (size_t row = 0; row < block->count; row++)
        if (dc_columns_steps(block, row) > block->steps_max) leave(block, row);
}

static bool bind(dc_columns_t *self, const dc_value_t *inputs)
{
    bool has_inputs;
    if (self->is_bound) return true;
    if (!load_singles(self, inputs, &has_inputs)) return false;
    if (!dc_vector_bind(self->vector, &self->room, self->singles)) return false;
    self->is_bound = !has_inputs;
    return true;
}

bool dc_columns_run(dc_columns_t *self, dc_columns_block_t *block)
{
    if (!bind(self, block->inputs)) return false;
    load_rows(self, block);
    block->values = dc_vector_run(self->vector, &self->room, self->rows, block->count);
    leave_failed(self, block);
    leave_infinite(self, block);
    count_steps(self, block);
    return true;
}
