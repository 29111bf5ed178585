// wide_vm — runs compiled code with wide numbers.
//
// The same instructions as vm.h has, one after another. A register holds a number if it was given
// one; else what it holds for doubles too: a bool (which counts as 1 or 0 where a number is read),
// a string, null.
#ifndef DC_COMMON_WIDE_WIDE_VM_H
#define DC_COMMON_WIDE_WIDE_VM_H

#include "common/buf.h"
#include "common/expr/code.h"
#include "common/quote.h"
#include "common/wide/arithmetic.h"
#include "common/wide/wide_math.h"

// No instruction is at fault, but all of them.
#define DC_WIDE_NOWHERE UINT32_MAX

typedef struct dc_wide_reg {
    dc_reg_t plain;
    const dc_wide_number_t *number; // borrowed, or its own; NULL: it holds something else
    dc_wide_number_t own;
} dc_wide_reg_t;

typedef struct dc_wide_vm {
    const dc_code_t *code;
    dc_arithmetic_t *arithmetic;
    dc_wide_reg_t *regs; // constants and inputs are in place
    size_t bytes;        // that the registers' own numbers hold
    dc_wide_number_t result;
    dc_wide_number_t small[2];         // 0 and 1, for bools
    const dc_wide_number_t **arg_list; // room for the arguments of a function
    dc_arena_t *strings;               // for strings that are made
    dc_buf_t *text;                    // for digits
    dc_meter_t *meter;                 // the arithmetic's
    uint16_t value;                    // out: the register of the value
    dc_diag_t *diag;                   // out: the fault
} dc_wide_vm_t;

// Run all of the code, or what a reduction evaluates, from instruction `entry` on. A fault is
// returned and told.
DC_MUST_USE dc_err_t dc_wide_vm_run(dc_wide_vm_t *self);
DC_MUST_USE dc_err_t dc_wide_vm_run_from(dc_wide_vm_t *self, uint32_t entry);

// The number in a register; a bool counts as one.
static inline const dc_wide_number_t *dc_wide_vm_number(const dc_wide_vm_t *self, uint16_t reg)
{
    const dc_wide_reg_t *from = &self->regs[reg];
    return from->number ? from->number : &self->small[from->plain.number != 0];
}

// Let a register have the number that is in `result`, which gets what the register had.
// DC_ERR_TOO_LARGE: all of them take more than DC_WIDE_BYTES_MAX.
DC_MUST_USE dc_err_t dc_wide_vm_put(dc_wide_vm_t *self, uint16_t reg);

// Count steps, those for reading or writing so many bits too, and look at the budget if it is time.
DC_MUST_USE dc_err_t dc_wide_vm_charge(dc_wide_vm_t *self, uint64_t steps, uint64_t bits);

// wide_reduce.c: run the reduction at instruction `at`. A fault is returned and told.
DC_MUST_USE dc_err_t dc_wide_vm_reduce(dc_wide_vm_t *self, uint32_t at);

// wide_faults.c: tell the fault `err` of instruction `at`. Returns `err`.
dc_err_t dc_wide_vm_fail(dc_wide_vm_t *self, uint32_t at, dc_err_t err);

// The first digits of a number, for messages.
dc_quote_t dc_wide_vm_quote(const dc_wide_vm_t *self, const dc_wide_number_t *number);

#endif
