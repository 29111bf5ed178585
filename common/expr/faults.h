// faults — what went wrong in a run, where, and how to say it.
#ifndef DC_COMMON_EXPR_FAULTS_H
#define DC_COMMON_EXPR_FAULTS_H

#include "common/expr/vm.h"

// What a person calls the operation.
const char *dc_fault_name(dc_ins_t ins);

// Which of the numbers that an operation on integers reads is the first that has to be one: 0, or 1
// of those that round or take roots of any number.
uint32_t dc_fault_first_integer(dc_ins_t ins);

// Null was met by instruction `at`. Returns DC_ERR_NULL.
dc_err_t dc_fault_of_null(const dc_code_t *code, uint32_t at, dc_diag_t *diag);

// Describe the fault `err` that dc_vm_run has returned. Returns `err`.
dc_err_t dc_fault_of_run(const dc_vm_t *vm, dc_err_t err, dc_diag_t *diag);

// Describe why the value of a traced run is not finite: the operation that first left the finite
// numbers, as DC_ERR_DIVIDE_BY_ZERO, DC_ERR_DOMAIN or DC_ERR_OVERFLOW. Returns the code.
dc_err_t dc_fault_of_value(const dc_vm_t *vm, dc_diag_t *diag);

// The same where nobody has found out which operation that was.
dc_err_t dc_fault_of_number(double number, dc_diag_t *diag);

// DC_ERR_STEPS: more than `steps_max` are needed. DC_ERR_TIME, after so many.
dc_err_t dc_fault_of_steps(uint64_t steps_max, dc_span_t span, dc_diag_t *diag);
dc_err_t dc_fault_of_time(uint64_t steps_used, dc_span_t span, dc_diag_t *diag);

#endif
