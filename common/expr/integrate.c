#include "common/expr/calculus.h"

#include <math.h>

#include "common/expr/number.h"
#include "common/expr/terms.h"

// From the middle of the range outwards; Kronrod's rule has all of the places, Gauss's every other
// (QUADPACK, qk15).
#define NODES  15
#define MIDDLE 7
static const double places[MIDDLE + 1] = {
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144838258730, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245, 0,
};
static const double kronrod[MIDDLE + 1] = {
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
    0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
};
static const double gauss[MIDDLE + 1] = {
    0, 0.129484966168869693270611432679082, 0, 0.279705391489276667901467771423780,
    0, 0.381830050505118944950369775488975, 0, 0.417959183673469387755102040816327,
};

// What the values at these places, from the far end on, lead to at an end of the range: the weights
// of the polynomial through all of them. Between the last place and the end is a SLIVER, in halves
// of the range, of which no rule knows anything.
static const double beyond[NODES] = {
    0.0062385286453402827760383,  -0.0184515770469634301266365, 0.0304383095303679329897529,
    -0.0432508159781739772561948, 0.0577191186189114347153438,  -0.0737789796442624507641049,
    0.0916872968485709657740417,  -0.1129291729189814835618418, 0.1397834317829083765536303,
    -0.1745703515622413196506254, 0.2211759702248927150927257,  -0.2914186959199906006875813,
    0.4200471997208829048856791,  -0.7066739934045737690830619, 1.4539837311033124183428346,
};
#define SLIVER (1 - 0.991455371120812639206854697526329)

// As many ranges at once as fit a block.
#define PIECES_AT_ONCE (DC_BLOCK_ROWS / NODES)

// Peaks that are narrower than all of these first ones may be missed.
#define PIECES_FIRST 8
#define PIECES_MAX   (1 << 20)
#define WIDTH_MIN    0x1p-52
#define WIDTH_JUMP   0x1p-36
#define JUMP_SHARE   0x1p-10
#define NOISE        (50 * 0x1p-52)

// Beside an end of the whole range f may have no bound, and x, unless that end is 0, has few digits
// left to say how far away it is. So close to an end, in t, that is looked at.
#define BESIDE_END 0x1p-12
#define END_SHARE  0x1p-6

// What waits is ordered by width. Of each width but the narrowest at most half of those wait that
// were made at once; the first ones are eighths.
#define WAITING_MAX (PIECES_FIRST + PIECES_AT_ONCE * (52 - 3 + 1))

// A range of t, from `at` to `at + width`, counted from a, or from b downwards: so places near
// either end are told apart as well as doubles can.
typedef struct piece {
    double at, width;
    double first, last; // f at its two ends; NaN where it is not finite, and at a and b
    bool from_b;
} piece_t;

typedef struct integral {
    dc_vm_t *vm;
    const dc_reduction_t *reduction;
    double a, b, tolerance;
    dc_exact_t sum;
    piece_t waiting[WAITING_MAX];
    uint32_t waiting_count;
    uint32_t piece_count; // all that were looked at
    size_t chosen_count;
    uint32_t node_count; // of the chosen ones together
    piece_t chosen[PIECES_AT_ONCE];
    _Alignas(DC_BLOCK_ALIGNMENT) double x[DC_BLOCK_ROWS];
    double weights[DC_BLOCK_ROWS]; // dx, without the rule's weight
    double values[DC_BLOCK_ROWS];
} integral_t;

static double x_at(const integral_t *self, bool from_b, double t)
{
    double way = (self->b - self->a) * (t * t * (3 - 2 * t));
    return from_b ? self->b - way : self->a + way;
}

// How much of the range a place stands for, in a piece of which half is that wide.
static double weight_at(const integral_t *self, double half, double t)
{
    return (self->b - self->a) * half * (6 * t * (1 - t));
}

// The places of a rule are the same on both sides of the middle: which of them number `i` is.
static int mirror(int i)
{
    return i <= MIDDLE ? i : NODES - 1 - i;
}

// Where f is looked at for `piece`, in the order of t, and the weights there.
static void place_nodes(const integral_t *self, const piece_t *piece, double *x, double *weights)
{
    double half = piece->width / 2;
    double middle = piece->at + half;
    for (int i = 0; i < NODES; i++) {
        double place = places[mirror(i)];
        double t = middle + half * (i <= MIDDLE ? -place : place);
        x[i] = x_at(self, piece->from_b, t);
        weights[i] = weight_at(self, half, t);
    }
}

// What the rules miss if f jumps in the slivers at the ends, which no place of theirs sees: about
// as much as f differs at the end from where its other values lead. `parts` are these, weighted.
static double find_missed(const integral_t *self, const piece_t *piece, const double *parts)
{
    double half = piece->width / 2;
    double first = weight_at(self, half, piece->at) * piece->first;
    double last = weight_at(self, half, piece->at + piece->width) * piece->last;
    for (int i = 0; i < NODES; i++) {
        first -= beyond[NODES - 1 - i] * parts[i];
        last -= beyond[i] * parts[i];
    }
    // fmax leaves out NaN, where an end is not known.
    return SLIVER * fmax(fmax(fabs(first), fabs(last)), 0);
}

// What rounding x by a few units in its last place may change beside an end: f's slope says that.
static double find_blur(const piece_t *piece, const double *x, const double *weights,
                        const double *values)
{
    double blur = 0;
    if (piece->at > BESIDE_END) return 0;
    for (int i = 0; i + 1 < NODES; i++) {
        double apart = fabs(x[i + 1] - x[i]);
        if (apart == 0) continue;
        double slope = fabs(values[i + 1] - values[i]) / apart;
        blur += kronrod[mirror(i)] * fabs(weights[i]) * (slope * fabs(x[i]) * 0x1p-51);
    }
    return blur;
}

static void halve(integral_t *self, const piece_t *piece, double middle)
{
    double half = piece->width / 2;
    assert(self->waiting_count + 2 <= WAITING_MAX);
    self->waiting[self->waiting_count++] =
        (piece_t){ piece->at, half, piece->first, middle, piece->from_b };
    self->waiting[self->waiting_count++] =
        (piece_t){ piece->at + half, half, middle, piece->last, piece->from_b };
}

// Add the range, or halve it. False if it cannot be halved.
static bool judge(integral_t *self, const piece_t *piece, const double *x, const double *weights,
                  const double *values)
{
    double parts[NODES];
    double terms[NODES];
    double difference = 0;
    double size = 0;
    for (int i = 0; i < NODES; i++) {
        int place = mirror(i);
        parts[i] = weights[i] * values[i];
        terms[i] = kronrod[place] * parts[i];
        difference += (kronrod[place] - gauss[place]) * parts[i];
        size += fabs(terms[i]);
    }
    double share = piece->width < WIDTH_JUMP ? JUMP_SHARE : piece->width;
    double blur = fmin(find_blur(piece, x, weights, values), self->tolerance * JUMP_SHARE);
    double allowed = fmax(fmax(self->tolerance * share, NOISE * size), blur);
    bool is_narrowest = piece->width / 2 < WIDTH_MIN; // a jump at its very end stays there
    bool is_good =
        fabs(difference) <= allowed && (is_narrowest || find_missed(self, piece, parts) <= allowed);
    if (is_good) {
        dc_exact_add_many(&self->sum, terms, NODES);
        return true;
    }
    if (is_narrowest || self->piece_count > PIECES_MAX) return false;
    halve(self, piece, values[MIDDLE]);
    return true;
}

// Of an array for all chosen ranges, what belongs to one of them.
static double *nodes_of(double *all, size_t chosen)
{
    return all + chosen * NODES;
}

// Between the end of the whole range and the places nearest to it no double may be left: where f
// has no bound there, it counts as at the next place, if it hardly counts.
static void fill_end(integral_t *self, size_t chosen)
{
    const piece_t *piece = &self->chosen[chosen];
    const double *x = nodes_of(self->x, chosen);
    const double *weights = nodes_of(self->weights, chosen);
    double *values = nodes_of(self->values, chosen);
    double end = piece->from_b ? self->b : self->a;
    for (int i = NODES - 1; i-- > 0 && piece->at < BESIDE_END;) {
        if (x[i] != end || isfinite(values[i])) continue;
        double term = kronrod[mirror(i)] * weights[i] * values[i + 1];
        if (fabs(term) <= self->tolerance * END_SHARE) values[i] = values[i + 1];
    }
}

// Evaluate f wherever the ranges want it that wait last.
static dc_err_t evaluate_pieces(integral_t *self)
{
    uint32_t done;
    self->chosen_count = 0;
    while (self->waiting_count && self->chosen_count < PIECES_AT_ONCE) {
        size_t i = self->chosen_count++;
        self->chosen[i] = self->waiting[--self->waiting_count];
        place_nodes(self, &self->chosen[i], nodes_of(self->x, i), nodes_of(self->weights, i));
    }
    self->piece_count += (uint32_t)self->chosen_count;
    self->node_count = (uint32_t)self->chosen_count * NODES;
    dc_err_t err = dc_terms_evaluate(self->vm, self->reduction, self->x, self->node_count,
                                     self->values, &done);
    for (size_t i = 0; !err && i < self->chosen_count; i++) {
        fill_end(self, i);
    }
    return err;
}

bool dc_calculus_strange(const double *x, const double *values, uint32_t count,
                         dc_reduce_outcome_t *outcome)
{
    for (uint32_t i = 0; i < count; i++) {
        if (isfinite(values[i])) continue;
        *outcome =
            (dc_reduce_outcome_t){ .value = (double)NAN, .strange = x[i], .is_strange = true };
        return true;
    }
    return false;
}

static dc_err_t judge_pieces(integral_t *self)
{
    // The widest of them first, so that the narrowest wait last and their number stays bounded.
    for (size_t i = self->chosen_count; i-- > 0;) {
        const double *x = nodes_of(self->x, i);
        const double *weights = nodes_of(self->weights, i);
        if (judge(self, &self->chosen[i], x, weights, nodes_of(self->values, i))) continue;
        return dc_reduce_fail(self->vm, self->reduction, DC_ERR_NO_CONVERGENCE,
                              "'integrate' does not reach the tolerance of %s near %s",
                              dc_number_text(self->tolerance).text,
                              dc_number_text(nodes_of(self->x, i)[MIDDLE]).text);
    }
    return DC_OK;
}

static dc_err_t begin_integral(integral_t *self, dc_vm_t *vm, const dc_reduction_t *reduction)
{
    self->vm = vm;
    self->reduction = reduction;
    self->a = vm->regs[reduction->args[0]].number;
    self->b = vm->regs[reduction->args[1]].number;
    self->tolerance = DC_INTEGRATE_TOLERANCE;
    self->piece_count = self->waiting_count = 0;
    dc_exact_init(&self->sum);
    if (reduction->arg_count > 2) self->tolerance = vm->regs[reduction->args[2]].number;
    if (!isfinite(self->b - self->a)) {
        return dc_reduce_fail(vm, reduction, DC_ERR_DOMAIN,
                              "'integrate' takes two finite bounds, not %s and %s",
                              dc_number_text(self->a).text, dc_number_text(self->b).text);
    }
    if (!(self->tolerance >= 0)) {
        return dc_reduce_fail(vm, reduction, DC_ERR_DOMAIN,
                              "'integrate' takes a tolerance that is not negative, not %s",
                              dc_number_text(self->tolerance).text);
    }
    return DC_OK;
}

// The first ranges, by turns from both ends to the middle; f is looked at between them.
static dc_err_t begin_pieces(integral_t *self)
{
    const double width = 1.0 / PIECES_FIRST;
    uint32_t done;
    for (uint32_t i = 0; i < PIECES_FIRST; i++) {
        uint32_t before = i / 2;
        self->x[i] = x_at(self, i % 2, (before + 1) * width);
    }
    dc_err_t err =
        dc_terms_evaluate(self->vm, self->reduction, self->x, PIECES_FIRST, self->values, &done);
    if (err) return err;
    for (uint32_t i = 0; i < PIECES_FIRST; i++) {
        double last = isfinite(self->values[i]) ? self->values[i] : (double)NAN;
        double first = i < 2 ? (double)NAN : self->waiting[i - 2].last;
        uint32_t before = i / 2;
        self->waiting[self->waiting_count++] =
            (piece_t){ before * width, width, first, last, i % 2 };
    }
    return DC_OK;
}

static_assert(PIECES_FIRST * (NODES + 1) == 128, "reduction.h tells what an integral takes");

dc_err_t dc_integrate(dc_vm_t *vm, const dc_reduction_t *reduction, dc_reduce_outcome_t *outcome)
{
    integral_t self;
    dc_err_t err = begin_integral(&self, vm, reduction);
    if (!err) err = begin_pieces(&self);
    while (!err && self.waiting_count) {
        err = evaluate_pieces(&self);
        if (err) return err;
        if (dc_calculus_strange(self.x, self.values, self.node_count, outcome)) return DC_OK;
        err = judge_pieces(&self);
    }
    if (!err) outcome->value = dc_exact_round(&self.sum);
    return err;
}
