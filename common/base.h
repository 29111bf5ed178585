// base — the few words that every file of dcalc uses.
#ifndef DC_COMMON_BASE_H
#define DC_COMMON_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A result that the caller may not drop.
#define DC_MUST_USE __attribute__((warn_unused_result))

// A printf-like function: argument `text` is the format, `first` the first of its arguments.
#define DC_PRINTF(text, first) __attribute__((format(printf, text, first)))

#define DC_ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

// Monotonic time, in milliseconds and microseconds since some moment in the past. Never wall time.
typedef uint64_t dc_ms_t;
typedef uint64_t dc_us_t;

static inline size_t dc_max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static inline size_t dc_min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline uint64_t dc_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t dc_max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

#endif
