// quote — a piece of an unknown text as it may stand in a message.
#ifndef DC_COMMON_QUOTE_H
#define DC_COMMON_QUOTE_H

#include "common/str.h"

#define DC_QUOTE_BYTES_MAX 48

typedef struct dc_quote {
    char text[DC_QUOTE_BYTES_MAX + 4]; // ends in NUL, valid UTF-8, without control bytes
} dc_quote_t;

// The first bytes of `text`, with "…" if there are more than fit. What is not UTF-8 or would
// disturb a terminal becomes U+FFFD.
dc_quote_t dc_quote(dc_str_t text);

#endif
