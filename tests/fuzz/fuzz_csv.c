// Any bytes as CSV: records are found alike whatever the portions, and fields lie within them.
#include <stdlib.h>

#include "common/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The end of the first record of `bytes`, looked for in portions.
static size_t end_in_portions(dc_str_t bytes, size_t portion)
{
    dc_csv_scan_t scan = { 0 };
    for (size_t len = dc_min_size(portion, bytes.len);;
         len = dc_min_size(len + portion, bytes.len)) {
        size_t end = dc_csv_record_end(&scan, dc_str(bytes.data, len));
        if (end || len == bytes.len) return end;
    }
}

// Cut a record into fields, and write it again: it must read back to the same.
static void check_record(dc_str_t record, char delimiter)
{
    dc_csv_cursor_t cursor;
    dc_csv_field_t field;
    dc_buf_t room = { 0 };
    dc_buf_t again = { 0 };
    if (!dc_buf_reserve(&room, record.len + 1)) return;
    const char *place = room.data;
    dc_csv_begin(&cursor, record, delimiter);
    while (dc_csv_next(&cursor, &field)) {
        if (field.text.len > record.len) abort();
        dc_str_t value = dc_csv_unquote(&field, &room);
        again.len = 0;
        dc_csv_put(&again, value);
        dc_csv_cursor_t back;
        dc_csv_field_t same;
        dc_buf_t more = { 0 };
        dc_csv_begin(&back, dc_buf_str(&again), DC_CSV_COMMA);
        if (!dc_csv_next(&back, &same)) abort();
        if (!dc_str_eq(dc_csv_unquote(&same, &more), value)) abort();
        if (dc_csv_next(&back, &same) || back.fault) abort();
        dc_buf_fini(&more);
    }
    if (room.data != place) abort(); // values would have moved
    dc_buf_fini(&room);
    dc_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_str_t rest = { (const char *)data, size };
    dc_csv_scan_t scan = { 0 };
    size_t end;
    for (size_t count = 0; (end = dc_csv_record_end(&scan, rest)) && count < 100; count++) {
        if (end > rest.len || rest.data[end - 1] != '\n') abort();
        if (end_in_portions(rest, 1 + count % 7) != end) abort();
        check_record(dc_str(rest.data, end), DC_CSV_COMMA);
        check_record(dc_str(rest.data, end), DC_CSV_TAB);
        rest = dc_str(rest.data + end, rest.len - end);
    }
    check_record(rest, DC_CSV_COMMA);
    return 0;
}
