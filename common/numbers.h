// numbers — what numbers an expression computes with: binary64, as large as memory is, or as many
// decimal digits as somebody wants.
#ifndef DC_COMMON_NUMBERS_H
#define DC_COMMON_NUMBERS_H

#include "common/str.h"

typedef enum dc_numbers_kind {
    DC_NUMBERS_DOUBLE,  // IEEE 754 binary64
    DC_NUMBERS_EXACT,   // rational numbers of any size
    DC_NUMBERS_DECIMAL, // decimal floating point
} dc_numbers_kind_t;

typedef struct dc_numbers {
    dc_numbers_kind_t kind;
    uint32_t digits; // of DECIMAL: 1 .. DC_NUMBERS_DIGITS_MAX; else 0
} dc_numbers_t;

// What may be written, for messages and help. It names DC_NUMBERS_DIGITS_MAX.
#define DC_NUMBERS_WORDS "double, exact or decimal=N with N from 1 to 1000"

// Read `double`, `exact` or `decimal=N`; all of `text` or nothing. False, and `*numbers` unchanged,
// if it is anything else.
DC_MUST_USE bool dc_numbers_read(dc_str_t text, dc_numbers_t *numbers);

#define DC_NUMBERS_TEXT_MAX 16

// Write the text that reads back to the same, with its NUL: at most DC_NUMBERS_TEXT_MAX bytes.
void dc_numbers_print(dc_numbers_t numbers, char *text);

static inline bool dc_numbers_equal(dc_numbers_t a, dc_numbers_t b)
{
    return a.kind == b.kind && a.digits == b.digits;
}

// Is it what every expression computes with unless somebody says otherwise?
static inline bool dc_numbers_are_double(dc_numbers_t numbers)
{
    return numbers.kind == DC_NUMBERS_DOUBLE;
}

#endif
