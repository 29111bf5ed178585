// meter — the steps that an evaluation has taken so far, and when its budget is looked at again.
//
// Steps are the same wherever and whenever an expression is evaluated. So what is computed once and
// kept for the next time is not charged; there the budget is only looked at.
#ifndef DC_COMMON_WIDE_METER_H
#define DC_COMMON_WIDE_METER_H

#include "common/err.h"
#include "common/expr/expr.h"

typedef struct dc_meter {
    const dc_budget_t *budget; // borrowed; NULL: nothing is evaluated, and all may go on
    uint64_t steps;
    uint64_t checkpoint; // when there are more, the budget is looked at
} dc_meter_t;

// Begin to count for `budget`, borrowed until the next start, from so many steps on.
void dc_meter_start(dc_meter_t *self, const dc_budget_t *budget, uint64_t steps);

// Look at the limit of steps, the cancel flag and the clock. DC_ERR_STEPS, DC_ERR_CANCELLED,
// DC_ERR_TIME: it must end.
DC_MUST_USE dc_err_t dc_meter_look(dc_meter_t *self);

// Count steps, and look if it is time: at the end of the budget, and after each thousand or so.
DC_MUST_USE dc_err_t dc_meter_charge(dc_meter_t *self, uint64_t steps);

// Likewise for a multiplication of numbers with so many bits, as series have one for each term: two
// of 3400 bits, or 1000 digits, take some two microseconds.
DC_MUST_USE dc_err_t dc_meter_charge_product(dc_meter_t *self, uint64_t bits);

// Likewise for what takes many of them: to print or to read an integer of so many bits, of 2^20
// some 20 ms.
DC_MUST_USE dc_err_t dc_meter_charge_digits(dc_meter_t *self, uint64_t bits);

#endif
