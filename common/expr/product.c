#include "common/expr/product.h"

#include <math.h>

#include "common/expr/lanes.h"
#include "common/expr/twofold.h"

#define VECTORS (DC_PRODUCT_LANES / DC_LANES)

#define EXPONENT_BIAS INT64_C(1023)
#define EXPONENT_MASK UINT64_C(0x7FF)
#define ONE_BITS      ((uint64_t)EXPONENT_BIAS << 52)

// Sums of two stay below 2^63. 2^53 terms at one end of the doubles would be beyond this.
#define EXPONENT_MAX (INT64_C(1) << 60)

static void clear_lanes(dc_product_t *self)
{
    for (size_t i = 0; i < DC_PRODUCT_LANES; i++) {
        self->lane_high[i] = 1;
        self->lane_low[i] = 0;
    }
    self->lanes_exponent = 0;
}

void dc_product_init(dc_product_t *self, uint64_t first)
{
    assert(first % DC_PRODUCT_LEAF_TERMS == 0);
    *self = (dc_product_t){ .first = first };
    clear_lanes(self);
}

// --- nodes -------------------------------------------------------------------------------------

// The number in the form that nodes have; it is neither 0 nor infinite. Adding 0 turns -0 into 0,
// so that equal numbers have equal bits.
static dc_product_node_t make_node(dc_twofold_t number, int64_t exponent)
{
    int shift;
    double high = frexp(number.high, &shift);
    exponent += shift;
    if (exponent > EXPONENT_MAX) exponent = EXPONENT_MAX;
    if (exponent < -EXPONENT_MAX) exponent = -EXPONENT_MAX;
    return (dc_product_node_t){ high, ldexp(number.low, -shift) + 0.0, exponent };
}

static dc_product_node_t multiply(dc_product_node_t left, dc_product_node_t right)
{
    dc_twofold_t a = { left.high, left.low };
    dc_twofold_t b = { right.high, right.low };
    return make_node(dc_twofold_mul(a, b), left.exponent + right.exponent);
}

unsigned dc_product_level(uint64_t leaf, uint64_t end)
{
    unsigned fits = 63 - (unsigned)__builtin_clzll(end - leaf);
    unsigned begins = leaf ? (unsigned)__builtin_ctzll(leaf) : fits;
    return begins < fits ? begins : fits;
}

// Append the subtree of 2^level leaves that begins with leaf `leaf`. As a binary counter carries,
// it is joined with the one before it wherever that is the left half of the same tree.
static void push_node(dc_product_t *self, dc_product_node_t node, uint64_t leaf, unsigned level)
{
    uint64_t first_leaf = self->first / DC_PRODUCT_LEAF_TERMS;
    while (leaf >> level & 1 && leaf - (UINT64_C(1) << level) >= first_leaf) {
        node = multiply(self->nodes[--self->node_count], node);
        leaf -= UINT64_C(1) << level++;
    }
    self->nodes[self->node_count++] = node;
}

// --- leaves ------------------------------------------------------------------------------------

// A lane has the product of numbers from 1 to below 2, so it cannot overflow: the high part, and
// what multiplying high parts lost (as in Ogita, Rump, Oishi, "Accurate sum and dot product",
// 2005).

// Split a term into a number from 1 to below 2 with its sign, which is returned, and a power of
// two. Terms that have none are remembered and count as 1.
static double take_significand(dc_product_t *self, double x, int64_t *exponent)
{
    bool is_number = isfinite(x) && x != 0;
    self->has_zero |= x == 0;
    self->has_inf |= isinf(x);
    self->has_nan |= isnan(x);
    *exponent = 0;
    if (!is_number) return copysign(1, x);
    int shift;
    double significand = 2 * frexp(x, &shift);
    *exponent = shift - 1;
    return significand;
}

static void multiply_lane(dc_product_t *self, size_t lane, double x)
{
    int64_t exponent;
    double factor = take_significand(self, x, &exponent);
    double high = self->lane_high[lane];
    double product = high * factor;
    double lost = fma(high, factor, -product);
    self->lane_high[lane] = product;
    self->lane_low[lane] = fma(self->lane_low[lane], factor, lost);
    self->lanes_exponent += exponent;
}

// What the vectors of a leaf under way hold.
typedef struct vectors {
    __m256d high[VECTORS], low[VECTORS];
    __m256i exponents; // sums of biased ones
    __m256i highest;   // in the lower halves: of the biased ones less 1, which is huge for 0
} vectors_t;

DC_AVX2_INLINE void multiply_vector(vectors_t *self, size_t i, const double *x)
{
    const __m256i not_exponent = _mm256_set1_epi64x((int64_t) ~(EXPONENT_MASK << 52));
    const __m256i one = _mm256_set1_epi64x((int64_t)ONE_BITS);
    __m256i bits = _mm256_castpd_si256(_mm256_loadu_pd(x));
    __m256i exponent = _mm256_srli_epi64(_mm256_slli_epi64(bits, 1), 53);
    __m256i less_1 = _mm256_sub_epi32(exponent, _mm256_set1_epi64x(1));
    self->exponents = _mm256_add_epi64(self->exponents, exponent);
    self->highest = _mm256_max_epu32(self->highest, less_1);
    __m256d factor =
        _mm256_castsi256_pd(_mm256_or_si256(_mm256_and_si256(bits, not_exponent), one));
    __m256d product = _mm256_mul_pd(self->high[i], factor);
    __m256d lost = _mm256_fmsub_pd(self->high[i], factor, product);
    self->low[i] = _mm256_fmadd_pd(self->low[i], factor, lost);
    self->high[i] = product;
}

// All terms of a leaf, with the bits that multiply_lane() gives. False if one of them is no normal
// number; `self` is then unchanged.
DC_AVX2 static bool multiply_leaf(dc_product_t *self, const double *x)
{
    vectors_t vectors = { .exponents = _mm256_setzero_si256(), .highest = _mm256_setzero_si256() };
    for (size_t i = 0; i < VECTORS; i++) {
        vectors.high[i] = _mm256_set1_pd(1);
        vectors.low[i] = _mm256_setzero_pd();
    }
    for (size_t i = 0; i < DC_PRODUCT_LEAF_TERMS; i += DC_PRODUCT_LANES) {
#pragma GCC unroll 4
        for (size_t j = 0; j < VECTORS; j++) {
            multiply_vector(&vectors, j, x + i + j * DC_LANES);
        }
    }
    uint64_t highest[DC_LANES];
    int64_t exponents[DC_LANES];
    _mm256_storeu_si256((void *)highest, vectors.highest);
    _mm256_storeu_si256((void *)exponents, vectors.exponents);
    for (size_t i = 0; i < DC_LANES; i++) {
        if (highest[i] >= EXPONENT_MASK - 1) return false;
    }
    self->lanes_exponent = exponents[0] + exponents[1] + exponents[2] + exponents[3] -
                           EXPONENT_BIAS * DC_PRODUCT_LEAF_TERMS;
    for (size_t i = 0; i < VECTORS; i++) {
        _mm256_storeu_pd(&self->lane_high[i * DC_LANES], vectors.high[i]);
        _mm256_storeu_pd(&self->lane_low[i * DC_LANES], vectors.low[i]);
    }
    return true;
}

dc_product_node_t dc_product_open_leaf(const dc_product_t *self)
{
    dc_twofold_t lanes[DC_PRODUCT_LANES];
    for (size_t i = 0; i < DC_PRODUCT_LANES; i++) {
        lanes[i] = dc_twofold_sum_ordered(self->lane_high[i], self->lane_low[i]);
    }
    for (size_t len = DC_PRODUCT_LANES / 2; len > 0; len /= 2) {
        for (size_t i = 0; i < len; i++) {
            lanes[i] = dc_twofold_mul(lanes[2 * i], lanes[2 * i + 1]);
        }
    }
    return make_node(lanes[0], self->lanes_exponent);
}

// Multiply by the next terms, as far as they are in one leaf. Returns how many that were.
static size_t add_in_leaf(dc_product_t *self, const double *x, size_t count)
{
    size_t from = self->count % DC_PRODUCT_LEAF_TERMS;
    count = dc_min_size(count, DC_PRODUCT_LEAF_TERMS - from);
    bool is_whole = count == DC_PRODUCT_LEAF_TERMS;
    if (!is_whole || !multiply_leaf(self, x)) {
        for (size_t i = 0; i < count; i++) {
            multiply_lane(self, (from + i) % DC_PRODUCT_LANES, x[i]);
        }
    }
    self->count += count;
    return count;
}

void dc_product_add_many(dc_product_t *self, const double *x, size_t count)
{
    while (count > 0) {
        size_t added_count = add_in_leaf(self, x, count);
        x += added_count;
        count -= added_count;
        if (self->count % DC_PRODUCT_LEAF_TERMS) continue;
        uint64_t leaf = (self->first + self->count) / DC_PRODUCT_LEAF_TERMS - 1;
        push_node(self, dc_product_open_leaf(self), leaf, 0);
        clear_lanes(self);
    }
}

// --- the whole ---------------------------------------------------------------------------------

bool dc_product_merge(dc_product_t *self, const dc_product_t *next)
{
    if (self->first + self->count != next->first) return false;
    uint64_t leaf = next->first / DC_PRODUCT_LEAF_TERMS;
    uint64_t end = leaf + next->count / DC_PRODUCT_LEAF_TERMS;
    for (size_t i = 0; i < next->node_count; i++) {
        unsigned level = dc_product_level(leaf, end);
        push_node(self, next->nodes[i], leaf, level);
        leaf += UINT64_C(1) << level;
    }
    memcpy(self->lane_high, next->lane_high, sizeof self->lane_high);
    memcpy(self->lane_low, next->lane_low, sizeof self->lane_low);
    self->lanes_exponent = next->lanes_exponent;
    self->count += next->count;
    self->has_zero |= next->has_zero;
    self->has_inf |= next->has_inf;
    self->has_nan |= next->has_nan;
    return true;
}

// The number as a double. Below the normal numbers `high`, which was rounded once, is rounded
// again: where it is then just halfway between two doubles, `low` tells on which side the number
// is.
static double to_double(dc_product_node_t number)
{
    const int normal_exponent_min = -1021;
    int exponent = (int)fmax(-2000, fmin((double)number.exponent, 2000));
    double value = ldexp(number.high, exponent);
    if (exponent >= normal_exponent_min || exponent < -1100) return value;
    double rest = number.high - ldexp(value, -exponent);
    bool is_half = fabs(rest) == ldexp(1, -1075 - exponent);
    bool is_more = rest > 0 ? number.low > 0 : number.low < 0;
    return is_half && is_more ? value + copysign(0x1p-1074, rest) : value;
}

double dc_product_round(const dc_product_t *self)
{
    if (self->has_nan || (self->has_zero && self->has_inf)) return NAN;
    dc_product_node_t product = dc_product_open_leaf(self);
    for (size_t i = self->node_count; i-- > 0;) {
        product = multiply(self->nodes[i], product);
    }
    if (self->has_zero) return copysign(0, product.high);
    if (self->has_inf) return copysign(INFINITY, product.high);
    return to_double(product);
}
