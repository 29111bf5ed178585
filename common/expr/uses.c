#include "common/expr/uses.h"

// --- who reads what ----------------------------------------------------------------------------

void dc_uses_for_reads(const dc_flow_value_t *value, void (*see)(void *context, uint32_t id),
                       void *context)
{
    if (value->mask != DC_FLOW_NONE) see(context, value->mask);
    if (value->kind == DC_FLOW_MATH) {
        for (uint32_t i = 0; i < value->arg_count; i++)
            see(context, value->args[i]);
        return;
    }
    if (value->a != DC_FLOW_NONE) see(context, value->a);
    if (value->b != DC_FLOW_NONE) see(context, value->b);
    if (value->c != DC_FLOW_NONE) see(context, value->c);
}

static void count_use(void *context, uint32_t id)
{
    dc_flow_t *flow = context;
    flow->values[id].uses++;
}

// From the end to the beginning: who reads a value stands behind it.
void dc_uses_count(dc_flow_t *flow)
{
    flow->values[flow->result].uses++;
    for (uint32_t id = flow->count; id-- > 0;) {
        const dc_flow_value_t *value = &flow->values[id];
        if (dc_uses_is_needed(value)) dc_uses_for_reads(value, count_use, flow);
    }
}

typedef struct last_uses {
    uint32_t *last;
    uint32_t now; // the value that reads
} last_uses_t;

static void note_use(void *context, uint32_t id)
{
    const last_uses_t *self = context;
    self->last[id] = self->now;
}

void dc_uses_find_last(const dc_flow_t *flow, uint32_t *last)
{
    last_uses_t self = { .last = last };
    for (; self.now < flow->count; self.now++) {
        const dc_flow_value_t *value = &flow->values[self.now];
        if (dc_uses_is_needed(value)) dc_uses_for_reads(value, note_use, &self);
    }
    last[flow->result] = UINT32_MAX;
}

// --- pairs -------------------------------------------------------------------------------------

static bool is_basic(const dc_flow_value_t *value)
{
    return value->kind == DC_FLOW_OP && !value->is_single && value->op >= DC_OP_ADD &&
           value->op <= DC_OP_DIV;
}

static bool commutes(uint8_t op)
{
    return op == DC_OP_ADD || op == DC_OP_MUL;
}

// Let `value` do what its operand `inner` does as well, which nobody else reads.
static void join(const dc_flow_t *flow, dc_flow_value_t *value, dc_flow_value_t *inner,
                 bool is_turned)
{
    value->c = is_turned ? value->a : value->b;
    value->second = value->op;
    value->op = inner->op;
    value->a = inner->a;
    value->b = inner->b;
    value->is_turned = is_turned && !commutes(value->second);
    value->kind = DC_FLOW_PAIR;
    inner->uses = 0;
    if (flow->values[value->a].is_single && commutes(value->op)) {
        uint32_t single = value->a;
        value->a = value->b;
        value->b = single;
    }
}

static bool can_join(const dc_flow_value_t *inner)
{
    return is_basic(inner) && inner->uses == 1;
}

// Forwards, so that leaves are joined first: then there are as many pairs as a tree can have.
void dc_uses_pair(dc_flow_t *flow)
{
    for (uint32_t id = 0; id < flow->count; id++) {
        dc_flow_value_t *value = &flow->values[id];
        if (!value->uses || !is_basic(value)) continue;
        dc_flow_value_t *a = &flow->values[value->a];
        dc_flow_value_t *b = &flow->values[value->b];
        if (can_join(a)) {
            join(flow, value, a, false);
        } else if (can_join(b)) {
            join(flow, value, b, true);
        }
    }
}
