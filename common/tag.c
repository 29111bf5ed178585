#include "common/tag.h"

#include "common/limits.h"
#include "common/utf8.h"

const char *dc_tag_flaw(dc_str_t text)
{
    static_assert(DC_TAG_BYTES_MAX == 64, "what is said of a long one");
    if (text.len == 0) return "is empty";
    if (text.len > DC_TAG_BYTES_MAX) return "is longer than 64 bytes";
    if (!dc_utf8_is_valid(text)) return "is not UTF-8";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c == 0x7f) return "has a blank or a control character in it";
    }
    return NULL;
}
