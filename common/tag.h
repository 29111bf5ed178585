// tag — what a worker can do that others cannot, in a word: batches that name it go to its slots.
#ifndef DC_COMMON_TAG_H
#define DC_COMMON_TAG_H

#include "common/str.h"

// Why `text` cannot be a tag, as the end of a sentence ("is longer than 64 bytes"); NULL if it can:
// 1 to DC_TAG_BYTES_MAX bytes of UTF-8 without blanks and control characters.
const char *dc_tag_flaw(dc_str_t text);

#endif
