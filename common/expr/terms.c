#include "common/expr/terms.h"

#include "common/expr/bodies.h"
#include "common/expr/lanes.h"

// A step of some functions takes microseconds: so many are done between two looks at the clock, in
// blocks too.
#define LOOK_STEPS 20000

// --- one by one --------------------------------------------------------------------------------

// Terms `*done` to `count`; their steps are charged but for those of calls.
static dc_err_t evaluate_each(dc_vm_t *vm, const dc_reduction_t *reduction, const double *x,
                              uint32_t count, double *values, uint32_t *done)
{
    dc_reg_t *variable = &vm->regs[reduction->variable];
    uint64_t steps = 0; // since the last look
    for (uint32_t i = *done; i < count; i++) {
        // f is a number or a bool, so the strings that it makes are gone with its term.
        dc_arena_mark_t mark = dc_arena_mark(vm->strings);
        variable->number = x[i];
        dc_err_t err = dc_vm_run_body(vm, reduction);
        if (err) return err;
        dc_arena_rewind(vm->strings, mark);
        values[i] = vm->regs[reduction->value].number;
        *done = i + 1;
        steps += reduction->steps;
        if (steps < LOOK_STEPS) continue;
        err = dc_vm_check(vm);
        if (err) return err;
        steps = 0;
    }
    return DC_OK;
}

// --- in blocks ---------------------------------------------------------------------------------

// How many terms come before the first that fails.
static uint32_t count_sound(const dc_vector_room_t *room, uint32_t count)
{
    for (uint32_t i = 0; room->has_failed && i < count; i++) {
        if (room->is_failed[i]) return i;
    }
    return count;
}

// What the calls of `count` terms took.
static uint64_t count_calls(const dc_vector_t *vector, const dc_vector_room_t *room, uint32_t count)
{
    uint64_t steps = count * dc_vector_steps(vector);
    for (uint32_t i = 0; room->has_steps && i < count; i++)
        steps += room->steps[i];
    return steps;
}

// As many of the terms from `*done` on as have no fault, and as the budget certainly suffices for:
// where it ends is found one by one. False if that is not all of them.
static bool evaluate_block(dc_vm_t *vm, const dc_vector_t *vector, const double *x, uint32_t count,
                           double *values, uint32_t *done, uint64_t *steps)
{
    dc_vector_room_t *room = &vm->bodies->room;
    const double *rows = x + *done;
    const double *block = dc_vector_run(vector, room, &rows, count);
    uint32_t sound = count_sound(room, count);
    *steps = count_calls(vector, room, sound);
    if (vm->steps + *steps > vm->budget->steps_max) {
        *steps = 0;
        return false;
    }
    memcpy(values + *done, block, sound * sizeof *values);
    *done += sound;
    return sound == count;
}

// The terms in blocks that don't take too long, until one has a fault.
static dc_err_t evaluate_blocks(dc_vm_t *vm, const dc_reduction_t *reduction,
                                const dc_vector_t *vector, const double *x, uint32_t count,
                                double *values, uint32_t *done)
{
    uint64_t bite = LOOK_STEPS / (reduction->steps + dc_vector_steps(vector) + 1);
    bite = dc_max_u64(bite / DC_LANES_STEP * DC_LANES_STEP, DC_LANES_STEP);
    dc_err_t err = DC_OK;
    for (bool is_sound = true; is_sound && !err && *done < count;) {
        uint32_t terms = (uint32_t)dc_min_u64(bite, count - *done);
        uint64_t steps;
        is_sound = evaluate_block(vm, vector, x, terms, values, done, &steps);
        vm->steps += steps;
        bool is_due = vm->steps > vm->checkpoint || terms < count;
        if (is_due) err = dc_vm_check(vm);
    }
    return err;
}

// --- all of them -------------------------------------------------------------------------------

dc_err_t dc_terms_evaluate(dc_vm_t *vm, const dc_reduction_t *reduction, const double *x,
                           uint32_t count, double *values, uint32_t *done)
{
    *done = 0;
    dc_err_t err = dc_vm_charge(vm, (uint64_t)count * reduction->steps);
    if (err) {
        vm->fault_at = reduction->at;
        return err;
    }
    uint32_t index = (uint32_t)(reduction - vm->code->reductions);
    const dc_vector_t *vector =
        vm->bodies ? dc_bodies_find(vm->bodies, index, vm->regs, count) : NULL;
    if (vector) err = evaluate_blocks(vm, reduction, vector, x, count, values, done);
    if (err) {
        vm->fault_at = reduction->at;
        return err;
    }
    return evaluate_each(vm, reduction, x, count, values, done);
}
