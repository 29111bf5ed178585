// calculus — integrals, zeros and derivatives of f, which choose themselves where to look.
//
// Where they look depends on the values of f alone, so the result is the same everywhere. Faults
// are those of f, and their own with vm->sentence set, as in reduce.h. Where f is not finite at a
// place that counts, the outcome is NaN and says where.
#ifndef DC_COMMON_EXPR_CALCULUS_H
#define DC_COMMON_EXPR_CALCULUS_H

#include "common/expr/reduce.h"

// The integral of f from a to b (finite; the sign turns where b < a). A range is halved while the
// rules of Gauss (7 points) and Kronrod (15) differ by more than its share of the tolerance (which
// is absolute) and by more than what rounding does there, 50 * 2^-52 of the integral of |f|. What
// they cannot see, a jump between their outermost place and an end of the range, shows in f at that
// end (not at a and b, where it may have no bound), and counts like a difference. Nothing else is
// looked at, and what is left is added exactly. x runs as t^2 (3 - 2t), t from 0 to 1, which takes
// the edge off roots, logarithms and inverse roots at both ends; ranges are halved in t. One
// narrower than 2^-36, as they are beside a jump, may err by a 1024th of the tolerance.
// Beside an end that is not 0 it may also err by what rounding x does to f, up to as much, and
// where no double is left before the end f need not be finite if that does not count either.
// DC_ERR_NO_CONVERGENCE: one narrower than 2^-52 is still not good enough, or 2^20 of them are not.
#define DC_INTEGRATE_TOLERANCE 1e-10
DC_MUST_USE dc_err_t dc_integrate(dc_vm_t *vm, const dc_reduction_t *reduction,
                                  dc_reduce_outcome_t *outcome);

// Where f changes its sign between a and b: of the two neighbouring doubles the one where |f| is
// smaller. The secant's guess, a place beyond it, and where these do not halve the bracket the
// middle of the doubles in it: some 200 evaluations at most.
// DC_ERR_DOMAIN: f has the same sign at a and b; or it grows without bound where the sign changes.
DC_MUST_USE dc_err_t dc_solve(dc_vm_t *vm, const dc_reduction_t *reduction,
                              dc_reduce_outcome_t *outcome);

// The derivative of f at `at`: central differences with 40 steps, halved from an eighth of the size
// of `at` (of 1, if it is smaller), extrapolated to a step of 0 (Ridders 1982, Advances in
// Engineering Software 4). The estimate of least error is taken, for smooth f some 1e-13 of the
// size of f, of those that agree with what three of the short steps tell alone: long steps may
// take a wave for a longer one. DC_ERR_NO_CONVERGENCE: it would have less than three digits, or f
// has a kink there.
DC_MUST_USE dc_err_t dc_differentiate(dc_vm_t *vm, const dc_reduction_t *reduction,
                                      dc_reduce_outcome_t *outcome);

// Is one of values[i] = f(x[i]), i < count, not finite? Then the outcome says so, of the first.
bool dc_calculus_strange(const double *x, const double *values, uint32_t count,
                         dc_reduce_outcome_t *outcome);

#endif
