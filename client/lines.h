// lines — counting and cutting lines, fast: it is all that the client does for every byte.
#ifndef DC_CLIENT_LINES_H
#define DC_CLIENT_LINES_H

#include "common/str.h"

// How many newlines there are. About 16 bytes a cycle.
size_t dc_lines_count(dc_str_t text);

// Where line `count` begins (from 0): behind the `count`th newline, or at the end of `text` if it
// has fewer.
size_t dc_lines_offset(dc_str_t text, size_t count);

#endif
