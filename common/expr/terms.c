#include "common/expr/terms.h"

#include "common/expr/bodies.h"

// --- one by one --------------------------------------------------------------------------------

// Terms `*done` to `count`; their steps are charged but for those of calls.
static dc_err_t evaluate_each(dc_vm_t *vm, const dc_reduction_t *reduction, const double *x,
                              uint32_t count, double *values, uint32_t *done)
{
    dc_reg_t *variable = &vm->regs[reduction->variable];
    for (uint32_t i = *done; i < count; i++) {
        // f is a number or a bool, so the strings that it makes are gone with its term.
        dc_arena_mark_t mark = dc_arena_mark(vm->strings);
        variable->number = x[i];
        dc_err_t err = dc_vm_run_body(vm, reduction);
        if (err) return err;
        dc_arena_rewind(vm->strings, mark);
        values[i] = vm->regs[reduction->value].number;
        *done = i + 1;
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

// As many terms as have no fault, and as the budget certainly suffices for: where it ends is found one
// by one.
static dc_err_t evaluate_block(dc_vm_t *vm, const dc_vector_t *vector, const double *x,
                               uint32_t count, double *values, uint32_t *done)
{
    dc_vector_room_t *room = &vm->bodies->room;
    const double *block = dc_vector_run(vector, room, &x, count);
    uint32_t sound = count_sound(room, count);
    uint64_t steps = count_calls(vector, room, sound);
    if (vm->steps + steps > vm->budget->steps_max) return DC_OK;
    memcpy(values, block, sound * sizeof *values);
    *done = sound;
    return dc_vm_charge(vm, steps);
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
    if (vector) err = evaluate_block(vm, vector, x, count, values, done);
    if (err) {
        vm->fault_at = reduction->at;
        return err;
    }
    return evaluate_each(vm, reduction, x, count, values, done);
}
