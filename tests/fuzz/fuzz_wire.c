// Any bytes as a message: it is refused, or its records read well and write the same again.
//
// Input: sender (1), size of the table (2), size of the data (2), then table, data and one program.
#include <stdlib.h>

#include "common/bytes.h"
#include "common/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static dc_str_t take(dc_str_t *rest, size_t len)
{
    len = dc_min_size(len, rest->len);
    dc_str_t taken = dc_str(rest->data, len);
    *rest = dc_str(rest->data + len, rest->len - len);
    return taken;
}

// Frames that the writer makes are not always those that were read (programs may have been given
// twice), but what they say is the same.
static void check_rewritten(const dc_wire_writer_t *writer, dc_wire_from_t from,
                            dc_wire_reader_t original)
{
    dc_slice_t frames[2 + DC_WIRE_PROGRAMS_MAX];
    size_t count = dc_wire_frames(writer, frames);
    dc_wire_reader_t again;
    const char *why;
    if (dc_wire_read(&again, from, frames, count, &why) != DC_OK) abort();
    dc_cmd_t a, b;
    while (dc_wire_next(&original, &a)) {
        if (!dc_wire_next(&again, &b)) abort();
        if (a.type != b.type || !dc_str_eq(a.data.bytes, b.data.bytes)) abort();
        if (!dc_str_eq(a.program.bytes, b.program.bytes)) abort();
    }
    if (dc_wire_next(&again, &b)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 5) return 0;
    dc_str_t rest = { (const char *)data + 5, size - 5 };
    dc_wire_from_t from = (dc_wire_from_t)(data[0] % 4);
    dc_slice_t frames[3] = { 0 };
    frames[0].bytes = take(&rest, dc_get_u16(data + 1));
    frames[1].bytes = take(&rest, dc_get_u16(data + 3));
    frames[2].bytes = rest;
    dc_wire_reader_t reader;
    const char *why = NULL;
    if (dc_wire_read(&reader, from, frames, 3, &why) != DC_OK) {
        if (!why) abort();
        return 0;
    }
    dc_wire_writer_t writer;
    dc_wire_writer_init(&writer);
    dc_wire_reader_t original = reader;
    bool fits = true;
    dc_cmd_t cmd;
    while (dc_wire_next(&reader, &cmd)) {
        fits = fits && dc_wire_add(&writer, &cmd);
    }
    if (reader.data.bytes.len) abort();
    if (fits) check_rewritten(&writer, from, original);
    dc_wire_writer_fini(&writer);
    return 0;
}
