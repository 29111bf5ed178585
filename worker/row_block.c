#include "worker/row_block.h"

#include <stdlib.h>

#include "common/expr/columns.h"
#include "worker/number_rows.h"

struct dc_row_block {
    const dc_program_t *program; // borrowed, like the next
    dc_value_t *inputs;
    dc_rows_t *rows;
    dc_type_t type; // of the values
    dc_columns_t *prepared;
    dc_number_rows_t *numbers; // NULL if the rows are not only numbers
    double *memory;            // owned: the columns' rows
    double **columns;          // owned: of each variable that is used, else NULL
    dc_str_t jobs[DC_BLOCK_ROWS];
    dc_columns_block_t block;
    const char *limit; // where the bytes end that the jobs are parts of
    bool has_values;
};

static bool is_number_or_bool(const dc_var_t *var)
{
    return var->type == DC_VAR_NUMBER || var->type == DC_VAR_INT || var->type == DC_VAR_BOOL;
}

static size_t count_used(const dc_program_t *program, const dc_var_t *vars)
{
    size_t count = 0;
    for (size_t i = 0; i < program->var_count; i++)
        count += vars[i].is_used;
    return count;
}

// Only what is used needs a column, and only numbers and bools can have one.
static bool make_columns(dc_row_block_t *self, const dc_var_t *vars)
{
    size_t count = self->program->var_count;
    self->columns = calloc(count + 1, sizeof *self->columns);
    size_t bytes = (count_used(self->program, vars) + 1) * DC_BLOCK_ROWS * sizeof *self->memory;
    self->memory = aligned_alloc(DC_BLOCK_ALIGNMENT, bytes);
    if (!self->columns || !self->memory) return false;
    memset(self->memory, 0, bytes);
    double *column = self->memory;
    for (size_t i = 0; i < count; i++) {
        if (!vars[i].is_used) continue;
        if (!is_number_or_bool(&vars[i])) return false;
        self->columns[i] = column;
        column += DC_BLOCK_ROWS;
    }
    return true;
}

static bool prepare(dc_row_block_t *self, const dc_var_t *vars, const dc_code_t *code)
{
    size_t count = self->program->var_count + self->program->let_count;
    bool *varies = calloc(count + 1, sizeof *varies);
    if (!varies) return false;
    memset(varies, true, self->program->var_count * sizeof *varies);
    if (make_columns(self, vars)) self->prepared = dc_columns_new(code, varies);
    free(varies);
    return self->prepared != NULL;
}

dc_row_block_t *dc_row_block_new(const dc_program_t *program, const dc_var_t *vars,
                                 dc_value_t *inputs, const dc_code_t *code, dc_rows_t *rows)
{
    dc_row_block_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->program = program;
    self->inputs = inputs;
    self->rows = rows;
    self->type = dc_code_type(code);
    if (prepare(self, vars, code)) {
        self->numbers = dc_number_rows_new(program, vars, self->columns);
    } else {
        dc_row_block_destroy(&self);
    }
    return self;
}

void dc_row_block_destroy(dc_row_block_t **self_p)
{
    dc_row_block_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_number_rows_destroy(&self->numbers);
    dc_columns_destroy(&self->prepared);
    free(self->columns);
    free(self->memory);
    free(self);
}

void dc_row_block_clear(dc_row_block_t *self, const char *limit)
{
    self->limit = limit;
    self->block.count = 0;
    self->has_values = false;
}

// Any row at all, by the reader that knows them all. False if a cell is null or does not fit.
static bool read_row(dc_row_block_t *self, dc_str_t job, size_t row)
{
    dc_str_t text;
    size_t column;
    dc_diag_t diag;
    if (dc_rows_read(self->rows, job, self->inputs, &text, &column, &diag)) return false;
    for (size_t i = 0; i < self->program->var_count; i++) {
        const dc_value_t *input = &self->inputs[i];
        if (!self->columns[i]) continue;
        if (input->type != DC_TYPE_NUMBER && input->type != DC_TYPE_BOOL) return false;
        self->columns[i][row] =
            input->type == DC_TYPE_BOOL ? (double)input->boolean : input->number;
    }
    return true;
}

void dc_row_block_add(dc_row_block_t *self, dc_str_t job)
{
    size_t row = self->block.count++;
    assert(row < DC_BLOCK_ROWS);
    self->jobs[row] = job;
    bool is_read = job.len <= DC_RECORD_BYTES_MAX &&
                   ((self->numbers && dc_number_rows_read(self->numbers, job, self->limit, row)) ||
                    read_row(self, job, row));
    self->block.is_left[row] = !is_read;
}

void dc_row_block_run(dc_row_block_t *self)
{
    dc_columns_block_t *block = &self->block;
    if (block->count == 0) return;
    block->columns = self->columns;
    block->inputs = self->inputs;
    block->options.ieee = self->program->ieee;
    block->steps_max = self->program->steps_max;
    self->has_values = dc_columns_run(self->prepared, block);
}

size_t dc_row_block_rows(const dc_row_block_t *self, uint64_t steps)
{
    uint64_t rows = steps / (dc_columns_steps_min(self->prepared) + 1);
    return (size_t)dc_max_u64(1, dc_min_u64(rows, DC_BLOCK_ROWS));
}

dc_str_t dc_row_block_job(const dc_row_block_t *self, size_t row)
{
    return self->jobs[row];
}

size_t dc_row_block_values(const dc_row_block_t *self, size_t row, size_t count_max,
                           const double **values, bool *are_bools, uint64_t *steps)
{
    size_t end = row;
    size_t limit = self->has_values ? dc_min_size(self->block.count, row + count_max) : row;
    *steps = 0;
    for (; end < limit && !self->block.is_left[end]; end++)
        *steps += dc_columns_steps(&self->block, end);
    *values = self->block.values + row;
    *are_bools = self->type == DC_TYPE_BOOL;
    return end - row;
}

bool dc_row_block_get(const dc_row_block_t *self, size_t row, dc_value_t *value, uint64_t *steps)
{
    if (!self->has_values || self->block.is_left[row]) return false;
    double number = self->block.values[row];
    *steps = dc_columns_steps(&self->block, row);
    value->type = self->type;
    if (self->type == DC_TYPE_BOOL) {
        value->boolean = number != 0;
    } else {
        value->number = number;
    }
    return true;
}
