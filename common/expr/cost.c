#include "common/expr/cost.h"

#include <math.h>

#include "common/limits.h"

double dc_cost_of(const dc_ins_t *ins, uint32_t first, uint32_t end, const dc_function_t *functions,
                  const dc_reduction_t *reductions)
{
    double steps = 0;
    // All jumps lead forward: what lies before the furthest target may be skipped, or stands apart.
    uint32_t certain = first;
    for (uint32_t i = first; i < end; i++) {
        bool is_certain = i >= certain;
        if (dc_ins_is_jump(ins[i]) && dc_ins_target(ins[i]) > certain)
            certain = dc_ins_target(ins[i]);
        if (!is_certain) continue;
        steps++;
        if (ins[i].op == DC_OP_CALL) steps += functions[ins[i].a].cost;
        if (ins[i].op == DC_OP_REDUCE) {
            const dc_reduction_t *reduction = &reductions[ins[i].a];
            steps += reduction->terms * reduction->cost;
        }
    }
    return steps;
}

double dc_cost_terms(dc_reduce_t kind, double terms)
{
    return dc_reduce_may_stop(kind) ? fmin(terms, DC_BLOCK_ROWS) : terms;
}
