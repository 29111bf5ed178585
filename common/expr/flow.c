#include "common/expr/flow_part.h"
#include "common/expr/kernels.h"

// What is known on one way through the code: which rows are on it, and where each register's value
// comes from.
typedef struct way {
    uint32_t mask;    // number of a mask; ALL: every row
    uint32_t target;  // where it goes on
    uint32_t *values; // one a register, or NONE
} way_t;

// The rows of `parent` for which the bool `condition` is true, or false if `is_negated`.
typedef struct mask {
    uint32_t parent;
    uint32_t condition;
    bool is_negated;
    uint32_t value; // the bool that says it, once somebody has asked
} mask_t;

#define ALL           UINT32_MAX
#define WAYS_MAX      64
#define MASKS_MAX     ((size_t)2 * DC_FLOW_VALUES_MAX)
#define REGISTERS_MAX 4096
#define MERGES_MAX    256
#define CALLS_MAX     256

typedef struct build {
    const dc_flow_source_t *source;
    dc_arena_t *arena;
    dc_flow_t *flow;
    way_t now;
    bool is_dead;         // no row is here
    way_t ways[WAYS_MAX]; // that go on further down
    uint32_t way_count;
    mask_t *masks;
    uint32_t mask_count;
    uint32_t *singles; // the value of a register that the code does not write, or NONE
    uint32_t merge_count, call_count;
    uint32_t depth; // of calls
} build_t;

// --- registers ---------------------------------------------------------------------------------

// The value of register `reg` on the way that is gone now; NONE where it cannot be had.
static uint32_t read_reg(build_t *self, uint16_t reg)
{
    uint32_t id = self->now.values[reg];
    if (id == DC_FLOW_NONE) id = self->singles[reg];
    if (id != DC_FLOW_NONE) return id;
    const dc_flow_source_t *source = self->source;
    if (dc_code_is_fixed(source->fixed, reg)) {
        if (dc_reg_is_null(source->code->regs[reg])) return DC_FLOW_NONE;
        id = dc_flow_add_number(self->flow, source->code->regs[reg].number);
    } else {
        dc_flow_value_t single = dc_flow_value(DC_FLOW_SINGLE);
        single.is_single = true;
        single.source = reg;
        id = dc_flow_add(self->flow, single);
    }
    self->singles[reg] = id;
    return id;
}

static bool write_reg(build_t *self, uint16_t reg, uint32_t id)
{
    self->now.values[reg] = id;
    return id != DC_FLOW_NONE;
}

// --- masks -------------------------------------------------------------------------------------

static uint32_t add_mask(build_t *self, uint32_t parent, uint32_t condition, bool is_negated)
{
    if (self->mask_count == MASKS_MAX) return ALL;
    self->masks[self->mask_count] = (mask_t){ parent, condition, is_negated, DC_FLOW_NONE };
    return self->mask_count++;
}

// The bool that is true for the rows of `mask`; NONE if that is all of them. Masks stand inside
// each other as deep as conditions do in the text, and there are MASKS_MAX at most.
static uint32_t mask_value(build_t *self, uint32_t mask)
{
    if (mask == ALL) return DC_FLOW_NONE;
    mask_t *it = &self->masks[mask];
    if (it->value != DC_FLOW_NONE) return it->value;
    uint32_t parent = mask_value(self, it->parent);
    if (parent == DC_FLOW_NONE) {
        it->value = it->is_negated
                        ? dc_flow_add_op(self->flow, DC_OP_NOT, it->condition, DC_FLOW_NONE)
                        : it->condition;
    } else {
        it->value = dc_flow_add_kind(self->flow, it->is_negated ? DC_FLOW_AND_NOT : DC_FLOW_AND,
                                     parent, it->condition, DC_FLOW_NONE);
    }
    return it->value;
}

// Something that happens to the rows that are here.
static bool add_event(build_t *self, dc_flow_kind_t kind, uint32_t source)
{
    dc_flow_value_t value = dc_flow_value(kind);
    value.source = source;
    value.mask = mask_value(self, self->now.mask);
    value.can_fail = true;
    return dc_flow_add(self->flow, value) != DC_FLOW_NONE;
}

// --- ways --------------------------------------------------------------------------------------

static uint32_t *copy_values(build_t *self)
{
    uint32_t count = self->source->code->reg_count;
    uint32_t *values = dc_arena_alloc(self->arena, count, sizeof *values);
    if (values) memcpy(values, self->now.values, count * sizeof *values);
    return values;
}

// Part of the rows, or all, go on at `target`.
static bool leave(build_t *self, uint32_t mask, uint32_t target)
{
    if (self->way_count == WAYS_MAX || ++self->merge_count > MERGES_MAX) return false;
    uint32_t *values = copy_values(self);
    if (!values) return false;
    self->ways[self->way_count++] = (way_t){ mask, target, values };
    return true;
}

static bool jump_if(build_t *self, uint32_t condition, bool when, uint32_t target)
{
    if (condition == DC_FLOW_NONE) return false;
    uint32_t parent = self->now.mask;
    uint32_t leaving = add_mask(self, parent, condition, !when);
    uint32_t staying = add_mask(self, parent, condition, when);
    if (leaving == ALL || staying == ALL || !leave(self, leaving, target)) return false;
    self->now.mask = staying;
    return true;
}

// Is it certainly 1 or 0? A bool that is used as a number is one without being made again, so what
// it came from tells.
static bool is_bool(const build_t *self, uint32_t id)
{
    const dc_flow_value_t *value = &self->flow->values[id];
    if (value->kind == DC_FLOW_AND || value->kind == DC_FLOW_AND_NOT) return true;
    return value->kind == DC_FLOW_OP && value->op >= DC_OP_EQ && value->op <= DC_OP_BOOL_OF_NUMBER;
}

// What a register is where two ways meet.
static uint32_t choose(build_t *self, const mask_t *mask, uint32_t there, uint32_t here)
{
    if (there == here || there == DC_FLOW_NONE) return here;
    if (here == DC_FLOW_NONE) return there;
    uint32_t yes = mask->is_negated ? here : there;
    uint32_t no = mask->is_negated ? there : here;
    if (no == mask->condition && is_bool(self, no) && is_bool(self, yes)) {
        return dc_flow_add_kind(self->flow, DC_FLOW_AND, mask->condition, yes, DC_FLOW_NONE);
    }
    return dc_flow_add_kind(self->flow, DC_FLOW_SELECT, mask->condition, yes, no);
}

// `way` has come to where the others are: the two are what is and what is not of one condition.
static bool merge(build_t *self, const way_t *way)
{
    if (self->is_dead) {
        memcpy(self->now.values, way->values, self->source->code->reg_count * sizeof *way->values);
        self->now.mask = way->mask;
        self->is_dead = false;
        return true;
    }
    if (way->mask == ALL || self->now.mask == ALL) return false;
    const mask_t *there = &self->masks[way->mask];
    const mask_t *here = &self->masks[self->now.mask];
    bool are_halves = there->parent == here->parent && there->condition == here->condition &&
                      there->is_negated != here->is_negated;
    if (!are_halves) return false;
    for (uint32_t reg = 0; reg < self->source->code->reg_count; reg++) {
        uint32_t is = self->now.values[reg];
        uint32_t id = choose(self, there, way->values[reg], is);
        if (id == DC_FLOW_NONE && is != DC_FLOW_NONE) return false;
        self->now.values[reg] = id;
    }
    self->now.mask = here->parent;
    return true;
}

// The last that left is the first to be met again.
static bool meet(build_t *self, uint32_t position)
{
    for (uint32_t i = self->way_count; i-- > 0;) {
        if (self->ways[i].target != position) continue;
        way_t way = self->ways[i];
        self->way_count--;
        memmove(&self->ways[i], &self->ways[i + 1], (self->way_count - i) * sizeof way);
        if (!merge(self, &way)) return false;
    }
    return true;
}

// --- operations --------------------------------------------------------------------------------

static bool lower_math(build_t *self, dc_ins_t ins, const dc_ins_t *list, uint32_t count)
{
    uint32_t *args = dc_arena_alloc(self->arena, count + 1, sizeof *args);
    if (!args || count > DC_FLOW_VALUES_MAX) return false;
    for (uint32_t i = 0; i < count; i++) {
        args[i] = read_reg(self, list ? dc_list_reg(list, i) : i == 0 ? ins.a : ins.b);
        if (args[i] == DC_FLOW_NONE) return false;
    }
    uint32_t mask = dc_kernels_function(dc_kernels_best(), ins.x, count)
                        ? DC_FLOW_NONE
                        : mask_value(self, self->now.mask);
    return write_reg(self, ins.d, dc_flow_add_function(self->flow, ins.x, args, count, mask));
}

static bool lower_bitwise(build_t *self, dc_ins_t ins)
{
    uint32_t a = read_reg(self, ins.a);
    uint32_t b = ins.op == DC_OP_INVERT ? a : read_reg(self, ins.b);
    if (a == DC_FLOW_NONE || b == DC_FLOW_NONE) return false;
    dc_flow_value_t value = dc_flow_value(DC_FLOW_OP);
    value.op = ins.op;
    value.can_fail = true;
    value.a = a;
    value.b = b;
    value.mask = mask_value(self, self->now.mask);
    return write_reg(self, ins.d, dc_flow_add(self->flow, value));
}

static bool lower_binary(build_t *self, dc_ins_t ins)
{
    uint32_t a = read_reg(self, ins.a);
    uint32_t b = read_reg(self, ins.b);
    if (a == DC_FLOW_NONE || b == DC_FLOW_NONE) return false;
    uint32_t id = ins.op == DC_OP_POW   ? dc_flow_add_power(self->flow, a, b)
                  : ins.op == DC_OP_DIV ? dc_flow_add_quotient(self->flow, a, b)
                                        : dc_flow_add_op(self->flow, (dc_op_t)ins.op, a, b);
    return write_reg(self, ins.d, id);
}

static bool lower_unary(build_t *self, dc_ins_t ins)
{
    uint32_t a = read_reg(self, ins.a);
    return a != DC_FLOW_NONE &&
           write_reg(self, ins.d, dc_flow_add_op(self->flow, (dc_op_t)ins.op, a, DC_FLOW_NONE));
}

// --- the walk ----------------------------------------------------------------------------------

static bool walk(build_t *self, uint32_t at, uint32_t *result);

static bool lower_call(build_t *self, dc_ins_t ins, const dc_ins_t *list)
{
    const dc_code_t *code = self->source->code;
    const dc_function_t *function = &code->functions[ins.a];
    for (uint32_t i = 0; i < function->param_count; i++) {
        uint32_t id = read_reg(self, dc_list_reg(list, i));
        if (id == DC_FLOW_NONE) return false;
        self->now.values[code->variables[function->param_first + i].reg] = id;
    }
    if (self->now.mask == ALL) {
        self->flow->steps += function->steps;
    } else if (!add_event(self, DC_FLOW_STEPS, function->steps)) {
        return false;
    }
    uint32_t result;
    if (++self->call_count > CALLS_MAX) return false;
    if (++self->depth > WAYS_MAX || !walk(self, function->entry, &result)) return false;
    self->depth--;
    return write_reg(self, ins.d, result);
}

// One instruction, which is no jump and no end; `list` is what stands behind it.
static bool lower(build_t *self, dc_ins_t ins, const dc_ins_t *list)
{
    switch (ins.op) {
    case DC_OP_MOVE:
    case DC_OP_LITERAL: return write_reg(self, ins.d, read_reg(self, ins.a));
    case DC_OP_ADD:
    case DC_OP_SUB:
    case DC_OP_MUL:
    case DC_OP_DIV:
    case DC_OP_MOD:
    case DC_OP_FLOORDIV:
    case DC_OP_POW:
    case DC_OP_EQ:
    case DC_OP_NE:
    case DC_OP_LT:
    case DC_OP_LE:
    case DC_OP_GT:
    case DC_OP_GE: return lower_binary(self, ins);
    case DC_OP_NEG:
    case DC_OP_NOT:
    case DC_OP_IS_NAN:
    case DC_OP_IS_INF:
    case DC_OP_BOOL_OF_NUMBER: return lower_unary(self, ins);
    case DC_OP_BITOR:
    case DC_OP_BITAND:
    case DC_OP_BITXOR:
    case DC_OP_SHL:
    case DC_OP_SHR:
    case DC_OP_INVERT: return lower_bitwise(self, ins);
    case DC_OP_MATH1: return lower_math(self, ins, NULL, 1);
    case DC_OP_MATH2: return lower_math(self, ins, NULL, 2);
    case DC_OP_MATHN: return lower_math(self, ins, list, ins.a);
    case DC_OP_CALL: return lower_call(self, ins, list);
    case DC_OP_CHECK: return read_reg(self, ins.a) != DC_FLOW_NONE; // no row has null
    case DC_OP_IS_NULL:
        return read_reg(self, ins.a) != DC_FLOW_NONE &&
               write_reg(self, ins.d, dc_flow_add_number(self->flow, 0));
    case DC_OP_FAULT_NULL: return add_event(self, DC_FLOW_FAULT, 0);
    default: return false; // strings, and what only the VM does
    }
}

static bool jump(build_t *self, dc_ins_t ins)
{
    uint32_t target = dc_ins_target(ins);
    if (ins.op == DC_OP_JUMP_FALSE || ins.op == DC_OP_JUMP_TRUE) {
        return jump_if(self, read_reg(self, ins.d), ins.op == DC_OP_JUMP_TRUE, target);
    }
    // JUMP, and JUMP_VALUE where nothing is null
    if (!leave(self, self->now.mask, target)) return false;
    self->is_dead = true;
    return true;
}

static bool is_end(dc_ins_t ins)
{
    return ins.op == DC_OP_END || ins.op == DC_OP_RETURN || ins.op == DC_OP_YIELD;
}

// From `at` to the end of the text or of the function.
static bool walk(build_t *self, uint32_t at, uint32_t *result)
{
    const dc_code_t *code = self->source->code;
    for (;; at++) {
        dc_ins_t ins = code->ins[at];
        if (!meet(self, at)) return false;
        if (self->is_dead) {
            at += dc_ins_length(ins) - 1;
        } else if (is_end(ins)) {
            *result = read_reg(self, ins.a);
            return *result != DC_FLOW_NONE;
        } else if (dc_ins_is_jump(ins)) {
            if (!jump(self, ins)) return false;
        } else {
            if (!lower(self, ins, &code->ins[at + 1])) return false;
            at += dc_ins_length(ins) - 1;
        }
    }
}

static bool begin(build_t *self)
{
    const dc_flow_source_t *source = self->source;
    uint32_t count = source->code->reg_count;
    if (count > REGISTERS_MAX) return false;
    self->flow->values =
        dc_arena_alloc(self->arena, DC_FLOW_VALUES_MAX, sizeof *self->flow->values);
    self->masks = dc_arena_alloc(self->arena, MASKS_MAX, sizeof *self->masks);
    self->now.values = dc_arena_alloc(self->arena, count, sizeof *self->now.values);
    self->singles = dc_arena_alloc(self->arena, count, sizeof *self->singles);
    bool has_room = self->flow->values && self->masks && self->now.values && self->singles;
    if (!has_room) return false;
    self->now.mask = ALL;
    memset(self->now.values, 0xFF, count * sizeof *self->now.values); // DC_FLOW_NONE
    memset(self->singles, 0xFF, count * sizeof *self->singles);
    for (size_t i = 0; i < source->row_count; i++) {
        dc_flow_value_t rows = dc_flow_value(DC_FLOW_ROWS);
        rows.source = (uint32_t)i;
        self->now.values[source->rows[i]] = dc_flow_add(self->flow, rows);
    }
    return true;
}

bool dc_flow_build(const dc_flow_source_t *source, dc_arena_t *arena, dc_flow_t *flow)
{
    build_t *build = dc_arena_alloc(arena, 1, sizeof *build);
    if (!build) return false;
    *flow = (dc_flow_t){ .arena = arena };
    memset(build, 0, sizeof *build);
    build->source = source;
    build->arena = arena;
    build->flow = flow;
    return begin(build) && walk(build, source->entry, &flow->result);
}
