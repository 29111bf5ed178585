#include "common/quote.h"

#include "common/utf8.h"

#define REPLACEMENT 0xFFFDu

dc_quote_t dc_quote(dc_str_t text)
{
    dc_quote_t quote;
    size_t len = 0;
    while (text.len) {
        uint32_t character = 0;
        size_t bytes = dc_utf8_decode(text, &character);
        // C0 and C1 controls; the ends of line and paragraph, and what turns the direction.
        bool is_hidden = character < 0x20 || (character >= 0x7F && character < 0xA0) ||
                         (character >= 0x200E && character <= 0x200F) ||
                         (character >= 0x2028 && character <= 0x202E) ||
                         (character >= 0x2066 && character <= 0x2069);
        if (bytes == 0 || is_hidden) character = REPLACEMENT;
        char encoded[4];
        size_t count = dc_utf8_encode(character, encoded);
        if (len + count > DC_QUOTE_BYTES_MAX) {
            memcpy(quote.text + len, "…", 3);
            len += 3;
            break;
        }
        memcpy(quote.text + len, encoded, count);
        len += count;
        size_t used = bytes ? bytes : 1;
        text = dc_str_behind(text, used);
    }
    quote.text[len] = '\0';
    return quote;
}
