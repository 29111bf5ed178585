#include "common/utf8.h"

// How many bytes follow a first byte of a longer character, and the smallest character that needs
// so many. 0 if no character begins so.
static size_t following(unsigned char first, uint32_t *least)
{
    if (first >= 0xF0) {
        *least = 0x10000;
        return first <= 0xF4 ? 3 : 0;
    }
    *least = first >= 0xE0 ? 0x800 : 0x80;
    return first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
}

size_t dc_utf8_decode(dc_str_t text, uint32_t *character)
{
    unsigned char first = (unsigned char)text.data[0];
    if (first < 0x80) {
        *character = first;
        return 1;
    }
    uint32_t least;
    size_t count = following(first, &least);
    if (count == 0 || text.len <= count) return 0;
    uint32_t value = first & (0x3Fu >> count);
    for (size_t i = 1; i <= count; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if ((byte & 0xC0) != 0x80) return 0;
        value = value << 6 | (byte & 0x3Fu);
    }
    bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < least || value > 0x10FFFF || is_surrogate) return 0;
    *character = value;
    return count + 1;
}

// How many bytes at the front of `text` are ASCII, as far as whole words tell.
static size_t skip_ascii(dc_str_t text)
{
    size_t at = 0;
    uint64_t word;
    for (; text.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080)) break;
    }
    return at;
}

bool dc_utf8_is_valid(dc_str_t text)
{
    size_t at = skip_ascii(text);
    while (at < text.len) {
        uint32_t character;
        size_t size = 1;
        if ((unsigned char)text.data[at] >= 0x80) {
            size = dc_utf8_decode(dc_str_behind(text, at), &character);
        }
        if (size == 0) return false;
        at += size;
    }
    return true;
}

size_t dc_utf8_encode(uint32_t character, char *bytes)
{
    if (character < 0x80) {
        bytes[0] = (char)character;
        return 1;
    }
    size_t count = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    bytes[0] = (char)((0xF00u >> count & 0xFF) | character);
    return count;
}

// Ranges in order, both ends counted. What lies between two letters and was never given to any
// character is joined to them.
static const struct {
    uint32_t first, last;
} letters[] = {
#include "common/letters.inc"
};

bool dc_utf8_is_letter(uint32_t character)
{
    size_t low = 0;
    size_t high = DC_ARRAY_LEN(letters);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (letters[middle].last < character) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < DC_ARRAY_LEN(letters) && letters[low].first <= character;
}
