// utf8 — characters in bytes, and which of them are letters.
#ifndef DC_COMMON_UTF8_H
#define DC_COMMON_UTF8_H

#include "common/str.h"

// Decode the first character of `text` (not empty). Returns its bytes, 1 to 4; 0 if they are not
// UTF-8 (overlong forms and surrogates are not).
size_t dc_utf8_decode(dc_str_t text, uint32_t *character);

// Is all of `text` UTF-8? Eight bytes at a time where it is ASCII.
bool dc_utf8_is_valid(dc_str_t text);

// Encode a character (not a surrogate, at most 0x10FFFF) to at most 4 bytes. Returns how many.
size_t dc_utf8_encode(uint32_t character, char *bytes);

// May a name hold the character, which is not ASCII? Letters, and the marks and digits that go with
// them, by the general categories L, M, Nd and Nl of Unicode 14.
bool dc_utf8_is_letter(uint32_t character);

#endif
