// lanes — four doubles at a time, or eight, for the files that compute on blocks.
//
// What uses AVX2 and FMA is compiled for them function by function, so that the programs start on
// any processor and can say what it lacks (dc_engine_is_supported).
#ifndef DC_COMMON_EXPR_LANES_H
#define DC_COMMON_EXPR_LANES_H

#include <immintrin.h>
#include <stddef.h>

#define DC_AVX2 __attribute__((target("avx2,fma")))

// Inlined into each of its callers, which may then be passed a constant operation.
#define DC_AVX2_INLINE static inline __attribute__((always_inline, target("avx2,fma")))

// Eight at a time, where the processor has AVX-512: the same bits, sooner.
#define DC_AVX512        __attribute__((target("avx512f")))
#define DC_AVX512_INLINE static inline __attribute__((always_inline, target("avx512f")))

typedef __m256d dc_lanes_t;

#define DC_LANES   4
#define DC_LANES_8 8

// Kernels handle so many rows in one turn of their loops; buffers are a multiple of it long.
#define DC_LANES_STEP 8

DC_AVX2_INLINE dc_lanes_t dc_lanes_load(const double *from)
{
    return _mm256_loadu_pd(from);
}

DC_AVX2_INLINE void dc_lanes_store(double *to, dc_lanes_t lanes)
{
    _mm256_storeu_pd(to, lanes);
}

DC_AVX2_INLINE dc_lanes_t dc_lanes_all(double number)
{
    return _mm256_set1_pd(number);
}

// `yes` where `mask` (all ones or zeros a lane) is set, else `no`.
DC_AVX2_INLINE dc_lanes_t dc_lanes_select(dc_lanes_t mask, dc_lanes_t yes, dc_lanes_t no)
{
    return _mm256_blendv_pd(no, yes, mask);
}

#endif
