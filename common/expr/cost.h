// cost — how many steps code takes at least, as far as that is known before it runs.
//
// What stands behind a jump may not run and counts for nothing. So the answer is never too high,
// and what costs more than the budget can be refused at once instead of after minutes.
#ifndef DC_COMMON_EXPR_COST_H
#define DC_COMMON_EXPR_COST_H

#include "common/expr/code.h"

// Steps of the instructions [first, end) of `ins`, with all that they call; infinite if that is
// more than a double can tell. `functions` and `reductions` are the lists that they refer to, with
// their own costs.
double dc_cost_of(const dc_ins_t *ins, uint32_t first, uint32_t end, const dc_function_t *functions,
                  const dc_reduction_t *reductions);

// How many of `terms` terms a reduction over a range evaluates at least: `any` and `all` may be
// decided in the first block.
double dc_cost_terms(dc_reduce_t kind, double terms);

#endif
