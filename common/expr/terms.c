#include "common/expr/terms.h"

dc_err_t dc_terms_evaluate(dc_vm_t *vm, const dc_reduction_t *reduction, const double *x,
                           uint32_t count, double *values, uint32_t *done)
{
    *done = 0;
    dc_err_t err = dc_vm_charge(vm, (uint64_t)count * reduction->steps);
    if (err) {
        vm->fault_at = reduction->at;
        return err;
    }
    dc_reg_t *variable = &vm->regs[reduction->variable];
    for (uint32_t i = 0; i < count; i++) {
        // f is a number or a bool, so the strings that it makes are gone with its term.
        dc_arena_mark_t mark = dc_arena_mark(vm->strings);
        variable->number = x[i];
        err = dc_vm_run_body(vm, reduction);
        if (err) return err;
        dc_arena_rewind(vm->strings, mark);
        values[i] = vm->regs[reduction->value].number;
        *done = i + 1;
    }
    return DC_OK;
}
