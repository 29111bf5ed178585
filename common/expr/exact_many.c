// Adding many terms at once: in blocks, with AVX2.
//
// Adding 1.5 * 2^k to a number below 2^(k-1) leaves it, rounded to a multiple of 2^(k-52), in the
// lower bits of the sum's representation: so the bits of such sums can be added as integers,
// exactly and in any order. What rounding left goes through the same with a smaller k. Two of these
// steps take in all of a block whose exponents differ by at most 50; what is left of others is
// summed like a block of its own. (Extraction as in Rump, Ogita, Oishi, "Accurate floating-point
// summation", 2008; the integers spare the bits that sums of its parts need.)
#include "common/expr/double_bits.h"
#include "common/expr/exact.h"
#include "common/expr/lanes.h"
#include "common/limits.h"

static_assert(DC_BLOCK_ROWS <= 1 << 8, "a sum of the rounded parts takes 51 + 8 bits");

// Biased exponents of terms for which all that is added below is a normal number.
#define EXPONENT_MIN 51
#define EXPONENT_MAX 2043

// A block whose exponents are spread so wide that this did not help is summed term by term.
#define STEPS_MAX 4

// The largest biased exponent, the one of infinity included.
DC_AVX2 static unsigned highest_exponent(const double *x, size_t count)
{
    __m256i highest = _mm256_setzero_si256();
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i += DC_LANES) {
        // Twice the bits: the sign is gone, the exponent on top. The lower half of a lane does not
        // count.
        __m256i bits = _mm256_castpd_si256(_mm256_loadu_pd(x + i));
        highest = _mm256_max_epu32(highest, _mm256_add_epi32(bits, bits));
    }
    uint32_t halves[2 * DC_LANES];
    _mm256_storeu_si256((void *)halves, highest);
    uint32_t max = 0;
    for (size_t i = 1; i < DC_ARRAY_LEN(halves); i += 2) {
        if (halves[i] > max) max = halves[i];
    }
    return max >> 21;
}

// 1.5 * 2^k for a biased k.
static double make_bias(unsigned exponent)
{
    return dc_double_of_bits((uint64_t)exponent << 52 | UINT64_C(1) << 51);
}

// Add what the lanes' sums of representations say, `round_count` of them in each, of numbers to
// which `bias` was added.
DC_AVX2 static void add_sums(dc_exact_t *self, __m256i sums, size_t round_count, __m256d bias)
{
    uint64_t lanes[DC_LANES];
    uint64_t bias_bits[DC_LANES];
    _mm256_storeu_si256((void *)lanes, sums);
    _mm256_storeu_si256((void *)bias_bits, _mm256_castpd_si256(bias));
    uint64_t sum =
        lanes[0] + lanes[1] + lanes[2] + lanes[3] - DC_LANES * round_count * bias_bits[0];
    // The last bit of the bias is 2^(k - 1075), and units are of 2^-1074.
    dc_exact_add_units(self, (int64_t)sum, (unsigned)(bias_bits[0] >> 52) - 1);
}

// Add `count` terms (a multiple of DC_LANES, at most DC_BLOCK_ROWS) of which the largest has that
// biased exponent. What is left of each goes to `rest`, which may be `x`; false if that is nothing.
DC_AVX2 static bool extract(dc_exact_t *self, const double *x, size_t count, unsigned exponent,
                            double *rest)
{
    const __m256d upper = _mm256_set1_pd(make_bias(exponent + 2));
    const __m256d lower = _mm256_set1_pd(make_bias(exponent + 2 - 52));
    __m256i upper_sums = _mm256_setzero_si256();
    __m256i lower_sums = _mm256_setzero_si256();
    __m256d left = _mm256_setzero_pd();
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i += DC_LANES) {
        __m256d term = _mm256_loadu_pd(x + i);
        __m256d biased = _mm256_add_pd(term, upper);
        upper_sums = _mm256_add_epi64(upper_sums, _mm256_castpd_si256(biased));
        term = _mm256_sub_pd(term, _mm256_sub_pd(biased, upper));
        biased = _mm256_add_pd(term, lower);
        lower_sums = _mm256_add_epi64(lower_sums, _mm256_castpd_si256(biased));
        term = _mm256_sub_pd(term, _mm256_sub_pd(biased, lower));
        left = _mm256_or_pd(left, term);
        _mm256_storeu_pd(rest + i, term);
    }
    add_sums(self, upper_sums, count / DC_LANES, upper);
    add_sums(self, lower_sums, count / DC_LANES, lower);
    __m256i left_bits = _mm256_castpd_si256(left);
    return !_mm256_testz_si256(left_bits, left_bits);
}

static void add_one_by_one(dc_exact_t *self, const double *x, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dc_exact_add(self, x[i]);
    }
}

// `count` as for extract().
static void add_block(dc_exact_t *self, const double *x, size_t count)
{
    double rest[DC_BLOCK_ROWS];
    for (int step = 0; step < STEPS_MAX; step++) {
        unsigned exponent = highest_exponent(x, count);
        if (exponent < EXPONENT_MIN || exponent > EXPONENT_MAX) break;
        if (!extract(self, x, count, exponent, rest)) return;
        x = rest;
    }
    add_one_by_one(self, x, count);
}

void dc_exact_add_many(dc_exact_t *self, const double *x, size_t count)
{
    while (count >= DC_LANES) {
        size_t block_count = dc_min_size(count - count % DC_LANES, DC_BLOCK_ROWS);
        add_block(self, x, block_count);
        x += block_count;
        count -= block_count;
    }
    add_one_by_one(self, x, count);
}
