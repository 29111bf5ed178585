#include "common/expr/faults.h"

#include <math.h>

#include "common/expr/math.h"
#include "common/expr/number.h"
#include "common/expr/ops.h"
#include "common/limits.h"
#include "common/quantity.h"
#include "common/quote.h"

const char *dc_fault_name(dc_ins_t ins)
{
    if (ins.op == DC_OP_REDUCE) return dc_reduce_infos[ins.x].name;
    return dc_ins_is_math(ins) ? dc_math_at(ins.x)->name : dc_op_infos[ins.op].text;
}

uint32_t dc_fault_first_integer(dc_ins_t ins)
{
    const char *name = dc_fault_name(ins);
    return strcmp(name, "root") == 0 || strcmp(name, "round") == 0;
}

// --- faults of a run ---------------------------------------------------------------------------

dc_err_t dc_fault_of_steps(uint64_t steps_max, dc_span_t span, dc_diag_t *diag)
{
    char steps[DC_QUANTITY_TEXT_MAX];
    dc_count_print(steps_max, steps);
    return dc_diag_set(diag, DC_ERR_STEPS, span.column, span.width, "more than %s steps are needed",
                       steps);
}

dc_err_t dc_fault_of_time(uint64_t steps_used, dc_span_t span, dc_diag_t *diag)
{
    char steps[DC_QUANTITY_TEXT_MAX];
    dc_count_print(steps_used, steps);
    return dc_diag_set(diag, DC_ERR_TIME, span.column, span.width,
                       "its time (--timeout) was over after %s steps; a faster machine may get "
                       "further",
                       steps);
}

dc_err_t dc_fault_of_null(const dc_code_t *code, uint32_t at, dc_diag_t *diag)
{
    dc_ins_t ins = code->ins[at];
    dc_span_t span = code->spans[at];
    for (uint32_t i = 0; ins.op == DC_OP_CHECK && i < code->variable_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (!variable->is_used || variable->has_value || variable->reg != ins.a) continue;
        return dc_diag_set(diag, DC_ERR_NULL, span.column, span.width, "'%s' is null here",
                           dc_quote(variable->name).text);
    }
    return dc_diag_set(diag, DC_ERR_NULL, span.column, span.width,
                       "null stands where a value is needed");
}

// How many numbers the instruction at the fault reads, and each of them.
static uint32_t count_read(dc_ins_t ins)
{
    return ins.op == DC_OP_MATHN ? ins.a : dc_op_infos[ins.op].reads;
}

static double number_read(const dc_vm_t *vm, uint32_t index)
{
    const dc_ins_t *ins = &vm->code->ins[vm->fault_at];
    uint16_t reg = index ? ins->b : ins->a;
    if (ins->op == DC_OP_MATHN) reg = dc_list_reg(ins + 1, index);
    return vm->regs[reg].number;
}

// What an operation that takes integers demands of the numbers that it reads.
typedef struct demand {
    const char *what;
    double max;     // they are below this; infinite: those that are not finite are no fault either
    uint32_t first; // those before it may be any
} demand_t;

static demand_t demand_of(dc_ins_t ins)
{
    const char *name = dc_fault_name(ins);
    if (!dc_ins_is_math(ins)) return (demand_t){ "integers below 2^53", DC_INTEGER_MAX, 0 };
    if (strcmp(name, "uniform") == 0 || strcmp(name, "normal") == 0)
        return (demand_t){ "integers up to 2^53", DC_INTEGER_MAX + 2, 0 };
    if (dc_fault_first_integer(ins))
        return (demand_t){ "an integer behind its first number", INFINITY, 1 };
    return (demand_t){ ins.op == DC_OP_MATH1 ? "an integer" : "integers", INFINITY, 0 };
}

static bool fits(demand_t demand, double number)
{
    if (!isfinite(number)) return isinf(demand.max);
    return number == trunc(number) && fabs(number) < demand.max;
}

static dc_err_t integer_fault(const dc_vm_t *vm, dc_ins_t ins, dc_span_t span, dc_diag_t *diag)
{
    demand_t demand = demand_of(ins);
    uint32_t at = demand.first;
    double number = number_read(vm, at);
    while (at + 1 < count_read(ins) && fits(demand, number)) {
        number = number_read(vm, ++at);
    }
    return dc_diag_set(diag, DC_ERR_INTEGER, span.column, span.width, "'%s' takes %s, not %s",
                       dc_fault_name(ins), demand.what, dc_number_text(number).text);
}

static dc_err_t text_fault(const dc_vm_t *vm, dc_err_t err, dc_ins_t ins, dc_span_t span,
                           dc_diag_t *diag)
{
    dc_quote_t text = dc_quote(*vm->regs[ins.a].string);
    return dc_diag_set(diag, err, span.column, span.width, "'%s' is %s", text.text,
                       err == DC_ERR_NUMBER ? "not a number" : "neither true nor false");
}

dc_err_t dc_fault_of_run(const dc_vm_t *vm, dc_err_t err, dc_diag_t *diag)
{
    dc_span_t span = { 0, 0 };
    dc_ins_t ins = { 0 };
    if (vm->fault_at != DC_VM_NOWHERE) {
        ins = vm->code->ins[vm->fault_at];
        span = vm->code->spans[vm->fault_at];
    }
    if (vm->sentence[0]) {
        return dc_diag_set(diag, err, span.column, span.width, "%s", vm->sentence);
    }
    switch ((int)err) {
    case DC_ERR_NULL: return dc_fault_of_null(vm->code, vm->fault_at, diag);
    case DC_ERR_INTEGER: return integer_fault(vm, ins, span, diag);
    case DC_ERR_NUMBER:
    case DC_ERR_TYPE: return text_fault(vm, err, ins, span, diag);
    case DC_ERR_DOMAIN:
        return dc_diag_set(diag, err, span.column, span.width, "'%s' cannot shift by %s",
                           dc_fault_name(ins), dc_number_text(vm->regs[ins.b].number).text);
    case DC_ERR_OVERFLOW:
        return dc_diag_set(diag, err, span.column, span.width,
                           "the result of '%s' is not below 2^53", dc_fault_name(ins));
    case DC_ERR_STEPS: return dc_fault_of_steps(vm->budget->steps_max, span, diag);
    case DC_ERR_TIME: return dc_fault_of_time(vm->steps, span, diag);
    case DC_ERR_TOO_LARGE:
        return dc_diag_set(diag, err, span.column, span.width, "the strings take more than %u MiB",
                           DC_EXPR_STRINGS_BYTES_MAX >> 20);
    default: return dc_diag_set(diag, err, span.column, span.width, "%s", dc_err_text(err));
    }
}

// --- values that are not finite ----------------------------------------------------------------

// Functions that are infinite where they are not defined, rather than because the result is large.
static bool is_pole(const char *name, const dc_vm_origin_t *origin)
{
    static const char *const everywhere[] = { "atanh", "ln",   "log",     "log10",
                                              "log1p", "log2", "norminv", "root" };
    for (size_t i = 0; i < DC_ARRAY_LEN(everywhere); i++) {
        if (strcmp(name, everywhere[i]) == 0) return true;
    }
    return origin->args[0] <= 0 && strcmp(name, "gamma") == 0;
}

static bool is_division_by_zero(dc_ins_t ins, const dc_vm_origin_t *origin)
{
    const char *name = dc_fault_name(ins);
    if (ins.op == DC_OP_DIV || ins.op == DC_OP_MOD || ins.op == DC_OP_FLOORDIV) {
        return origin->args[1] == 0;
    }
    bool is_pow = ins.op == DC_OP_POW || (ins.op == DC_OP_MATH2 && strcmp(name, "pow") == 0);
    if (is_pow) return origin->args[0] == 0 && origin->args[1] < 0;
    return ins.op == DC_OP_MATH2 && origin->args[1] == 0 &&
           (strcmp(name, "mod") == 0 || strcmp(name, "idiv") == 0);
}

static dc_err_t classify(dc_ins_t ins, const dc_vm_origin_t *origin)
{
    if (is_division_by_zero(ins, origin)) return DC_ERR_DIVIDE_BY_ZERO;
    if (isnan(origin->result)) return DC_ERR_DOMAIN;
    return dc_ins_is_math(ins) && is_pole(dc_fault_name(ins), origin) ? DC_ERR_DOMAIN
                                                                      : DC_ERR_OVERFLOW;
}

static dc_err_t not_finite(dc_diag_t *diag, dc_span_t span, double number)
{
    return dc_diag_set(diag, isnan(number) ? DC_ERR_DOMAIN : DC_ERR_OVERFLOW, span.column,
                       span.width, "the value is %s", dc_number_text(number).text);
}

static dc_err_t not_defined(dc_diag_t *diag, dc_span_t span, dc_ins_t ins,
                            const dc_vm_origin_t *origin)
{
    const char *name = dc_fault_name(ins);
    if (ins.op == DC_OP_MATH1) {
        return dc_diag_set(diag, DC_ERR_DOMAIN, span.column, span.width,
                           "'%s' is not defined for %s", name,
                           dc_number_text(origin->args[0]).text);
    }
    if (ins.op == DC_OP_MATHN) {
        return dc_diag_set(diag, DC_ERR_DOMAIN, span.column, span.width,
                           "'%s' is not defined for these values", name);
    }
    return dc_diag_set(diag, DC_ERR_DOMAIN, span.column, span.width,
                       "'%s' is not defined for %s and %s", name,
                       dc_number_text(origin->args[0]).text, dc_number_text(origin->args[1]).text);
}

dc_err_t dc_fault_of_number(double number, dc_diag_t *diag)
{
    return not_finite(diag, (dc_span_t){ 0 }, number);
}

dc_err_t dc_fault_of_value(const dc_vm_t *vm, dc_diag_t *diag)
{
    const dc_vm_origin_t *origin = &vm->origins[vm->result];
    const dc_code_t *code = vm->code;
    if (!origin->is_set) return dc_fault_of_number(vm->regs[vm->result].number, diag);
    if (origin->is_input) return not_finite(diag, code->variables[origin->at].span, origin->result);
    dc_ins_t ins = code->ins[origin->at];
    dc_span_t span = code->spans[origin->at];
    if (ins.op == DC_OP_LITERAL) return not_finite(diag, span, origin->result);
    dc_err_t err = classify(ins, origin);
    if (err == DC_ERR_DOMAIN) return not_defined(diag, span, ins, origin);
    if (err == DC_ERR_DIVIDE_BY_ZERO) {
        return dc_diag_set(diag, err, span.column, span.width, "division by zero");
    }
    return dc_diag_set(diag, err, span.column, span.width, "the result of '%s' is too large",
                       dc_fault_name(ins));
}
