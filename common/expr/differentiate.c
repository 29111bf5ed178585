#include "common/expr/calculus.h"

#include <math.h>

#include "common/expr/number.h"
#include "common/expr/terms.h"

#define STEPS        ((size_t)40)
#define PLACES       (2 * STEPS + 1)
#define COLUMNS      6
#define NOISE_OF_F   0x1p-51
#define ERROR_SHARE  1e-3
#define DOUBT_MAX    0.1
#define KINK_MIN     0x1p-40
#define SCALE_MIN    (-30)
#define EXPONENT_MIN (-980)

// Steps whose differences every estimate must agree with, and how many on both sides of them tell
// how far these can be trusted.
#define CLOSE   (STEPS - 20)
#define CLOSER  (STEPS - 10)
#define CLOSEST (STEPS - 1 - AROUND)
#define AROUND  ((size_t)2)

// What a difference tells of the slope.
typedef struct witness {
    double slope, error; // infinite: nothing
} witness_t;

typedef struct slopes {
    double x[DC_TERMS_ROOM(PLACES)]; // at - h, at + h for each step, and `at` itself
    double values[PLACES];
    witness_t witnesses[3];
    double best, error; // the estimate of least error
    size_t best_step;   // the last step that it was made from
} slopes_t;

// The first step: an eighth of the size of `at` as a power of two, so that all places are exact.
static double first_step(double at)
{
    int exponent = 0;
    frexp(at, &exponent);
    bool is_near_one = at == 0 || (exponent < 0 && exponent >= SCALE_MIN);
    // All of the steps are above 0.
    if (exponent < EXPONENT_MIN) exponent = EXPONENT_MIN;
    return ldexp(1, (is_near_one ? 0 : exponent) - 3);
}

static void place_steps(slopes_t *self, double at)
{
    double h = first_step(at);
    for (size_t i = 0; i < STEPS; i++) {
        self->x[2 * i] = at - h;
        self->x[2 * i + 1] = at + h;
        h /= 2;
    }
    self->x[2 * STEPS] = at;
}

static double width_of(const slopes_t *self, size_t i)
{
    return self->x[2 * i + 1] - self->x[2 * i];
}

// The difference with step number `i`, and what rounding does to it.
static double difference_of(const slopes_t *self, size_t i)
{
    return (self->values[2 * i + 1] - self->values[2 * i]) / width_of(self, i);
}

static double noise_of(const slopes_t *self, size_t i)
{
    double size = fmax(fabs(self->values[2 * i]), fabs(self->values[2 * i + 1]));
    return NOISE_OF_F * size / width_of(self, i);
}

// What the difference with step number `i` tells: its neighbours say how far it can be trusted, but
// for a `share` of it.
static witness_t call_witness(const slopes_t *self, size_t i, double share)
{
    witness_t witness = { difference_of(self, i), 16 * noise_of(self, i) };
    witness.error += share * fabs(witness.slope);
    for (size_t k = i - AROUND; k <= i + AROUND; k++) {
        witness.error += 4 * fabs(difference_of(self, k) - witness.slope);
    }
    if (!isfinite(witness.error)) witness.error = (double)INFINITY;
    return witness;
}

// Long steps may take a wave for a longer one, as a wheel in a film seems to turn slowly: their
// differences agree with one another then, but not with those of short steps.
static bool is_possible(const slopes_t *self, double slope)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(self->witnesses); i++) {
        const witness_t *witness = &self->witnesses[i];
        if (fabs(slope - witness->slope) > witness->error) return false;
    }
    return true;
}

// One more row of Ridders' table: `row` is that of twice the step, of `count` columns (0: none),
// and becomes that of this one.
static int next_row(slopes_t *self, size_t i, double *row, int count)
{
    if (!isfinite(self->values[2 * i]) || !isfinite(self->values[2 * i + 1])) return 0;
    double noise = noise_of(self, i);
    double estimate = difference_of(self, i);
    double factor = 1;
    for (int column = 0; column < count && column + 1 < COLUMNS; column++) {
        double above = row[column];
        row[column] = estimate;
        factor *= 4;
        double better = estimate + (estimate - above) / (factor - 1);
        double error = fmax(fabs(better - estimate), fabs(better - above)) + noise;
        if (error < self->error && is_possible(self, better)) {
            self->error = error;
            self->best = better;
            self->best_step = i;
        }
        estimate = better;
    }
    int last = count < COLUMNS ? count : COLUMNS - 1;
    row[last] = estimate;
    return last + 1;
}

static void extrapolate(slopes_t *self)
{
    double row[COLUMNS];
    int count = 0;
    self->best = 0;
    self->best_step = STEPS - 1;
    self->error = (double)INFINITY;
    self->witnesses[0] = call_witness(self, CLOSE, 0);
    self->witnesses[1] = call_witness(self, CLOSER, 0);
    self->witnesses[2] = call_witness(self, CLOSEST, ERROR_SHARE);
    for (size_t i = 0; i < STEPS; i++) {
        count = next_row(self, i, row, count);
    }
}

// How much the slopes on both sides of `at` differ, with step number `i`.
static double gap_of(const slopes_t *self, size_t i)
{
    double middle = self->values[2 * STEPS];
    double left = middle - self->values[2 * i];
    double right = self->values[2 * i + 1] - middle;
    return fabs(right - left) / (self->x[2 * i + 1] - self->x[2 * STEPS]);
}

static bool is_about(double a, double b)
{
    return a > b / 2 && b > a / 2;
}

// Where f bends smoothly the gap closes with the step, and what rounding does grows as the step
// shrinks; where f has a kink it stays. The shortest step tells whose gap is more than rounding, of
// f or of the slopes.
static bool has_kink(const slopes_t *self)
{
    const size_t apart = 5;
    double noise = 16 * NOISE_OF_F * fabs(self->values[2 * STEPS]);
    for (size_t i = CLOSER; i >= CLOSE; i -= apart) {
        double gap = gap_of(self, i);
        double rounding = noise / width_of(self, i) + KINK_MIN * fabs(difference_of(self, i));
        bool is_clear = gap > rounding;
        if (!is_clear) continue;
        return is_about(gap, gap_of(self, i - apart)) && is_about(gap, gap_of(self, i - 2 * apart));
    }
    return false;
}

// Can one of the short steps at least tell a slope of this size?
static bool has_witness(const slopes_t *self, double size)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(self->witnesses); i++) {
        if (self->witnesses[i].error <= DOUBT_MAX * size) return true;
    }
    return false;
}

// Has the estimate three digits? It need not have them of a slope of 0: then of the slopes at both
// sides, or of f.
static bool is_precise(const slopes_t *self)
{
    double at = self->x[2 * STEPS];
    double middle = self->values[2 * STEPS];
    double side = fabs(self->values[2 * self->best_step + 1] - middle);
    double size = fabs(self->best) + side / (self->x[2 * self->best_step + 1] - at) +
                  fabs(middle) / fmax(fabs(at), 1);
    return self->error <= ERROR_SHARE * size && has_witness(self, size) && !has_kink(self);
}

static_assert(PLACES == 81, "reduction.h tells what a derivative takes");

dc_err_t dc_differentiate(dc_vm_t *vm, const dc_reduction_t *reduction,
                          dc_reduce_outcome_t *outcome)
{
    slopes_t self;
    uint32_t done;
    double at = vm->regs[reduction->args[0]].number;
    if (!isfinite(at)) {
        return dc_reduce_fail(vm, reduction, DC_ERR_DOMAIN, "'diff' takes a finite place, not %s",
                              dc_number_text(at).text);
    }
    place_steps(&self, at);
    dc_err_t err = dc_terms_evaluate(vm, reduction, self.x, (uint32_t)PLACES, self.values, &done);
    if (err) return err;
    // What counts is `at` and the places next to it, which are the last ones.
    size_t nearest = PLACES - 3;
    if (dc_calculus_strange(self.x + nearest, self.values + nearest, 3, outcome)) return DC_OK;
    extrapolate(&self);
    outcome->value = self.best;
    if (is_precise(&self)) return DC_OK;
    return dc_reduce_fail(vm, reduction, DC_ERR_NO_CONVERGENCE, "'diff' finds no slope at %s",
                          dc_number_text(at).text);
}
