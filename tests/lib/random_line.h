// random_line — lines of arithmetic to measure with: of some 24 bytes, the same in every run.
#ifndef DC_TESTS_LIB_RANDOM_LINE_H
#define DC_TESTS_LIB_RANDOM_LINE_H

#include "common/buf.h"

typedef enum dc_line_words {
    DC_LINE_ALL,    // what dcalc has
    DC_LINE_COMMON, // what other calculators have too: no % and no floor()
} dc_line_words_t;

// Append a line such as 12.5*(3.75+8123)-77/3.1 and a newline; one in eight has a function.
// `*state` says which line, and becomes another; any number but 0 is good.
void dc_random_line(dc_buf_t *text, uint64_t *state, dc_line_words_t words);

// Append `line` with other digits in its numbers, more or less of them, and a newline. Exponents
// stay, so that results do too.
void dc_respell_line(dc_str_t line, dc_buf_t *text, uint64_t *state);

#endif
