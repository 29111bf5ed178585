// lines — counting and cutting lines, fast: it is all that client and broker do for every byte.
#ifndef DC_COMMON_LINES_H
#define DC_COMMON_LINES_H

#include "common/str.h"

// How many newlines there are. About 16 bytes a cycle.
size_t dc_lines_count(dc_str_t text);

// Where line `count` begins (from 0): behind the `count`th newline, or at the end of `text` if it
// has fewer. Many lines cost as little as their bytes are counted for, however short they are.
size_t dc_lines_offset(dc_str_t text, size_t count);

#endif
