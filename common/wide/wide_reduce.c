// Reductions over ranges: one term after another, with the arithmetic's own numbers.
#include "common/expr/cost.h"
#include "common/expr/number.h"
#include "common/limits.h"
#include "common/quantity.h"
#include "common/wide/decimals.h"
#include "common/wide/ratio.h"
#include "common/wide/wide_vm.h"

// From here on a number of steps is told by its first digits.
#define STEPS_COUNTED_MAX 1e15

// The range, and what the terms so far have given.
typedef struct run {
    dc_wide_vm_t *vm;
    const dc_reduction_t *reduction;
    dc_span_t span;
    mpq_t next; // the next term's number, before it is rounded
    mpq_t step;
    uint64_t count;         // of terms
    uint64_t found;         // of those that count
    bool is_decided;        // of any and all: no other term matters
    dc_wide_number_t total; // the sum, the product, the least or greatest
    dc_wide_number_t place; // where that was
} run_t;

static void init(run_t *self, dc_wide_vm_t *vm, uint32_t at)
{
    *self = (run_t){ .vm = vm, .span = vm->code->spans[at] };
    self->reduction = &vm->code->reductions[vm->code->ins[at].a];
    mpq_inits(self->next, self->step, NULL);
    dc_wide_number_init(&self->total);
    dc_wide_number_init(&self->place);
}

static void fini(run_t *self)
{
    mpq_clears(self->next, self->step, NULL);
    dc_wide_number_fini(&self->total);
    dc_wide_number_fini(&self->place);
}

static const char *name_of(const run_t *self)
{
    return dc_reduce_infos[self->reduction->kind].name;
}

static const dc_wide_number_t *arg_of(const run_t *self, uint32_t index)
{
    return dc_wide_vm_number(self->vm, self->reduction->args[index]);
}

// --- the range ---------------------------------------------------------------------------------

static dc_err_t too_many_terms(run_t *self, mpz_srcptr count)
{
    dc_wide_number_t number;
    dc_wide_number_init(&number);
    mpz_set(mpq_numref(number.ratio), count);
    dc_quote_t quote = dc_wide_vm_quote(self->vm, &number);
    dc_wide_number_fini(&number);
    return dc_diag_set(self->vm->diag, DC_ERR_STEPS, self->span.column, self->span.width,
                       "'%s' has %s terms here, more than 2^53", name_of(self), quote.text);
}

static uint64_t bits_of(mpq_srcptr ratio)
{
    return mpz_sizeinbase(mpq_numref(ratio), 2) + mpz_sizeinbase(mpq_denref(ratio), 2);
}

// floor((b - a) / step) + 1, of the numbers as they are.
static dc_err_t count_terms(run_t *self)
{
    dc_meter_t *meter = self->vm->meter;
    mpq_t last, difference;
    mpq_inits(last, difference, NULL);
    mpq_srcptr end = dc_wide_number_ratio(arg_of(self, 1), last);
    dc_err_t err = dc_ratio_subtract(meter, difference, end, self->next);
    if (!err) err = dc_ratio_divide(meter, difference, difference, self->step);
    mpz_ptr count = mpq_numref(last);
    mpz_fdiv_q(count, mpq_numref(difference), mpq_denref(difference));
    mpz_add_ui(count, count, 1);
    if (err) {
        err = dc_wide_vm_fail(self->vm, self->reduction->at, err);
    } else if (mpz_sgn(count) <= 0) {
        self->count = 0;
    } else if (mpz_cmp_d(count, DC_INTEGER_MAX) > 0) {
        err = too_many_terms(self, count);
    } else {
        self->count = mpz_get_ui(count);
    }
    mpq_clears(last, difference, NULL);
    return err;
}

// Numbers of more digits take longer to count with, too.
static dc_err_t charge_range(run_t *self)
{
    dc_err_t err = dc_wide_vm_charge(self->vm, 0, bits_of(self->next) + bits_of(self->step));
    return err ? dc_wide_vm_fail(self->vm, self->reduction->at, err) : DC_OK;
}

static dc_err_t begin_range(run_t *self)
{
    mpq_set_ui(self->step, 1, 1);
    if (self->reduction->arg_count > 2)
        mpq_set(self->step, dc_wide_number_ratio(arg_of(self, 2), self->step));
    if (mpq_sgn(self->step) == 0) {
        return dc_diag_set(self->vm->diag, DC_ERR_DOMAIN, self->span.column, self->span.width,
                           "'%s' cannot count in steps of 0", name_of(self));
    }
    mpq_set(self->next, dc_wide_number_ratio(arg_of(self, 0), self->next));
    dc_err_t err = charge_range(self);
    return err ? err : count_terms(self);
}

// What certainly does not end within the budget does not begin.
static dc_err_t check_cost(const run_t *self)
{
    const dc_wide_vm_t *vm = self->vm;
    double terms = dc_cost_terms(self->reduction->kind, (double)self->count);
    double steps = self->count ? terms * self->reduction->cost : 0;
    uint64_t steps_max = vm->meter->budget->steps_max;
    if ((double)vm->meter->steps + steps <= (double)steps_max) return DC_OK;
    char needed[DC_QUANTITY_TEXT_MAX], limit[DC_QUANTITY_TEXT_MAX];
    bool is_counted = steps < STEPS_COUNTED_MAX;
    if (is_counted) dc_count_print((uint64_t)steps, needed);
    dc_count_print(steps_max, limit);
    return dc_diag_set(vm->diag, DC_ERR_STEPS, self->span.column, self->span.width,
                       "'%s' needs some %s steps here, and the limit is %s", name_of(self),
                       is_counted ? needed : dc_number_text(steps).text, limit);
}

// --- terms -------------------------------------------------------------------------------------

static bool is_better(const run_t *self, const dc_wide_number_t *value)
{
    dc_reduce_t kind = self->reduction->kind;
    int order = dc_arithmetic_compare(self->vm->arithmetic, value, &self->total);
    return kind == DC_REDUCE_GREATEST || kind == DC_REDUCE_ARGMAX ? order > 0 : order < 0;
}

static void keep_better(run_t *self, const dc_wide_number_t *value)
{
    if (self->found && !is_better(self, value)) return;
    dc_wide_number_set(&self->total, value);
    dc_wide_number_set(&self->place, dc_wide_vm_number(self->vm, self->reduction->variable));
    self->found = 1;
}

// Look at the value of a term, which is in its register.
static dc_err_t take_term(run_t *self)
{
    dc_wide_vm_t *vm = self->vm;
    dc_arithmetic_t *arithmetic = vm->arithmetic;
    const dc_reg_t plain = vm->regs[self->reduction->value].plain;
    const dc_wide_number_t *value = dc_wide_vm_number(vm, self->reduction->value);
    switch (self->reduction->kind) {
    case DC_REDUCE_SUM:
    case DC_REDUCE_MEAN: return dc_arithmetic_gather(arithmetic, &self->total, value);
    case DC_REDUCE_PROD:
        return dc_arithmetic_operate(arithmetic, DC_OP_MUL, &self->total, &self->total, value);
    case DC_REDUCE_COUNT: self->found += plain.number != 0; return DC_OK;
    case DC_REDUCE_ANY:
    case DC_REDUCE_ALL:
        self->is_decided = (plain.number != 0) == (self->reduction->kind == DC_REDUCE_ANY);
        return DC_OK;
    case DC_REDUCE_LEAST:
    case DC_REDUCE_GREATEST:
    case DC_REDUCE_ARGMIN:
    case DC_REDUCE_ARGMAX: keep_better(self, value); return DC_OK;
    case DC_REDUCE_INTEGRATE:
    case DC_REDUCE_SOLVE:
    case DC_REDUCE_DIFF: break; // which nobody compiles
    }
    return DC_ERR_INTERNAL;
}

// Give the variable its next number.
static dc_err_t put_variable(run_t *self)
{
    dc_wide_vm_t *vm = self->vm;
    mpq_set(vm->arithmetic->ratio, self->next);
    dc_err_t err = dc_arithmetic_put(vm->arithmetic, &vm->result, vm->arithmetic->ratio);
    if (!err) err = dc_ratio_add(vm->meter, self->next, self->next, self->step);
    return err ? err : dc_wide_vm_put(vm, self->reduction->variable);
}

// The next term. What the reduction itself cannot do is told at its name.
static dc_err_t take_next(run_t *self)
{
    dc_wide_vm_t *vm = self->vm;
    uint32_t at = self->reduction->at;
    dc_err_t err = charge_range(self);
    if (err) return err;
    err = dc_wide_vm_charge(vm, self->reduction->steps, 0);
    if (!err) err = put_variable(self);
    if (err) return dc_wide_vm_fail(vm, at, err);
    // f is a number or a bool, so the strings that it makes are gone with its term.
    dc_arena_mark_t mark = dc_arena_mark(vm->strings);
    err = dc_wide_vm_run_from(vm, self->reduction->entry);
    if (err) return err;
    dc_arena_rewind(vm->strings, mark);
    err = take_term(self);
    if (!err) err = dc_wide_vm_charge(vm, 0, dc_wide_number_bits(&self->total));
    return err ? dc_wide_vm_fail(vm, at, err) : DC_OK;
}

// --- results -----------------------------------------------------------------------------------

static dc_err_t no_terms(const run_t *self)
{
    return dc_diag_set(self->vm->diag, DC_ERR_NO_TERMS, self->span.column, self->span.width,
                       "'%s' has no terms from %s to %s", name_of(self),
                       dc_wide_vm_quote(self->vm, arg_of(self, 0)).text,
                       dc_wide_vm_quote(self->vm, arg_of(self, 1)).text);
}

// result = what the terms have given.
static dc_err_t finish(run_t *self)
{
    dc_wide_vm_t *vm = self->vm;
    switch (self->reduction->kind) {
    case DC_REDUCE_SUM:
    case DC_REDUCE_MEAN: {
        bool is_sum = self->reduction->kind == DC_REDUCE_SUM;
        dc_err_t err = dc_arithmetic_share(vm->arithmetic, &self->total, is_sum ? 1 : self->count);
        dc_wide_number_swap(&vm->result, &self->total);
        return err;
    }
    case DC_REDUCE_ARGMIN:
    case DC_REDUCE_ARGMAX: dc_wide_number_swap(&vm->result, &self->place); return DC_OK;
    case DC_REDUCE_COUNT:
        mpz_set_ui(mpq_numref(vm->arithmetic->ratio), self->found);
        return dc_arithmetic_put_integer(vm->arithmetic, &vm->result,
                                         mpq_numref(vm->arithmetic->ratio));
    default: dc_wide_number_swap(&vm->result, &self->total); return DC_OK;
    }
}

static dc_err_t put_result(run_t *self, uint16_t reg)
{
    dc_wide_vm_t *vm = self->vm;
    dc_reduce_t kind = self->reduction->kind;
    if (dc_reduce_infos[kind].is_bool) {
        bool boolean = self->is_decided == (kind == DC_REDUCE_ANY);
        vm->regs[reg].plain = (dc_reg_t){ .number = boolean };
        vm->regs[reg].number = NULL;
        return DC_OK;
    }
    bool needs_terms = kind == DC_REDUCE_MEAN || kind >= DC_REDUCE_LEAST;
    if (needs_terms && self->count == 0) return no_terms(self);
    dc_err_t err = finish(self);
    if (!err) err = dc_wide_vm_put(vm, reg);
    return err ? dc_wide_vm_fail(vm, self->reduction->at, err) : DC_OK;
}

static dc_err_t run(run_t *self, uint16_t reg)
{
    dc_err_t err = begin_range(self);
    if (!err) err = check_cost(self);
    if (self->reduction->kind == DC_REDUCE_PROD) dc_wide_number_set_integer(&self->total, 1);
    for (uint64_t i = 0; !err && i < self->count && !self->is_decided; i++) {
        err = take_next(self);
    }
    return err ? err : put_result(self, reg);
}

dc_err_t dc_wide_vm_reduce(dc_wide_vm_t *self, uint32_t at)
{
    run_t whole;
    init(&whole, self, at);
    dc_err_t err = run(&whole, self->code->ins[at].d);
    fini(&whole);
    return err;
}
