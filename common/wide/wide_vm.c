#include "common/wide/wide_vm.h"

#include "common/expr/hooks.h"
#include "common/expr/ops.h"
#include "common/limits.h"
#include "common/wide/wide_text.h"

// As many bits read or written are a step.
#define BITS_PER_STEP (UINT64_C(8) * DC_OP_BYTES_PER_STEP)

dc_err_t dc_wide_vm_charge(dc_wide_vm_t *self, uint64_t steps, uint64_t bits)
{
    return dc_meter_charge(self->meter, steps + bits / BITS_PER_STEP);
}

// --- registers ---------------------------------------------------------------------------------

dc_err_t dc_wide_vm_put(dc_wide_vm_t *self, uint16_t reg)
{
    dc_wide_reg_t *to = &self->regs[reg];
    self->bytes -= dc_wide_number_bytes(&to->own);
    dc_wide_number_swap(&to->own, &self->result);
    dc_wide_number_trim(&to->own);
    self->bytes += dc_wide_number_bytes(&to->own);
    to->number = &to->own;
    return self->bytes > DC_WIDE_BYTES_MAX ? DC_ERR_TOO_LARGE : DC_OK;
}

static void put_plain(dc_wide_vm_t *self, uint16_t reg, dc_reg_t plain)
{
    self->regs[reg].plain = plain;
    self->regs[reg].number = NULL;
}

static void put_bool(dc_wide_vm_t *self, uint16_t reg, bool boolean)
{
    put_plain(self, reg, (dc_reg_t){ .number = boolean });
}

// What is borrowed, as from the code, is never written.
static dc_err_t move(dc_wide_vm_t *self, uint16_t to, uint16_t from)
{
    const dc_wide_reg_t *source = &self->regs[from];
    if (source->number == &source->own) {
        dc_wide_number_set(&self->result, source->number);
        return dc_wide_vm_put(self, to);
    }
    self->regs[to].plain = source->plain;
    self->regs[to].number = source->number;
    return DC_OK;
}

static bool is_null(const dc_wide_reg_t *reg)
{
    return !reg->number && dc_reg_is_null(reg->plain);
}

// --- operations --------------------------------------------------------------------------------

// An operation has ended with `err`, or has a result for this register.
static dc_err_t end(dc_wide_vm_t *self, dc_err_t err, uint16_t reg)
{
    if (!err) err = dc_wide_vm_charge(self, 0, dc_wide_number_bits(&self->result));
    return err ? err : dc_wide_vm_put(self, reg);
}

static dc_err_t operate(dc_wide_vm_t *self, dc_ins_t ins)
{
    const dc_wide_number_t *a = dc_wide_vm_number(self, ins.a);
    const dc_wide_number_t *b = dc_op_infos[ins.op].reads == 2 ? dc_wide_vm_number(self, ins.b) : a;
    dc_err_t err = dc_wide_vm_charge(self, 0, dc_wide_number_bits(a) + dc_wide_number_bits(b));
    if (!err) err = dc_arithmetic_operate(self->arithmetic, (dc_op_t)ins.op, &self->result, a, b);
    return end(self, err, ins.d);
}

static dc_err_t compare(dc_wide_vm_t *self, dc_ins_t ins)
{
    const dc_wide_number_t *a = dc_wide_vm_number(self, ins.a);
    const dc_wide_number_t *b = dc_wide_vm_number(self, ins.b);
    dc_err_t err = dc_wide_vm_charge(self, 0, dc_wide_number_bits(a) + dc_wide_number_bits(b));
    int order = dc_arithmetic_compare(self->arithmetic, a, b);
    put_bool(self, ins.d, dc_op_compare((dc_op_t)ins.op, order, 0));
    return err;
}

// The register of an argument; `list` has those of a function of more than two.
static uint16_t arg_reg(dc_ins_t ins, const dc_ins_t *list, uint32_t index)
{
    if (ins.op == DC_OP_MATHN) return dc_list_reg(list, index);
    return index ? ins.b : ins.a;
}

static dc_err_t call(dc_wide_vm_t *self, dc_ins_t ins, const dc_ins_t *list)
{
    uint32_t count = ins.op == DC_OP_MATHN ? ins.a : dc_op_infos[ins.op].reads;
    uint64_t bits = 0;
    for (uint32_t i = 0; i < count; i++) {
        self->arg_list[i] = dc_wide_vm_number(self, arg_reg(ins, list, i));
        bits += dc_wide_number_bits(self->arg_list[i]);
    }
    const dc_wide_function_t *function = dc_wide_math_at(ins.x);
    dc_err_t err = dc_wide_vm_charge(self, 0, bits);
    if (!err)
        err = dc_wide_math_call(self->arithmetic, function, &self->result, self->arg_list, count);
    return end(self, err, ins.d);
}

// --- strings -----------------------------------------------------------------------------------

static dc_err_t put_string(dc_wide_vm_t *self, uint16_t reg, const dc_str_t *string)
{
    if (!string) return DC_ERR_TOO_LARGE;
    put_plain(self, reg, (dc_reg_t){ .string = string });
    return DC_OK;
}

static dc_err_t join_strings(dc_wide_vm_t *self, dc_ins_t ins, dc_str_t a, dc_str_t b)
{
    dc_err_t err = dc_wide_vm_charge(self, dc_op_string_steps(a, b), 0);
    if (err) return err;
    if (ins.op == DC_OP_CONCAT) return put_string(self, ins.d, dc_op_concat(self->strings, a, b));
    bool is_true = ins.op == DC_OP_IN_STRING ? dc_op_contains(b, a)
                                             : dc_op_compare_strings((dc_op_t)ins.op, a, b);
    put_bool(self, ins.d, is_true);
    return DC_OK;
}

static dc_err_t print_number(dc_wide_vm_t *self, dc_ins_t ins)
{
    const dc_wide_number_t *number = dc_wide_vm_number(self, ins.a);
    dc_err_t err = dc_wide_vm_charge(self, 0, dc_wide_number_bits(number));
    if (err) return err;
    self->text->len = 0;
    err = dc_wide_text_print(self->arithmetic, self->meter, number, self->text);
    if (err) return err;
    if (self->text->failed) return DC_ERR_NOMEM;
    return put_string(self, ins.d, dc_op_copy(self->strings, dc_buf_str(self->text)));
}

static dc_err_t read_number(dc_wide_vm_t *self, dc_ins_t ins)
{
    dc_str_t text = *self->regs[ins.a].plain.string;
    dc_err_t err = dc_wide_vm_charge(self, 0, 8 * text.len);
    if (!err) err = dc_wide_text_read(self->arithmetic, text, self->text, &self->result);
    return err ? err : dc_wide_vm_put(self, ins.d);
}

static dc_err_t read_bool(dc_wide_vm_t *self, dc_ins_t ins)
{
    bool boolean;
    if (!dc_op_bool_of_string(*self->regs[ins.a].plain.string, &boolean)) return DC_ERR_TYPE;
    put_bool(self, ins.d, boolean);
    return DC_OK;
}

// --- calls -------------------------------------------------------------------------------------

static dc_err_t pass_args(dc_wide_vm_t *self, const dc_function_t *function, const dc_ins_t *list)
{
    uint16_t param = self->code->variables[function->param_first].reg;
    for (uint32_t i = 0; i < function->param_count; i++, param++) {
        dc_err_t err = move(self, param, dc_list_reg(list, i));
        if (err) return err;
    }
    return DC_OK;
}

typedef struct frame {
    const dc_ins_t *back; // where the caller goes on
    uint16_t reg;         // where it wants the result
} frame_t;

// --- the loop ----------------------------------------------------------------------------------

// One instruction that neither jumps nor calls.
static dc_err_t step(dc_wide_vm_t *self, dc_ins_t ins, const dc_ins_t *behind)
{
    dc_wide_reg_t *r = self->regs;
    switch ((dc_op_t)ins.op) {
    case DC_OP_MOVE:
    case DC_OP_LITERAL: return move(self, ins.d, ins.a);
    case DC_OP_ADD:
    case DC_OP_SUB:
    case DC_OP_MUL:
    case DC_OP_DIV:
    case DC_OP_MOD:
    case DC_OP_FLOORDIV:
    case DC_OP_POW:
    case DC_OP_NEG:
    case DC_OP_BITOR:
    case DC_OP_BITAND:
    case DC_OP_BITXOR:
    case DC_OP_SHL:
    case DC_OP_SHR:
    case DC_OP_INVERT: return operate(self, ins);
    case DC_OP_EQ:
    case DC_OP_NE:
    case DC_OP_LT:
    case DC_OP_LE:
    case DC_OP_GT:
    case DC_OP_GE: return compare(self, ins);
    case DC_OP_EQ_STRING:
    case DC_OP_NE_STRING:
    case DC_OP_LT_STRING:
    case DC_OP_LE_STRING:
    case DC_OP_GT_STRING:
    case DC_OP_GE_STRING:
    case DC_OP_IN_STRING:
    case DC_OP_CONCAT:
        return join_strings(self, ins, *r[ins.a].plain.string, *r[ins.b].plain.string);
    case DC_OP_NOT: put_bool(self, ins.d, r[ins.a].plain.number == 0); return DC_OK;
    case DC_OP_IS_NAN:
    case DC_OP_IS_INF: put_bool(self, ins.d, false); return DC_OK;
    case DC_OP_BOOL_OF_NUMBER:
        put_bool(self, ins.d, dc_wide_number_sign(dc_wide_vm_number(self, ins.a)) != 0);
        return DC_OK;
    case DC_OP_NUMBER_OF_STRING: return read_number(self, ins);
    case DC_OP_BOOL_OF_STRING: return read_bool(self, ins);
    case DC_OP_STRING_OF_NUMBER: return print_number(self, ins);
    case DC_OP_STRING_OF_BOOL:
        return put_string(self, ins.d, dc_op_string_of_bool(r[ins.a].plain.number != 0));
    case DC_OP_IS_NULL: put_bool(self, ins.d, is_null(&r[ins.a])); return DC_OK;
    case DC_OP_CHECK: return is_null(&r[ins.a]) ? DC_ERR_NULL : DC_OK;
    case DC_OP_FAULT_NULL: return DC_ERR_NULL;
    case DC_OP_MATH1:
    case DC_OP_MATH2:
    case DC_OP_MATHN: return call(self, ins, behind);
    case DC_OP_CRASH:
        dc_hook_crash();
        put_bool(self, ins.d, false);
        return DC_OK;
    case DC_OP_END: // what follows is not for here
    case DC_OP_YIELD:
    case DC_OP_CALL:
    case DC_OP_ARGS:
    case DC_OP_RETURN:
    case DC_OP_REDUCE:
    case DC_OP_JUMP:
    case DC_OP_JUMP_FALSE:
    case DC_OP_JUMP_TRUE:
    case DC_OP_JUMP_VALUE:
    case DC_OP_COUNT: break;
    }
    return DC_ERR_INTERNAL;
}

static bool is_taken(const dc_wide_vm_t *self, dc_ins_t ins)
{
    const dc_wide_reg_t *reg = &self->regs[ins.d];
    switch ((int)ins.op) {
    case DC_OP_JUMP_FALSE: return reg->plain.number == 0;
    case DC_OP_JUMP_TRUE: return reg->plain.number != 0;
    case DC_OP_JUMP_VALUE: return !is_null(reg);
    default: return true;
    }
}

dc_err_t dc_wide_vm_run_from(dc_wide_vm_t *self, uint32_t entry)
{
    const dc_code_t *code = self->code;
    frame_t frames[DC_EXPR_CALLS_MAX];
    uint32_t depth = 0;
    const dc_ins_t *pc = code->ins + entry;
    for (;;) {
        const dc_ins_t ins = *pc;
        uint32_t at = (uint32_t)(pc - code->ins);
        dc_err_t err = DC_OK;
        pc++;
        if (ins.op == DC_OP_END || ins.op == DC_OP_YIELD) {
            self->value = ins.a;
            return DC_OK;
        }
        if (dc_ins_is_jump(ins)) {
            if (is_taken(self, ins)) pc = code->ins + dc_ins_target(ins);
        } else if (ins.op == DC_OP_CALL) {
            const dc_function_t *function = &code->functions[ins.a];
            err = dc_wide_vm_charge(self, function->steps, 0);
            if (!err) err = pass_args(self, function, pc);
            frames[depth++] = (frame_t){ pc + dc_list_length(ins.b), ins.d };
            pc = code->ins + function->entry;
        } else if (ins.op == DC_OP_RETURN) {
            assert(depth > 0);
            depth--;
            pc = frames[depth].back;
            err = move(self, frames[depth].reg, ins.a);
        } else if (ins.op == DC_OP_REDUCE) {
            err = dc_wide_vm_reduce(self, at);
            if (err) return err;
        } else {
            err = step(self, ins, pc);
            pc += dc_ins_length(ins) - 1;
        }
        if (err) return dc_wide_vm_fail(self, at, err);
    }
}

dc_err_t dc_wide_vm_run(dc_wide_vm_t *self)
{
    self->meter->steps += self->code->main_steps;
    dc_err_t err = dc_meter_look(self->meter);
    return err ? dc_wide_vm_fail(self, DC_WIDE_NOWHERE, err) : dc_wide_vm_run_from(self, 0);
}
