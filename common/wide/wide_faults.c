// What went wrong in a run with wide numbers, where, and how to say it.
#include <stdio.h>

#include "common/expr/faults.h"
#include "common/limits.h"
#include "common/wide/wide_text.h"
#include "common/wide/wide_vm.h"

dc_quote_t dc_wide_vm_quote(const dc_wide_vm_t *self, const dc_wide_number_t *number)
{
    dc_buf_t *text = self->text;
    text->len = 0;
    // What is said of a fault is the same at any time.
    dc_meter_t patient = { 0 };
    dc_err_t err = dc_wide_text_print(self->arithmetic, &patient, number, text);
    assert(!err);
    return dc_quote(dc_buf_str(text));
}

// The numbers that an instruction reads: how many, and each of them.
static uint32_t count_read(dc_ins_t ins)
{
    return ins.op == DC_OP_MATHN ? ins.a : dc_op_infos[ins.op].reads;
}

static const dc_wide_number_t *number_read(const dc_wide_vm_t *self, uint32_t at, uint32_t index)
{
    const dc_ins_t *ins = &self->code->ins[at];
    uint16_t reg = index ? ins->b : ins->a;
    if (ins->op == DC_OP_MATHN) reg = dc_list_reg(ins + 1, index);
    return dc_wide_vm_number(self, reg);
}

static dc_quote_t quote_read(const dc_wide_vm_t *self, uint32_t at, uint32_t index)
{
    return dc_wide_vm_quote(self, number_read(self, at, index));
}

static dc_err_t not_defined(const dc_wide_vm_t *self, uint32_t at, dc_span_t span)
{
    dc_ins_t ins = self->code->ins[at];
    const char *name = dc_fault_name(ins);
    dc_diag_t *diag = self->diag;
    if (ins.op == DC_OP_SHL || ins.op == DC_OP_SHR) {
        return dc_diag_set(diag, DC_ERR_DOMAIN, span.column, span.width, "'%s' cannot shift by %s",
                           name, quote_read(self, at, 1).text);
    }
    if (count_read(ins) == 1) {
        return dc_diag_set(diag, DC_ERR_DOMAIN, span.column, span.width,
                           "'%s' is not defined for %s", name, quote_read(self, at, 0).text);
    }
    return dc_diag_set(diag, DC_ERR_DOMAIN, span.column, span.width,
                       "'%s' is not defined for %s and %s", name, quote_read(self, at, 0).text,
                       quote_read(self, at, 1).text);
}

// Those of bitwise operators have all their digits too.
static bool is_taken_for_integer(const dc_wide_vm_t *self, dc_ins_t ins,
                                 const dc_wide_number_t *number)
{
    dc_arithmetic_t *arithmetic = self->arithmetic;
    return dc_ins_is_math(ins) ? dc_arithmetic_is_integer(arithmetic, number)
                               : dc_arithmetic_has_bits(arithmetic, number);
}

// Which of the numbers is none that the operation takes.
static dc_err_t no_integer(const dc_wide_vm_t *self, uint32_t at, dc_span_t span)
{
    dc_ins_t ins = self->code->ins[at];
    uint32_t first = dc_fault_first_integer(ins);
    uint32_t index = first;
    while (index + 1 < count_read(ins) &&
           is_taken_for_integer(self, ins, number_read(self, at, index))) {
        index++;
    }
    char taken[64];
    if (first) {
        snprintf(taken, sizeof taken, "an integer behind its first number");
    } else if (dc_ins_is_math(ins) || dc_arithmetic_is_exact(self->arithmetic)) {
        snprintf(taken, sizeof taken, "%s", count_read(ins) == 1 ? "an integer" : "integers");
    } else {
        snprintf(taken, sizeof taken, "integers of up to %u digits",
                 (unsigned)self->arithmetic->numbers.digits);
    }
    return dc_diag_set(self->diag, DC_ERR_INTEGER, span.column, span.width, "'%s' takes %s, not %s",
                       dc_fault_name(ins), taken, quote_read(self, at, index).text);
}

static dc_err_t too_large(const dc_wide_vm_t *self, uint32_t at, dc_span_t span)
{
    const char *name = dc_fault_name(self->code->ins[at]);
    if (dc_arithmetic_is_exact(self->arithmetic)) {
        return dc_diag_set(self->diag, DC_ERR_OVERFLOW, span.column, span.width,
                           "the result of '%s' has more than some 315,000 digits", name);
    }
    return dc_diag_set(self->diag, DC_ERR_OVERFLOW, span.column, span.width,
                       "the result of '%s' is too large", name);
}

static dc_err_t wrong_text(const dc_wide_vm_t *self, uint32_t at, dc_span_t span, dc_err_t err)
{
    dc_quote_t text = dc_quote(*self->regs[self->code->ins[at].a].plain.string);
    return dc_diag_set(self->diag, err, span.column, span.width, "'%s' is %s", text.text,
                       err == DC_ERR_NUMBER ? "not a number" : "neither true nor false");
}

dc_err_t dc_wide_vm_fail(dc_wide_vm_t *self, uint32_t at, dc_err_t err)
{
    dc_diag_t *diag = self->diag;
    dc_span_t span = at == DC_WIDE_NOWHERE ? (dc_span_t){ 0, 0 } : self->code->spans[at];
    switch ((int)err) {
    case DC_ERR_NULL: return dc_fault_of_null(self->code, at, diag);
    case DC_ERR_DOMAIN: return not_defined(self, at, span);
    case DC_ERR_INTEGER: return no_integer(self, at, span);
    case DC_ERR_OVERFLOW: return too_large(self, at, span);
    case DC_ERR_NUMBER:
    case DC_ERR_TYPE: return wrong_text(self, at, span, err);
    case DC_ERR_INEXACT:
        return dc_diag_set(diag, err, span.column, span.width,
                           "the result of '%s' is not rational; --numbers decimal=50 gives its "
                           "digits",
                           dc_fault_name(self->code->ins[at]));
    case DC_ERR_STEPS: return dc_fault_of_steps(self->meter->budget->steps_max, span, diag);
    case DC_ERR_TIME: return dc_fault_of_time(self->meter->steps, span, diag);
    case DC_ERR_TOO_LARGE:
        return dc_diag_set(diag, err, span.column, span.width,
                           "numbers or strings take more than %u MiB", DC_WIDE_BYTES_MAX >> 20);
    default: return dc_diag_set(diag, err, span.column, span.width, "%s", dc_err_text(err));
    }
}
