// From values to operations on blocks: what nobody needs is left out, two operations become one
// where there is a kernel for both (uses.h), and each value gets a place, which it leaves after its
// last use.
#include "common/expr/math.h"
#include "common/expr/uses.h"
#include "common/expr/vector_part.h"

// More places than this do not fit the second-level cache.
#define BUFFERS_MAX 128
#define NOWHERE     UINT16_MAX

typedef struct make {
    dc_flow_t flow;
    const dc_kernels_t *kernels;
    dc_arena_t *scratch;
    dc_vector_t *vector;
    uint32_t *last_use; // the value that reads it last
    uint16_t *places;   // where each value stands
    uint16_t free_buffers[BUFFERS_MAX];
    uint32_t free_count;
    uint32_t now; // the value that is made
} make_t;

static dc_flow_value_t *value_of(const make_t *self, uint32_t id)
{
    return &self->flow.values[id];
}

static bool is_single(const make_t *self, uint32_t id)
{
    return value_of(self, id)->is_single;
}

static bool is_input(const dc_flow_value_t *value)
{
    return value->kind == DC_FLOW_ROWS || value->kind == DC_FLOW_SINGLE ||
           value->kind == DC_FLOW_NUMBER;
}

// --- places ------------------------------------------------------------------------------------

static uint16_t buffer_place(const make_t *self, uint16_t buffer)
{
    return (uint16_t)(self->vector->row_count + buffer);
}

// The number of a buffer that is free; NOWHERE if there are too many in use.
static uint16_t take_buffer(make_t *self)
{
    if (self->free_count) return self->free_buffers[--self->free_count];
    if (self->vector->buffer_count == BUFFERS_MAX) return NOWHERE;
    return (uint16_t)self->vector->buffer_count++;
}

static void give_back(void *context, uint32_t id)
{
    make_t *self = context;
    const dc_flow_value_t *value = value_of(self, id);
    if (self->last_use[id] != self->now || value->is_single || is_input(value)) return;
    self->free_buffers[self->free_count++] = (uint16_t)(self->places[id] - self->vector->row_count);
    self->last_use[id] = UINT32_MAX; // once is enough, also where it is read twice
}

// Singles get their numbers first, and their places when it is known how many buffers there are.
static bool number_singles(make_t *self)
{
    dc_vector_t *vector = self->vector;
    vector->inputs = dc_arena_alloc(self->scratch, self->flow.count, sizeof *vector->inputs);
    if (!vector->inputs) return false;
    for (uint32_t id = 0; id < self->flow.count; id++) {
        const dc_flow_value_t *value = value_of(self, id);
        bool is_it = value->uses && is_input(value) && value->is_single;
        if (!is_it) continue;
        self->places[id] = (uint16_t)vector->input_count;
        vector->inputs[vector->input_count++] =
            (dc_vector_single_t){ .is_number = value->kind == DC_FLOW_NUMBER,
                                  .reg = (uint16_t)value->source,
                                  .number = value->number };
    }
    vector->single_count = vector->input_count;
    for (uint32_t id = 0; id < self->flow.count; id++) {
        const dc_flow_value_t *value = value_of(self, id);
        if (!value->uses || !value->is_single || is_input(value)) continue;
        self->places[id] = (uint16_t)vector->single_count++;
    }
    return true;
}

// --- operations --------------------------------------------------------------------------------

// Until the end a place of a single is its number, with this bit.
#define SINGLE_BIT 0x8000

static uint16_t place_of(const make_t *self, uint32_t id)
{
    if (id == DC_FLOW_NONE) return 0;
    uint16_t place = self->places[id];
    return is_single(self, id) ? (uint16_t)(place | SINGLE_BIT) : place;
}

static dc_vector_ins_t *append(make_t *self, bool is_once, dc_vector_ins_t ins)
{
    dc_vector_t *vector = self->vector;
    dc_vector_ins_t *room =
        is_once ? &vector->once[vector->once_count++] : &vector->ins[vector->ins_count++];
    *room = ins;
    return room;
}

// The place of a value in a row of its own: a single is spread over a buffer, which `spread` gets.
static uint16_t row_place(make_t *self, uint32_t id, uint16_t *spread)
{
    *spread = NOWHERE;
    if (id == DC_FLOW_NONE || !is_single(self, id)) return place_of(self, id);
    uint16_t buffer = take_buffer(self);
    if (buffer == NOWHERE) return NOWHERE;
    *spread = buffer;
    uint16_t place = buffer_place(self, buffer);
    append(self, false,
           (dc_vector_ins_t){ .kernel = dc_kernels_special(self->kernels, DC_KERNEL_SPREAD),
                              .d = place,
                              .a = place_of(self, id),
                              .mask = DC_VECTOR_NO_MASK });
    return place;
}

static dc_kernel_form_t form_of(const make_t *self, uint32_t a, uint32_t b)
{
    return is_single(self, a) ? DC_FORM_SV : is_single(self, b) ? DC_FORM_VS : DC_FORM_VV;
}

// A kernel that takes singles as they are; NULL if there is none for this value.
static dc_kernel_t mixed_kernel(const make_t *self, const dc_flow_value_t *value)
{
    if (value->is_single || value->b == DC_FLOW_NONE) return NULL;
    dc_kernel_form_t form = form_of(self, value->a, value->b);
    if (value->kind == DC_FLOW_PAIR) {
        return dc_kernels_pair(self->kernels, (dc_op_t)value->op, form, (dc_op_t)value->second,
                               value->is_turned, is_single(self, value->c));
    }
    return value->kind == DC_FLOW_OP && !value->can_fail
               ? dc_kernels_binary(self->kernels, (dc_op_t)value->op, form)
               : NULL;
}

// The kernel that takes rows only.
static dc_kernel_t row_kernel(const make_t *self, const dc_flow_value_t *value)
{
    switch ((dc_flow_kind_t)value->kind) {
    case DC_FLOW_OP:
        if (value->op == DC_OP_POW) {
            return dc_kernels_function(self->kernels, dc_math_index(dc_math_find(DC_STR("pow"))),
                                       2);
        }
        return value->b == DC_FLOW_NONE
                   ? dc_kernels_unary(self->kernels, (dc_op_t)value->op)
                   : dc_kernels_binary(self->kernels, (dc_op_t)value->op, DC_FORM_VV);
    case DC_FLOW_MATH: return dc_kernels_function(self->kernels, value->x, value->arg_count);
    case DC_FLOW_CUBE: return dc_kernels_special(self->kernels, DC_KERNEL_CUBE);
    case DC_FLOW_FOURTH: return dc_kernels_special(self->kernels, DC_KERNEL_FOURTH);
    case DC_FLOW_ROOT: return dc_kernels_special(self->kernels, DC_KERNEL_HALF_POWER);
    case DC_FLOW_AND: return dc_kernels_special(self->kernels, DC_KERNEL_AND);
    case DC_FLOW_AND_NOT: return dc_kernels_special(self->kernels, DC_KERNEL_AND_NOT);
    case DC_FLOW_SELECT: return dc_kernels_special(self->kernels, DC_KERNEL_SELECT);
    case DC_FLOW_ROWS:
    case DC_FLOW_SINGLE:
    case DC_FLOW_NUMBER:
    case DC_FLOW_FAULT:
    case DC_FLOW_STEPS:
    case DC_FLOW_PAIR: break;
    }
    return NULL;
}

// What is the same in all rows is computed once, by kernels that take rows.
static bool emit_once(make_t *self, const dc_flow_value_t *value)
{
    dc_kernel_t kernel = row_kernel(self, value);
    if (!kernel) return false;
    append(self, true,
           (dc_vector_ins_t){ .kernel = kernel,
                              .d = place_of(self, self->now),
                              .a = place_of(self, value->a),
                              .b = place_of(self, value->b),
                              .c = place_of(self, value->c),
                              .mask = DC_VECTOR_NO_MASK });
    return true;
}

// Where the value will stand, which may be where an operand stood that was given back.
static bool place_result(make_t *self, const dc_flow_value_t *value)
{
    uint16_t buffer = take_buffer(self);
    if (buffer == NOWHERE) return false;
    self->places[self->now] = buffer_place(self, buffer);
    if (!value->uses) self->free_buffers[self->free_count++] = buffer;
    return true;
}

static void free_spread(make_t *self, uint16_t spread)
{
    if (spread != NOWHERE) self->free_buffers[self->free_count++] = spread;
}

static bool emit_kernel(make_t *self, const dc_flow_value_t *value)
{
    dc_vector_ins_t ins = { .mask = DC_VECTOR_NO_MASK };
    ins.kernel = mixed_kernel(self, value);
    uint16_t spread[3] = { NOWHERE, NOWHERE, NOWHERE };
    if (ins.kernel) {
        ins.a = place_of(self, value->a);
        ins.b = place_of(self, value->b);
        ins.c = place_of(self, value->c);
    } else {
        ins.kernel = row_kernel(self, value);
        ins.a = row_place(self, value->a, &spread[0]);
        ins.b = row_place(self, value->b, &spread[1]);
        ins.c = row_place(self, value->c, &spread[2]);
        bool has_room = ins.a != NOWHERE && ins.b != NOWHERE && ins.c != NOWHERE;
        if (!ins.kernel || !has_room) return false;
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(spread); i++)
        free_spread(self, spread[i]);
    dc_uses_for_reads(value, give_back, self);
    if (!place_result(self, value)) return false;
    ins.d = place_of(self, self->now);
    append(self, false, ins);
    return true;
}

// The mask and arguments of what is done row by row, all of them in rows.
static bool emit_by_row(make_t *self, const dc_flow_value_t *value)
{
    bool is_math = value->kind == DC_FLOW_MATH;
    uint32_t pair[] = { value->a, value->b };
    const uint32_t *reads = is_math ? value->args : pair;
    uint32_t count = is_math ? value->arg_count : value->kind == DC_FLOW_OP ? 2 : 0;
    if (count > DC_VECTOR_ARGS_MAX) return false;
    uint16_t spread[DC_VECTOR_ARGS_MAX + 1];
    uint16_t *args = dc_arena_alloc(self->scratch, count + 1, sizeof *args);
    if (!args) return false;
    for (uint32_t i = 0; i < count; i++) {
        args[i] = row_place(self, reads[i], &spread[i]);
        if (args[i] == NOWHERE) return false;
    }
    dc_vector_ins_t ins = { .kind = is_math ? DC_VECTOR_MATH : DC_VECTOR_BITWISE,
                            .op = value->op,
                            .x = value->x,
                            .mask = DC_VECTOR_NO_MASK,
                            .steps = value->source,
                            .arg_count = count,
                            .args = args };
    if (value->kind == DC_FLOW_FAULT) ins.kind = DC_VECTOR_FAULT;
    if (value->kind == DC_FLOW_STEPS) ins.kind = DC_VECTOR_STEPS;
    spread[count] = NOWHERE;
    if (value->mask != DC_FLOW_NONE) ins.mask = row_place(self, value->mask, &spread[count]);
    if (value->mask != DC_FLOW_NONE && ins.mask == NOWHERE) return false;
    if (count) {
        ins.a = args[0];
        ins.b = args[count > 1];
    }
    for (uint32_t i = 0; i <= count; i++)
        free_spread(self, spread[i]);
    dc_uses_for_reads(value, give_back, self);
    bool has_result = is_math || value->kind == DC_FLOW_OP;
    if (has_result && !place_result(self, value)) return false;
    ins.d = has_result ? place_of(self, self->now) : 0;
    append(self, false, ins);
    return true;
}

static bool emit(make_t *self)
{
    const dc_flow_value_t *value = value_of(self, self->now);
    if (!dc_uses_is_needed(value) || is_input(value)) return true;
    if (value->is_single) return emit_once(self, value);
    return value->can_fail ? emit_by_row(self, value) : emit_kernel(self, value);
}

// --- all of it ---------------------------------------------------------------------------------

// Now that the number of buffers is known: behind them are the singles.
static void settle(const dc_vector_t *vector, dc_vector_ins_t *ins, size_t count)
{
    uint16_t base = (uint16_t)(vector->row_count + vector->buffer_count);
    for (size_t i = 0; i < count; i++) {
        uint16_t *places[] = { &ins[i].d, &ins[i].a, &ins[i].b, &ins[i].c };
        for (size_t k = 0; k < DC_ARRAY_LEN(places); k++) {
            if (*places[k] & SINGLE_BIT) *places[k] = (uint16_t)((*places[k] & ~SINGLE_BIT) + base);
        }
    }
}

// A value is one operation, and one more for each single that is spread for it.
static size_t most_ins(const dc_flow_t *flow)
{
    size_t most = 1;
    for (uint32_t id = 0; id < flow->count; id++)
        most += 5 + flow->values[id].arg_count;
    return most;
}

static bool prepare(make_t *self, const dc_flow_source_t *source)
{
    dc_vector_t *vector = self->vector;
    uint32_t count = self->flow.count;
    *vector = (dc_vector_t){ .row_count = source->row_count, .steps = self->flow.steps };
    self->last_use = dc_arena_alloc(self->scratch, count, sizeof *self->last_use);
    self->places = dc_arena_alloc(self->scratch, count, sizeof *self->places);
    vector->once = dc_arena_alloc(self->scratch, count, sizeof *vector->once);
    vector->ins = dc_arena_alloc(self->scratch, most_ins(&self->flow), sizeof *vector->ins);
    return self->last_use && self->places && vector->once && vector->ins;
}

static bool make(make_t *self, const dc_flow_source_t *source)
{
    if (!prepare(self, source)) return false;
    dc_uses_count(&self->flow);
    dc_uses_pair(&self->flow);
    dc_uses_find_last(&self->flow, self->last_use);
    if (!number_singles(self)) return false;
    for (uint32_t id = 0; id < self->flow.count; id++) {
        const dc_flow_value_t *value = value_of(self, id);
        if (value->kind == DC_FLOW_ROWS) self->places[id] = (uint16_t)value->source;
    }
    for (self->now = 0; self->now < self->flow.count; self->now++) {
        if (!emit(self)) return false;
    }
    uint16_t spread;
    self->vector->result = row_place(self, self->flow.result, &spread);
    if (self->vector->result == NOWHERE) return false;
    settle(self->vector, self->vector->once, self->vector->once_count);
    settle(self->vector, self->vector->ins, self->vector->ins_count);
    return true;
}

// A copy of `count` items that stays.
static void *keep(dc_arena_t *arena, const void *items, size_t count, size_t size)
{
    void *room = dc_arena_alloc(arena, count + 1, size);
    if (room && count) memcpy(room, items, count * size);
    return room;
}

static bool keep_args(dc_arena_t *arena, const dc_vector_t *vector)
{
    for (size_t i = 0; i < vector->ins_count; i++) {
        dc_vector_ins_t *ins = &vector->ins[i];
        if (ins->arg_count == 0) continue;
        ins->args = keep(arena, ins->args, ins->arg_count, sizeof *ins->args);
        if (!ins->args) return false;
    }
    return true;
}

// What was made lives in scratch memory: let it move to where it stays.
static dc_vector_t *keep_vector(dc_arena_t *arena, const dc_vector_t *made)
{
    dc_vector_t *vector = keep(arena, made, 1, sizeof *vector);
    if (!vector) return NULL;
    vector->once = keep(arena, made->once, made->once_count, sizeof *made->once);
    vector->ins = keep(arena, made->ins, made->ins_count, sizeof *made->ins);
    vector->inputs = keep(arena, made->inputs, made->input_count, sizeof *made->inputs);
    bool has_room = vector->once && vector->ins && vector->inputs;
    return has_room && keep_args(arena, vector) ? vector : NULL;
}

dc_vector_t *dc_vector_new(const dc_flow_source_t *source, dc_arena_t *scratch, dc_arena_t *arena)
{
    make_t *self = dc_arena_alloc(scratch, 1, sizeof *self);
    dc_vector_t *vector = dc_arena_alloc(scratch, 1, sizeof *vector);
    if (!self || !vector) return NULL;
    memset(self, 0, sizeof *self);
    self->kernels = dc_kernels_best();
    self->scratch = scratch;
    self->vector = vector;
    if (!dc_flow_build(source, scratch, &self->flow)) return NULL;
    return make(self, source) ? keep_vector(arena, vector) : NULL;
}
