#include "common/expr/random.h"

#include <math.h>

#include "common/expr/philox.h"
#include "common/expr/special.h"
#include "common/limits.h"

#define STEP_BITS 53

static bool is_index(double x)
{
    return x == trunc(x) && fabs(x) <= DC_INTEGER_MAX;
}

// The random bits for arguments seed and k, as an integer below 2^53. False if there are none; then
// the result is NaN.
static bool draw(const double *args, uint64_t *bits, dc_err_t *error)
{
    if (!isfinite(args[0]) || !isfinite(args[1])) return false;
    if (!is_index(args[0]) || !is_index(args[1])) {
        *error = DC_ERR_INTEGER;
        return false;
    }
    uint64_t key = (uint64_t)(int64_t)args[0];
    uint64_t counter = (uint64_t)(int64_t)args[1];
    *bits = dc_philox_u64(counter, key) >> (64 - STEP_BITS);
    return true;
}

static double to_uniform(uint64_t bits)
{
    return (double)(int64_t)bits * 0x1p-53;
}

// Half a step more than u takes 54 bits, which a double does not have above 1/2: there the distance
// from 1 is used.
static double to_normal(uint64_t bits)
{
    int64_t p = (int64_t)(2 * bits + 1);
    const int64_t one = INT64_C(1) << (STEP_BITS + 1);
    if (p < one / 2) return dc_norminv((double)p * 0x1p-54);
    return -dc_norminv((double)(one - p) * 0x1p-54);
}

double dc_random_uniform(const double *args, size_t count, dc_err_t *error)
{
    (void)count;
    uint64_t bits;
    if (!draw(args, &bits, error)) return NAN;
    return to_uniform(bits);
}

double dc_random_normal(const double *args, size_t count, dc_err_t *error)
{
    (void)count;
    uint64_t bits;
    if (!draw(args, &bits, error)) return NAN;
    return to_normal(bits);
}

// --- many at once ------------------------------------------------------------------------------

static bool are_indices(const double *x, size_t count)
{
    bool are = true;
    for (size_t i = 0; i < count; i++) {
        are &= is_index(x[i]);
    }
    return are;
}

// The bits for at most DC_BLOCK_ROWS rows of arguments, which are integers.
static void draw_many(uint64_t *bits, const double *seeds, const double *ks, size_t count)
{
    uint64_t keys[DC_BLOCK_ROWS] = { 0 };
    for (size_t i = 0; i < count; i++) {
        keys[i] = (uint64_t)(int64_t)seeds[i];
        bits[i] = (uint64_t)(int64_t)ks[i];
    }
    dc_philox_u64_many(bits, keys, count);
    for (size_t i = 0; i < count; i++) {
        bits[i] >>= 64 - STEP_BITS;
    }
}

// Inlined, since a call for each row would take longer than a uniform number.
static inline __attribute__((always_inline)) bool make_many(double *results, const double *seeds,
                                                            const double *ks, size_t count,
                                                            double (*to_result)(uint64_t bits))
{
    if (!are_indices(seeds, count) || !are_indices(ks, count)) return false;
    uint64_t bits[DC_BLOCK_ROWS];
    for (size_t first = 0; first < count; first += DC_BLOCK_ROWS) {
        size_t row_count = dc_min_size(count - first, DC_BLOCK_ROWS);
        draw_many(bits, seeds + first, ks + first, row_count);
        for (size_t i = 0; i < row_count; i++) {
            results[first + i] = to_result(bits[i]);
        }
    }
    return true;
}

bool dc_random_uniform_many(double *results, const double *seeds, const double *ks, size_t count)
{
    return make_many(results, seeds, ks, count, to_uniform);
}

bool dc_random_normal_many(double *results, const double *seeds, const double *ks, size_t count)
{
    return make_many(results, seeds, ks, count, to_normal);
}
