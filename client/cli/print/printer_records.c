#include "client/cli/print/printer_part.h"

#include "common/bytes.h"

// Beyond what is in a row's line of input and of results: delimiter, delimiter and newline, and
// what copy_line may write behind a line.
#define ROW_BYTES   3
#define EXTRA_BYTES sizeof(uint64_t)

// Copy what is before the first newline in `from`, and return how much that is. Short lines are not
// worth two calls of libc each: eight bytes are moved and looked at in one turn, so that some
// behind the line may be written too.
static size_t copy_line(char *to, dc_str_t from)
{
    const uint64_t ones = 0x0101010101010101;
    size_t len = 0;
    for (; from.len - len >= sizeof(uint64_t); len += sizeof(uint64_t)) {
        uint64_t bytes = dc_get_u64(from.data + len);
        dc_put_u64(to + len, bytes);
        // The lowest byte that is a newline becomes 0, and alone has borrowed so far.
        uint64_t rest = bytes ^ ones * '\n';
        uint64_t found = (rest - ones) & ~rest & ones << 7;
        if (found) return len + (size_t)__builtin_ctzll(found) / 8;
    }
    for (; len < from.len && from.data[len] != '\n'; len++)
        to[len] = from.data[len];
    return len;
}

// Go on behind a line of `len` bytes.
static void pass_line(dc_str_t *lines, size_t len)
{
    *lines = dc_str_behind(*lines, len + (len < lines->len));
}

// What begins so is written as it is; what does not may be a string, null or an error.
static bool is_number(dc_str_t result)
{
    return result.len &&
           (result.data[0] == '-' || (result.data[0] >= '0' && result.data[0] <= '9'));
}

static bool keeps_records(const dc_printer_t *self)
{
    return dc_printer_csv_is_same_format(self) && dc_number_style_is_none(&self->style);
}

uint64_t dc_printer_put_records(const dc_printer_t *self, dc_str_t *records, dc_str_t *results,
                                uint64_t count, dc_buf_t *out)
{
    if (!keeps_records(self) || !is_number(*results)) return 0;
    const char delimiter = dc_layout_delimiter(self->layout);
    size_t rows_max = (size_t)dc_min_u64(count, results->len);
    if (!dc_buf_reserve(out, records->len + results->len + rows_max * ROW_BYTES + EXTRA_BYTES)) {
        return 0;
    }
    char *to = out->data + out->len;
    uint64_t done = 0;
    for (; done < count && records->len && is_number(*results); done++) {
        size_t len = copy_line(to, *records);
        pass_line(records, len);
        to += len - (len && to[len - 1] == '\r');
        *to++ = delimiter;
        len = copy_line(to, *results);
        pass_line(results, len);
        to += len;
        *to++ = delimiter;
        *to++ = '\n';
    }
    out->len = (size_t)(to - out->data);
    return done;
}
