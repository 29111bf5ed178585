// uses — who reads the values of a flow, and which two of them become one operation.
//
// All of it is counted in the flow's values (`uses`) or told to the caller; nothing is allocated.
// The order is count, pair, find last.
#ifndef DC_COMMON_EXPR_USES_H
#define DC_COMMON_EXPR_USES_H

#include "common/expr/flow.h"

// Call `see` with each value that `value` reads, its mask first; with some more than once.
void dc_uses_for_reads(const dc_flow_value_t *value, void (*see)(void *context, uint32_t id),
                       void *context);

// Must it be computed: is it read, or can it fail?
static inline bool dc_uses_is_needed(const dc_flow_value_t *value)
{
    return value->uses || value->can_fail;
}

// Count who reads each value. What nobody reads and what cannot fail reads nothing itself.
void dc_uses_count(dc_flow_t *flow);

// Make one PAIR of a sum, difference, product or quotient and an operand which is one as well, and
// which nobody else reads: as many pairs as there can be. The operand is not needed any more.
void dc_uses_pair(dc_flow_t *flow);

// Find the value that reads each one last; of the result UINT32_MAX. `last` has flow->count places.
void dc_uses_find_last(const dc_flow_t *flow, uint32_t *last);

#endif
