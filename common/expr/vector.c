#include <stdlib.h>

#include "common/expr/lanes.h"
#include "common/expr/math.h"
#include "common/expr/ops.h"
#include "common/expr/random.h"
#include "common/expr/vector_part.h"

// A single stands in memory as many times as kernels take in one turn.
#define SINGLE_COPIES DC_LANES_STEP

void dc_vector_room_fini(dc_vector_room_t *self)
{
    free(self->memory);
    free(self->at);
    *self = (dc_vector_room_t){ 0 };
}

uint64_t dc_vector_steps(const dc_vector_t *self)
{
    return self->steps;
}

size_t dc_vector_length(const dc_vector_t *self)
{
    return self->ins_count;
}

// --- room --------------------------------------------------------------------------------------

static bool reserve(dc_vector_room_t *room, size_t doubles, size_t places)
{
    if (room->memory_capacity < doubles) {
        size_t bytes = (doubles * sizeof(double) + DC_BLOCK_ALIGNMENT - 1) / DC_BLOCK_ALIGNMENT *
                       DC_BLOCK_ALIGNMENT;
        double *memory = aligned_alloc(DC_BLOCK_ALIGNMENT, bytes);
        if (!memory) return false;
        // What stands behind the last row is computed as well, and should cost no more than others.
        memset(memory, 0, bytes);
        free(room->memory);
        room->memory = memory;
        room->memory_capacity = doubles;
    }
    if (room->at_capacity < places) {
        const double **at = realloc(room->at, places * sizeof *at);
        if (!at) return false;
        room->at = at;
        room->at_capacity = places;
    }
    return true;
}

// What an instruction writes is in the room's own memory; what it only reads may be anybody's.
static double *place_of_result(const double *const *at, uint32_t d)
{
    return (double *)(uintptr_t)at[d]; // NOLINT(performance-no-int-to-ptr): takes a const away
}

static void run_kernel(const dc_vector_ins_t *ins, const double *const *at, size_t count)
{
    ins->kernel(place_of_result(at, ins->d), at[ins->a], at[ins->b], at[ins->c], count);
}

bool dc_vector_bind(const dc_vector_t *self, dc_vector_room_t *room, const dc_reg_t *regs)
{
    size_t doubles = self->buffer_count * DC_BLOCK_ROWS + self->single_count * SINGLE_COPIES;
    size_t places = self->row_count + self->buffer_count + self->single_count;
    if (!reserve(room, doubles, places)) return false;
    double *memory = room->memory;
    for (size_t i = 0; i < self->buffer_count; i++, memory += DC_BLOCK_ROWS)
        room->at[self->row_count + i] = memory;
    for (size_t i = 0; i < self->single_count; i++, memory += SINGLE_COPIES) {
        room->at[self->row_count + self->buffer_count + i] = memory;
        if (i >= self->input_count) continue;
        const dc_vector_single_t *input = &self->inputs[i];
        if (!input->is_number && dc_reg_is_null(regs[input->reg])) return false;
        double number = input->is_number ? input->number : regs[input->reg].number;
        for (size_t copy = 0; copy < SINGLE_COPIES; copy++)
            memory[copy] = number;
    }
    for (size_t i = 0; i < self->once_count; i++)
        run_kernel(&self->once[i], room->at, SINGLE_COPIES);
    return true;
}

// --- what may fail, row by row -----------------------------------------------------------------

static void mark(dc_vector_room_t *room, size_t row)
{
    room->has_failed = true;
    room->is_failed[row] = 1;
}

static bool is_masked_out(const dc_vector_ins_t *ins, const dc_vector_room_t *room, size_t row)
{
    return ins->mask != DC_VECTOR_NO_MASK && room->at[ins->mask][row] == 0;
}

static void run_bitwise(const dc_vector_ins_t *ins, dc_vector_room_t *room, size_t count)
{
    double *d = place_of_result(room->at, ins->d);
    const double *a = room->at[ins->a];
    const double *b = room->at[ins->b];
    for (size_t row = 0; row < count; row++) {
        if (is_masked_out(ins, room, row)) continue;
        if (dc_op_bitwise((dc_op_t)ins->op, a[row], b[row], &d[row])) mark(room, row);
    }
}

// Functions that can fail but hardly do have a form for many rows. False if this one has none, or
// if a row must be looked at by itself.
static bool run_many(dc_math_fn_t call, double *d, const dc_vector_ins_t *ins,
                     const dc_vector_room_t *room, size_t count)
{
    if (ins->mask != DC_VECTOR_NO_MASK || ins->arg_count != 2) return false;
    const double *a = room->at[ins->args[0]];
    const double *b = room->at[ins->args[1]];
    if (call == dc_random_uniform) return dc_random_uniform_many(d, a, b, count);
    if (call == dc_random_normal) return dc_random_normal_many(d, a, b, count);
    return false;
}

static void run_math(const dc_vector_ins_t *ins, dc_vector_room_t *room, size_t count)
{
    dc_math_fn_t call = dc_math_at(ins->x)->call;
    double *d = place_of_result(room->at, ins->d);
    if (run_many(call, d, ins, room, count)) return;
    double args[DC_VECTOR_ARGS_MAX];
    for (size_t row = 0; row < count; row++) {
        if (is_masked_out(ins, room, row)) continue;
        dc_err_t err = DC_OK;
        for (uint32_t i = 0; i < ins->arg_count; i++)
            args[i] = room->at[ins->args[i]][row];
        d[row] = call(args, ins->arg_count, &err);
        if (err) mark(room, row);
    }
}

static void run_fault(const dc_vector_ins_t *ins, dc_vector_room_t *room, size_t count)
{
    for (size_t row = 0; row < count; row++)
        if (!is_masked_out(ins, room, row)) mark(room, row);
}

static void run_steps(const dc_vector_ins_t *ins, dc_vector_room_t *room, size_t count)
{
    room->has_steps = true;
    for (size_t row = 0; row < count; row++)
        if (!is_masked_out(ins, room, row)) room->steps[row] += ins->steps;
}

// --- the loop ----------------------------------------------------------------------------------

const double *dc_vector_run(const dc_vector_t *self, dc_vector_room_t *room,
                            const double *const *rows, size_t count)
{
    size_t padded = (count + DC_LANES_STEP - 1) / DC_LANES_STEP * DC_LANES_STEP;
    if (room->has_failed) memset(room->is_failed, 0, sizeof room->is_failed);
    if (room->has_steps) memset(room->steps, 0, sizeof room->steps);
    room->has_failed = room->has_steps = false;
    for (size_t i = 0; i < self->row_count; i++)
        room->at[i] = rows[i];
    for (const dc_vector_ins_t *ins = self->ins; ins < self->ins + self->ins_count; ins++) {
        switch ((dc_vector_kind_t)ins->kind) {
        case DC_VECTOR_KERNEL: run_kernel(ins, room->at, padded); break;
        case DC_VECTOR_BITWISE: run_bitwise(ins, room, count); break;
        case DC_VECTOR_MATH: run_math(ins, room, count); break;
        case DC_VECTOR_FAULT: run_fault(ins, room, count); break;
        case DC_VECTOR_STEPS: run_steps(ins, room, count); break;
        }
    }
    return room->at[self->result];
}
