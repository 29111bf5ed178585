// value — what an expression can be worth, and the text of it.
#ifndef DC_COMMON_EXPR_VALUE_H
#define DC_COMMON_EXPR_VALUE_H

#include "common/buf.h"
#include "common/str.h"

typedef enum dc_type {
    DC_TYPE_NULL,   // an empty cell, `null`
    DC_TYPE_NUMBER, // IEEE 754 binary64
    DC_TYPE_BOOL,
    DC_TYPE_STRING, // UTF-8
    DC_TYPE_DIGITS, // a number as its text, where numbers are no doubles (common/wide); code knows
                    // it as DC_TYPE_NUMBER
} dc_type_t;

typedef struct dc_value {
    dc_type_t type;
    union {
        double number;
        bool boolean;
        dc_str_t string; // or digits; borrowed from the text, the inputs or the engine: see who
                         // returns it
    };
} dc_value_t;

// "null", "number", "bool", "string". Digits are a number.
const char *dc_type_name(dc_type_t type);

// Append the canonical text: a number in its shortest form that reads back to the same bits, bools
// as true and false, strings as JSON, digits as they are, null as null; infinities as inf and -inf,
// NaN as nan. It never holds a line break. Appends at most DC_NUMBER_TEXT_MAX bytes for what is
// neither string nor digits.
void dc_value_print(const dc_value_t *value, dc_buf_t *out);

#endif
