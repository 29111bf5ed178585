#include "common/expr/calculus.h"

#include <math.h>

#include "common/expr/number.h"
#include "common/expr/terms.h"

// Doubles in their order as integers: neighbours differ by 1, and -0 is 0.
static int64_t place_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double double_at(int64_t place)
{
    int64_t bits = place < 0 ? INT64_MIN - place : place;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// f changes its sign between `low` and `high`.
typedef struct bracket {
    dc_vm_t *vm;
    const dc_reduction_t *reduction;
    double low, high, f_low, f_high;
    double zero; // if is_found, f is 0 here
    bool is_found;
    bool is_strange; // f is NaN at `zero`
} bracket_t;

static uint64_t distance(double low, double high)
{
    return (uint64_t)place_of(high) - (uint64_t)place_of(low);
}

static dc_err_t value_at(const bracket_t *self, double x, double *value)
{
    uint32_t done;
    const double places[DC_TERMS_ROOM(1)] = { x };
    return dc_terms_evaluate(self->vm, self->reduction, places, 1, value, &done);
}

// Look at x, which is inside, and leave out the side without the change.
static dc_err_t narrow(bracket_t *self, double x)
{
    double value;
    dc_err_t err = value_at(self, x, &value);
    if (err) return err;
    self->is_strange = isnan(value);
    if (value == 0 || self->is_strange) {
        self->zero = x;
        self->is_found = true;
    } else if ((value < 0) == (self->f_low < 0)) {
        self->low = x;
        self->f_low = value;
    } else {
        self->high = x;
        self->f_high = value;
    }
    return DC_OK;
}

// The nearest to x that is inside; there is one.
static double clamp_inside(const bracket_t *self, double x)
{
    int64_t low = place_of(self->low) + 1;
    int64_t high = place_of(self->high) - 1;
    int64_t place = place_of(x);
    return double_at(place < low ? low : place > high ? high : place);
}

static double middle_of(const bracket_t *self)
{
    uint64_t half = distance(self->low, self->high) / 2;
    return double_at((int64_t)((uint64_t)place_of(self->low) + half));
}

// Where the line through both ends is 0.
static double secant(const bracket_t *self)
{
    double part = self->f_low / (self->f_low - self->f_high);
    double x = self->low + part * (self->high - self->low);
    return isfinite(x) ? clamp_inside(self, x) : middle_of(self);
}

// A place on the other side of x, as seen from the end that x has become: a little further than the
// zero, if the guess was a good one.
static double beyond(const bracket_t *self, double x, double step)
{
    return clamp_inside(self, x == self->low ? x + step : x - step);
}

static bool is_open(const bracket_t *self)
{
    return !self->is_found && distance(self->low, self->high) > 1;
}

// A guess, a place beyond it, and the middle if the two were of little use.
static dc_err_t narrow_quickly(bracket_t *self)
{
    uint64_t before = distance(self->low, self->high);
    double x = secant(self);
    dc_err_t err = narrow(self, x);
    double step = (self->high - self->low) / 64;
    if (!err && is_open(self)) err = narrow(self, beyond(self, x, step));
    bool is_slow = is_open(self) && distance(self->low, self->high) > before / 4;
    return !err && is_slow ? narrow(self, middle_of(self)) : err;
}

static dc_err_t same_sign(const bracket_t *self)
{
    return dc_reduce_fail(self->vm, self->reduction, DC_ERR_DOMAIN,
                          "'solve' needs a change of sign, but f is %s at %s and %s at %s",
                          dc_number_text(self->f_low).text, dc_number_text(self->low).text,
                          dc_number_text(self->f_high).text, dc_number_text(self->high).text);
}

static dc_err_t begin_bracket(bracket_t *self, dc_vm_t *vm, const dc_reduction_t *reduction)
{
    double a = vm->regs[reduction->args[0]].number;
    double b = vm->regs[reduction->args[1]].number;
    *self = (bracket_t){ .vm = vm, .reduction = reduction, .low = fmin(a, b), .high = fmax(a, b) };
    if (!isfinite(a) || !isfinite(b)) {
        return dc_reduce_fail(vm, reduction, DC_ERR_DOMAIN,
                              "'solve' takes two finite bounds, not %s and %s",
                              dc_number_text(a).text, dc_number_text(b).text);
    }
    dc_err_t err = value_at(self, self->low, &self->f_low);
    if (!err) err = value_at(self, self->high, &self->f_high);
    if (err) return err;
    bool is_low = self->f_low == 0 || isnan(self->f_low);
    self->is_strange = isnan(self->f_low) || isnan(self->f_high);
    self->is_found = is_low || self->f_high == 0 || self->is_strange;
    self->zero = is_low ? self->low : self->high;
    bool is_change = (self->f_low < 0) != (self->f_high < 0);
    return self->is_found || is_change ? DC_OK : same_sign(self);
}

dc_err_t dc_solve(dc_vm_t *vm, const dc_reduction_t *reduction, dc_reduce_outcome_t *outcome)
{
    bracket_t bracket;
    dc_err_t err = begin_bracket(&bracket, vm, reduction);
    double size = fmin(fabs(bracket.f_low), fabs(bracket.f_high));
    while (!err && is_open(&bracket)) {
        err = narrow_quickly(&bracket);
    }
    if (err) return err;
    if (bracket.is_strange) {
        *outcome = (dc_reduce_outcome_t){ (double)NAN, bracket.zero, true };
        return DC_OK;
    }
    bool is_low = fabs(bracket.f_low) <= fabs(bracket.f_high);
    outcome->value = bracket.is_found ? bracket.zero : is_low ? bracket.low : bracket.high;
    bool is_pole = !bracket.is_found && fmin(fabs(bracket.f_low), fabs(bracket.f_high)) > size;
    if (!is_pole) return DC_OK;
    return dc_reduce_fail(vm, reduction, DC_ERR_DOMAIN, "'solve' finds a pole at %s, and no zero",
                          dc_number_text(outcome->value).text);
}
