#include "common/expr/random.h"

#include <math.h>

#include "common/expr/philox.h"
#include "common/expr/special.h"

#define STEP_BITS 53

// The random bits for arguments seed and k, as an integer below 2^53. False if there are none; then
// the result is NaN.
static bool draw(const double *args, uint64_t *bits, dc_err_t *error)
{
    if (!isfinite(args[0]) || !isfinite(args[1])) return false;
    for (int i = 0; i < 2; i++) {
        if (args[i] == trunc(args[i]) && fabs(args[i]) <= 0x1p53) continue;
        *error = DC_ERR_INTEGER;
        return false;
    }
    uint64_t key = (uint64_t)(int64_t)args[0];
    uint64_t counter = (uint64_t)(int64_t)args[1];
    *bits = dc_philox_u64(counter, key) >> (64 - STEP_BITS);
    return true;
}

double dc_random_uniform(const double *args, size_t count, dc_err_t *error)
{
    (void)count;
    uint64_t bits;
    if (!draw(args, &bits, error)) return NAN;
    return (double)bits * 0x1p-53;
}

// Half a step more than u takes 54 bits, which a double does not have above 1/2: there the distance
// from 1 is used.
double dc_random_normal(const double *args, size_t count, dc_err_t *error)
{
    (void)count;
    uint64_t bits;
    if (!draw(args, &bits, error)) return NAN;
    uint64_t p = 2 * bits + 1;
    const uint64_t one = UINT64_C(1) << (STEP_BITS + 1);
    if (p < one / 2) return dc_norminv((double)p * 0x1p-54);
    return -dc_norminv((double)(one - p) * 0x1p-54);
}
