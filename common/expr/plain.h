// plain — texts that are nothing but arithmetic on numbers, evaluated while they are read.
//
// Most lines that people send are such: 12.5*(3.75+8123)-sqrt(77). A token, an operand and perhaps
// a register for each part of them are more work than the arithmetic is. Here nothing is made:
// where the text's numbers are is found sixteen bytes at a time, and a value is computed as soon as
// both its sides are read.
//
// What is not plain is declined, and the parser says what it means or what is wrong with it. That
// is all but decimal numbers, constants, + - * / % ^, parentheses and functions of math.h; a text
// of more than 63 bytes; one of which some part is not finite. What is not declined has the value
// and the steps to which the parser would have folded it, if no variables are declared.
#ifndef DC_COMMON_EXPR_PLAIN_H
#define DC_COMMON_EXPR_PLAIN_H

#include "common/str.h"

// Evaluate `text`: `*value` is finite, `*steps` is how many operators and functions that took.
// False, and nothing has changed, if it is not plain.
bool dc_plain_eval(dc_str_t text, double *value, uint32_t *steps);

#endif
