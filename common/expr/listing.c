#include "common/expr/listing.h"

#include "common/expr/math.h"

static const char *const op_names[DC_OP_COUNT] = {
#define X(name, reads, writes, text) #name,
    DC_OP_LIST(X)
#undef X
};

// --- names -------------------------------------------------------------------------------------

// The name that a reduction binds: its second argument in the text.
static dc_str_t name_of_term(const dc_listing_t *self, const dc_reduction_t *reduction)
{
    const dc_syntax_node_t *call = self->syntax->at[self->code->spans[reduction->at].column];
    return call && call->first && call->first->next ? call->first->next->label : DC_STR("");
}

static void name_registers(dc_listing_t *self)
{
    const dc_code_t *code = self->code;
    memset(self->names, 0, code->reg_count * sizeof *self->names);
    for (uint32_t i = 0; i < code->variable_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (variable->is_used && !variable->has_value) self->names[variable->reg] = variable->name;
    }
    for (uint32_t i = 0; i < code->reduction_count; i++) {
        if (!dc_code_has_reduction(code, i)) continue;
        const dc_reduction_t *reduction = &code->reductions[i];
        self->names[reduction->variable] = name_of_term(self, reduction);
    }
}

bool dc_listing_init(dc_listing_t *self, const dc_code_t *code, const dc_syntax_t *syntax,
                     dc_arena_t *arena)
{
    *self = (dc_listing_t){ .code = code, .syntax = syntax };
    self->fixed = dc_code_fixed(code, arena);
    self->names = dc_arena_alloc(arena, code->reg_count + 1, sizeof *self->names);
    if (!self->fixed || !self->names) return false;
    name_registers(self);
    return true;
}

// --- types of constants ------------------------------------------------------------------------

static uint32_t operand_count(const dc_code_t *code, dc_ins_t ins)
{
    switch (ins.op) {
    case DC_OP_MATHN: return ins.a;
    case DC_OP_CALL: return ins.b;
    case DC_OP_REDUCE: return 1u + code->reductions[ins.a].arg_count;
    case DC_OP_CHECK:
    case DC_OP_JUMP_FALSE:
    case DC_OP_JUMP_TRUE:
    case DC_OP_JUMP_VALUE: return 1;
    default: return dc_op_infos[ins.op].reads;
    }
}

static uint16_t operand_reg(const dc_code_t *code, uint32_t at, uint32_t index)
{
    dc_ins_t ins = code->ins[at];
    if (ins.op == DC_OP_MATHN || ins.op == DC_OP_CALL) {
        return dc_list_reg(&code->ins[at + 1], index);
    }
    if (ins.op == DC_OP_REDUCE) {
        const dc_reduction_t *reduction = &code->reductions[ins.a];
        return index ? reduction->args[index - 1] : reduction->variable;
    }
    if (dc_ins_is_jump(ins)) return ins.d;
    return index ? ins.b : ins.a;
}

// The type that the function returns whose RETURN is at `at`.
static dc_type_t type_returned(const dc_code_t *code, uint32_t at)
{
    dc_type_t type = DC_TYPE_NUMBER;
    for (uint32_t i = 0; i < code->function_count; i++) {
        if (code->functions[i].entry <= at) type = code->functions[i].type;
    }
    return type;
}

// The type that the instruction at `at` takes its operand `index` for; of a MOVE nothing is known.
static dc_type_t type_wanted(const dc_code_t *code, uint32_t at, uint32_t index)
{
    dc_ins_t ins = code->ins[at];
    if (ins.op >= DC_OP_EQ_STRING && ins.op <= DC_OP_BOOL_OF_STRING) return DC_TYPE_STRING;
    switch (ins.op) {
    case DC_OP_END: return code->type;
    case DC_OP_RETURN: return type_returned(code, at);
    case DC_OP_CALL: return code->variables[code->functions[ins.a].param_first + index].type;
    case DC_OP_NOT:
    case DC_OP_STRING_OF_BOOL:
    case DC_OP_JUMP_FALSE:
    case DC_OP_JUMP_TRUE: return DC_TYPE_BOOL;
    default: return DC_TYPE_NUMBER;
    }
}

// Does it look at a register whatever type that has?
static bool takes_any(dc_op_t op)
{
    return op == DC_OP_CHECK || op == DC_OP_IS_NULL || op == DC_OP_JUMP_VALUE;
}

// Does the instruction at `at` read `reg`? Then which operand is it?
static bool find_read(const dc_code_t *code, uint32_t at, uint16_t reg, uint32_t *index)
{
    uint32_t count = operand_count(code, code->ins[at]);
    for (*index = 0; *index < count; ++*index) {
        if (operand_reg(code, at, *index) == reg) return true;
    }
    return false;
}

// The type of what the instruction at `at` reads. What is only moved has the type that is wanted of
// it where it went: by the first who reads it there, since a register that waits for a side that is
// chosen is nobody else's until then.
static dc_type_t type_read(const dc_code_t *code, uint32_t at, uint32_t index)
{
    while (code->ins[at].op == DC_OP_MOVE) {
        uint16_t reg = code->ins[at].d;
        do {
            at++;
            if (at == code->ins_count) return DC_TYPE_NUMBER;
        } while (takes_any((dc_op_t)code->ins[at].op) || !find_read(code, at, reg, &index));
    }
    return type_wanted(code, at, index);
}

static dc_value_t value_of(dc_reg_t reg, dc_type_t type)
{
    if (dc_reg_is_null(reg)) return (dc_value_t){ .type = DC_TYPE_NULL };
    switch (type) {
    case DC_TYPE_STRING: return (dc_value_t){ .type = type, .string = *reg.string };
    case DC_TYPE_BOOL: return (dc_value_t){ .type = type, .boolean = reg.number != 0 };
    case DC_TYPE_NULL:
    case DC_TYPE_DIGITS:
    case DC_TYPE_NUMBER: break;
    }
    return (dc_value_t){ .type = DC_TYPE_NUMBER, .number = reg.number };
}

// --- lines -------------------------------------------------------------------------------------

static void put_op(dc_listing_line_t *line, const char *name)
{
    size_t len = 0;
    for (; len < sizeof line->op - 1 && name[len]; len++) {
        bool is_capital = name[len] >= 'A' && name[len] <= 'Z';
        line->op[len] = name[len];
        if (is_capital) line->op[len] = (char)(name[len] - 'A' + 'a');
        if (name[len] == '_') line->op[len] = '-';
    }
    line->op[len] = '\0';
}

static const char *name_of_op(dc_ins_t ins)
{
    if (ins.op == DC_OP_REDUCE) return dc_reduce_infos[ins.x].name;
    return dc_ins_is_math(ins) ? dc_math_at(ins.x)->name : op_names[ins.op];
}

bool dc_listing_next(dc_listing_t *self, dc_listing_line_t *line)
{
    const dc_code_t *code = self->code;
    if (self->next == code->ins_count) return false;
    dc_ins_t ins = code->ins[self->next];
    *line = (dc_listing_line_t){ .at = self->next,
                                 .has_result = dc_op_infos[ins.op].writes,
                                 .result = ins.d,
                                 .operand_count = operand_count(code, ins),
                                 .text = dc_syntax_text_at(self->syntax, code->spans[self->next]) };
    put_op(line, name_of_op(ins));
    if (ins.op == DC_OP_CALL) line->callee = code->functions[ins.a].name;
    line->has_target = dc_ins_is_jump(ins) || ins.op == DC_OP_REDUCE;
    if (line->has_target) {
        line->target = ins.op == DC_OP_REDUCE ? code->reductions[ins.a].entry : dc_ins_target(ins);
    }
    self->next += dc_ins_length(ins);
    return true;
}

// The number of wide code that stands in this register, as it is written; NULL: none does.
static const dc_literal_t *literal_in(const dc_code_t *code, uint16_t reg)
{
    for (uint32_t i = 0; code->literals && i < code->literals->count; i++) {
        if (code->literals->items[i].reg == reg) return &code->literals->items[i];
    }
    return NULL;
}

static dc_listed_t name_or_register(const dc_listing_t *self, uint16_t reg)
{
    dc_listed_t listed = { .kind = DC_LISTED_REGISTER, .reg = reg, .name = self->names[reg] };
    if (listed.name.len) listed.kind = DC_LISTED_NAME;
    return listed;
}

dc_listed_t dc_listing_operand(const dc_listing_t *self, const dc_listing_line_t *line,
                               uint32_t index)
{
    const dc_code_t *code = self->code;
    uint16_t reg = operand_reg(code, line->at, index);
    dc_listed_t listed = name_or_register(self, reg);
    bool is_constant = dc_code_is_fixed(self->fixed, reg);
    if (listed.kind == DC_LISTED_NAME || !is_constant) return listed;
    listed.kind = DC_LISTED_CONSTANT;
    const dc_literal_t *literal = literal_in(code, reg);
    listed.value = literal ? (dc_value_t){ .type = DC_TYPE_DIGITS, .string = literal->text }
                           : value_of(code->regs[reg], type_read(code, line->at, index));
    return listed;
}

dc_listed_t dc_listing_result(const dc_listing_t *self, const dc_listing_line_t *line)
{
    return name_or_register(self, line->result);
}
