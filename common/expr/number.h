// number — decimal text to binary64 and back, both correctly rounded.
#ifndef DC_COMMON_EXPR_NUMBER_H
#define DC_COMMON_EXPR_NUMBER_H

#include "common/limits.h"
#include "common/str.h"

// Write `number` as ECMAScript's Number::toString does (ECMA-262, 6.1.6.1.20): the shortest digits
// that read back to the same number, the nearest to it of these, without an exponent from 1e-6 to
// below 1e21; `1e21` and `1e-7` outside (no `+`); `-0` as `0`; `inf`, `-inf`, `nan`.
// Writes at most DC_NUMBER_TEXT_MAX bytes to `text`, no NUL; returns how many.
size_t dc_number_print(double number, char *text);

// The same as a C string, for messages.
typedef struct dc_number_text {
    char text[DC_NUMBER_TEXT_MAX + 1];
} dc_number_text_t;

dc_number_text_t dc_number_text(double number);

// Read a decimal literal as LANGUAGE allows it in expressions: `12` `1.5` `.5` `1.` `1e-3`
// `1_000_000` (an underscore between digits) `0x1F` `0b101`; no sign. Reads as much of `text` as
// belongs to it and returns how many bytes that were, 0 if none starts there. Rounds correctly, too
// large gives infinity. Integers in base 16 and 2 round likewise.
size_t dc_number_read(dc_str_t text, double *number);

// Read a whole cell of data: blanks around, a sign, a literal as above, or `inf`, `nan`; all of it
// or nothing. False if `text` is anything else; `number` is then unchanged.
bool dc_number_from_text(dc_str_t text, double *number);

#endif
