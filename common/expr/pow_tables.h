// pow_tables — constants and tables of pow_steps.h. All are decimal computations of 80 digits,
// rounded.
#ifndef DC_COMMON_EXPR_POW_TABLES_H
#define DC_COMMON_EXPR_POW_TABLES_H

#include <stdint.h>

#define DC_POW_PLACES 16

// Up to here, and down to its negative, powers of e are normal doubles.
#define DC_POW_EXPONENT_MAX 708.0

// ln 2 with 42 bits behind the point, so that a multiple of it is exact, and its rest.
#define DC_POW_LN_2_HIGH 0x1.62e42fefa38p-1
#define DC_POW_LN_2_LOW  0x1.ef35793c7673p-45

#define DC_POW_16_OVER_LN_2 0x1.71547652b82fep+4
#define DC_POW_LN_2_16_HIGH 0x1.62e42fefa39efp-5
#define DC_POW_LN_2_16_LOW  0x1.abc9e3b39803fp-60

// The bits of 2^52, below whose lowest bits an integer becomes a double; those of a fraction; and
// of the least one, 0.703125: sixteen ranges of 2^48 bit patterns follow, the tenth around 1.
#define DC_POW_BITS_OF_2_52 UINT64_C(0x4330000000000000)
#define DC_POW_FRACTION     UINT64_C(0x000fffffffffffff)
#define DC_POW_FIRST        UINT64_C(0x3fe6800000000000)

// Close to the reciprocals of the ranges' middles, and of so few bits that r (pow_steps.h) is
// exact; |r| is at most 0.0343. Then their negative logarithms, to 42 bits behind the point, and
// what these lack.
static const double dc_pow_reciprocals[DC_POW_PLACES] = {
    0x1.6p+0,  0x1.58p+0, 0x1.48p+0, 0x1.38p+0, 0x1.3p+0, 0x1.28p+0, 0x1.18p+0, 0x1.1p+0,
    0x1.08p+0, 0x1p+0,    0x1.ep-1,  0x1.c8p-1, 0x1.bp-1, 0x1.98p-1, 0x1.88p-1, 0x1.7p-1,
};

static const double dc_pow_logarithms[DC_POW_PLACES] = {
    -0x1.4618bc21c6p-2, -0x1.2e8e2bae12p-2,
    -0x1.fb9186d5e4p-3, -0x1.9525a9cf46p-3,
    -0x1.5ff3070a7ap-3, -0x1.29552f82p-3,
    -0x1.6f0d28ae58p-4, -0x1.f0a30c0118p-5,
    -0x1.f829b0e78p-6,  0.0,
    0x1.08598b59e4p-4,  0x1.da72763844p-4,
    0x1.5bf406b544p-3,  0x1.d1037f2656p-3,
    0x1.1178e8227ep-2,  0x1.522ae0738ap-2,
};

static const double dc_pow_logarithm_rests[DC_POW_PLACES] = {
    0x1.3d82f484c84ccp-46,  0x1.67b1e99b72bd8p-45,
    0x1.d572aab993c87p-47,  0x1.297137d9f158fp-44,
    0x1.8586f183bebf2p-44,  0x1.5b967f4471dfcp-44,
    0x1.4b4641b664613p-44,  0x1.d599e83368e91p-45,
    -0x1.980267c7e09e4p-45, 0.0,
    -0x1.7e5dd7009902cp-46, 0x1.a89401fa71733p-46,
    -0x1.27023eb68981cp-46, -0x1.84a7e75b6f6e4p-47,
    0x1.1ef78ce2d07f2p-44,  0x1.ebe708164c759p-45,
};

// 2^(i/16), and what it lacks as a part of it.
static const double dc_pow_roots[DC_POW_PLACES] = {
    0x1p+0,
    0x1.0b5586cf9890fp+0,
    0x1.172b83c7d517bp+0,
    0x1.2387a6e756238p+0,
    0x1.306fe0a31b715p+0,
    0x1.3dea64c123422p+0,
    0x1.4bfdad5362a27p+0,
    0x1.5ab07dd485429p+0,
    0x1.6a09e667f3bcdp+0,
    0x1.7a11473eb0187p+0,
    0x1.8ace5422aa0dbp+0,
    0x1.9c49182a3f09p+0,
    0x1.ae89f995ad3adp+0,
    0x1.c199bdd85529cp+0,
    0x1.d5818dcfba487p+0,
    0x1.ea4afa2a490dap+0,
};

static const double dc_pow_root_rests[DC_POW_PLACES] = {
    0.0,
    0x1.79aa65d837b6dp-54,
    -0x1.01b15eaa59348p-55,
    0x1.68efde3a8a894p-54,
    0x1.34d754db0abb6p-55,
    0x1.59f48a72a4c6dp-55,
    0x1.690cebb7aafbp-56,
    0x1.063e1e21c5409p-54,
    -0x1.3b3efbf5e2228p-54,
    -0x1.b32dcb94da51dp-56,
    0x1.db72fc1f0eab4p-55,
    0x1.1affc2b91ce27p-56,
    0x1.c1a7792cb3387p-55,
    0x1.36eae30af0cb3p-56,
    0x1.4a385a63d07a7p-56,
    -0x1.ff7128fd391fp-55,
};

#endif
