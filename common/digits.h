// digits — wide numbers (common/numbers.h) as the text that they travel in.
//
// A sign or none, then a literal as expressions have it (dc_number_read), or two integers in
// decimal with `/` between, of which the second is not 0. There are no infinities, and no blanks.
#ifndef DC_COMMON_DIGITS_H
#define DC_COMMON_DIGITS_H

#include "common/json_writer.h"
#include "common/str.h"

// Whether `text` is such a number.
bool dc_digits_are_number(dc_str_t text);

// Whether such a number is an integer, as `2.0`, `2.50e1` and `0x1F` are. One with `/` is taken for
// none.
bool dc_digits_are_integer(dc_str_t text);

// Write any text as a value of JSON: as it is where it is a number that JSON has too, else as a
// string.
void dc_digits_put_json(dc_str_t text, dc_json_writer_t *json);

#endif
