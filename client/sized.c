#include "client/sized.h"

#include <string.h>

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i]) return false;
    }
    return true;
}

bool dc_sized_read(void *to, size_t size, const void *from, size_t first_size)
{
    size_t from_size;
    memcpy(&from_size, from, sizeof from_size);
    if (from_size == 0) from_size = first_size;
    if (from_size < first_size) return false;
    size_t known = dc_min_size(from_size, size);
    if (!is_zero((const unsigned char *)from + known, from_size - known)) return false;
    memcpy(to, from, known);
    return true;
}
