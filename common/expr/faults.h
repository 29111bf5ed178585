// faults — what went wrong in a run, where, and how to say it.
#ifndef DC_COMMON_EXPR_FAULTS_H
#define DC_COMMON_EXPR_FAULTS_H

#include "common/expr/vm.h"

// Describe the fault `err` that dc_vm_run has returned. Returns `err`.
dc_err_t dc_fault_of_run(const dc_vm_t *vm, dc_err_t err, dc_diag_t *diag);

// Describe why the value of a traced run is not finite: the operation that first left the finite
// numbers, as DC_ERR_DIVIDE_BY_ZERO, DC_ERR_DOMAIN or DC_ERR_OVERFLOW. Returns the code.
dc_err_t dc_fault_of_value(const dc_vm_t *vm, dc_diag_t *diag);

// The same where nobody has found out which operation that was.
dc_err_t dc_fault_of_number(double number, dc_diag_t *diag);

#endif
