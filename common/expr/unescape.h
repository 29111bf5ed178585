// unescape — the text that a string literal means.
#ifndef DC_COMMON_EXPR_UNESCAPE_H
#define DC_COMMON_EXPR_UNESCAPE_H

#include "common/err.h"
#include "common/str.h"

// Replace the escapes of `*string`, what stands between the quotes, as JSON does; \' is a quote
// too. The result is written to `room`, which has as many bytes as the string, and `*string` made
// to be it. False if an escape is none, told in `diag`; `column` is that of the first byte of the
// string.
bool dc_unescape(dc_str_t *string, char *room, size_t column, dc_diag_t *diag);

#endif
