#include "common/expr/scan.h"

#include <math.h>

#include "common/expr/lanes.h"

// A number less itself is 0, unless it is not finite: then it is NaN. What stands behind the last
// whole turn is looked at one by one.
static bool are_each_finite(const double *values, size_t count)
{
    bool is_finite = true;
    for (size_t i = 0; i < count; i++)
        is_finite &= isfinite(values[i]) != 0;
    return is_finite;
}

DC_AVX2 bool dc_scan_is_finite_4(const double *values, size_t count)
{
    dc_lanes_t low = _mm256_setzero_pd();
    dc_lanes_t high = _mm256_setzero_pd();
    size_t i = 0;
    for (; i + DC_LANES_STEP <= count; i += DC_LANES_STEP) {
        dc_lanes_t x = dc_lanes_load(values + i);
        dc_lanes_t y = dc_lanes_load(values + i + DC_LANES);
        low = _mm256_or_pd(low, _mm256_sub_pd(x, x));
        high = _mm256_or_pd(high, _mm256_sub_pd(y, y));
    }
    dc_lanes_t all = _mm256_or_pd(low, high);
    dc_lanes_t is_strange = _mm256_cmp_pd(all, _mm256_setzero_pd(), _CMP_NEQ_UQ);
    return _mm256_movemask_pd(is_strange) == 0 && are_each_finite(values + i, count - i);
}

DC_AVX512 bool dc_scan_is_finite_8(const double *values, size_t count)
{
    __mmask8 is_strange = 0;
    size_t i = 0, step = (size_t)2 * DC_LANES_8;
    for (; i + step <= count; i += step) {
        __m512d x = _mm512_loadu_pd(values + i);
        __m512d y = _mm512_loadu_pd(values + i + DC_LANES_8);
        is_strange |= _mm512_cmp_pd_mask(x - x, y - y, _CMP_UNORD_Q);
    }
    return is_strange == 0 && are_each_finite(values + i, count - i);
}

bool dc_scan_is_finite(const double *values, size_t count)
{
    return __builtin_cpu_supports("avx512f") ? dc_scan_is_finite_8(values, count)
                                             : dc_scan_is_finite_4(values, count);
}

DC_AVX2 uint32_t dc_scan_hits(const double *values, uint32_t count)
{
    __m256i lanes = _mm256_setzero_si256();
    uint32_t i = 0;
    for (; i + DC_LANES <= count; i += DC_LANES) {
        dc_lanes_t is_hit = _mm256_cmp_pd(dc_lanes_load(values + i), dc_lanes_all(0), _CMP_NEQ_UQ);
        lanes = _mm256_sub_epi64(lanes, _mm256_castpd_si256(is_hit));
    }
    uint64_t hits[DC_LANES];
    _mm256_storeu_si256((void *)hits, lanes);
    uint32_t sum = (uint32_t)(hits[0] + hits[1] + hits[2] + hits[3]);
    for (; i < count; i++) {
        sum += values[i] != 0;
    }
    return sum;
}

DC_AVX2_INLINE double scan_extreme(const double *values, uint32_t count, bool is_greatest)
{
    double best = values[0];
    dc_lanes_t lanes = dc_lanes_all(best);
    uint32_t i = 0;
    for (; i + DC_LANES <= count; i += DC_LANES) {
        dc_lanes_t x = dc_lanes_load(values + i);
        lanes = is_greatest ? _mm256_max_pd(lanes, x) : _mm256_min_pd(lanes, x);
    }
    double each[DC_LANES];
    dc_lanes_store(each, lanes);
    for (uint32_t j = 0; j < DC_LANES; j++) {
        best = is_greatest ? fmax(best, each[j]) : fmin(best, each[j]);
    }
    for (; i < count; i++) {
        best = is_greatest ? fmax(best, values[i]) : fmin(best, values[i]);
    }
    return best;
}

DC_AVX2 double dc_scan_extreme(const double *values, uint32_t count, bool is_greatest)
{
    return is_greatest ? scan_extreme(values, count, true) : scan_extreme(values, count, false);
}
