// vm — runs compiled code, one row at a time.
//
// The steps of a function are charged when it is called, those of a reduction's terms before they
// are evaluated, so straight code is not slowed by counting.
// The clock and the cancel flag are looked at every DC_VM_CHECK_STEPS steps.
//
// A traced run does the same, and remembers for each register whose number is not finite which
// operation first left the finite numbers on its way there.
#ifndef DC_COMMON_EXPR_VM_H
#define DC_COMMON_EXPR_VM_H

#include "common/expr/code.h"

#define DC_VM_CHECK_STEPS 10000

// No instruction is at fault, but all of them.
#define DC_VM_NOWHERE UINT32_MAX

// Where a number that is not finite comes from.
typedef struct dc_vm_origin {
    bool is_set;
    bool is_input;  // a variable was not finite from the start
    uint32_t at;    // the instruction, or the number of the variable
    double args[2]; // what it read
    double result;  // what it made
} dc_vm_origin_t;

typedef struct dc_replays dc_replays_t; // reduce.h
typedef struct dc_bodies dc_bodies_t;   // bodies.h
typedef struct dc_task dc_task_t;       // task.h

typedef struct dc_vm {
    const dc_code_t *code;
    dc_reg_t *regs;      // constants and inputs are in place
    double *args;        // room for code->args_max
    dc_arena_t *strings; // for strings that are made
    dc_budget_t *budget;
    dc_replays_t *replays; // results of reductions, from the run before and for the next one
    dc_bodies_t *bodies; // what reductions evaluate, in blocks; NULL: all of it is done one by one
    dc_task_t *task;     // what part of the job this is, and when it is to be split; or NULL
    uint64_t steps;      // used so far
    uint64_t checkpoint; // when there are more, the budget is looked at
    uint32_t inside_split;   // reductions that run and can be split: what is inside has no number
    dc_vm_origin_t *origins; // one a register, all zeros before a traced run; else NULL
    uint32_t fault_at;       // out: the instruction that had the fault, or DC_VM_NOWHERE
    uint16_t result;         // out: the register of the value
    char *sentence; // room for what a reduction says of its fault: DC_DIAG_MESSAGE_MAX bytes;
                    // out: else empty
} dc_vm_t;

// Run. A fault is returned, and fault_at set; DC_ERR_STEPS, DC_ERR_TIME, DC_ERR_CANCELLED where
// the budget is used up, DC_ERR_TOO_LARGE where the strings are.
DC_MUST_USE dc_err_t dc_vm_run(dc_vm_t *self);
DC_MUST_USE dc_err_t dc_vm_trace(dc_vm_t *self);

// Inside of a run: count steps that are about to be done, and look at the budget where it is time.
DC_MUST_USE dc_err_t dc_vm_check(dc_vm_t *self);
DC_MUST_USE static inline dc_err_t dc_vm_charge(dc_vm_t *self, uint64_t steps)
{
    self->steps += steps;
    return self->steps > self->checkpoint ? dc_vm_check(self) : DC_OK;
}

// Inside of a run: run f of a reduction, whose variable has its value already. Charges nothing for
// it save what is charged as it goes. Faults as above.
DC_MUST_USE dc_err_t dc_vm_run_body(dc_vm_t *self, const dc_reduction_t *reduction);

#endif
