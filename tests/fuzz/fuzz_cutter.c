// Any bytes as input of a batch: however they come in pieces, each row is cut once, none is lost,
// and whatever a row is, it can be written in every format.
#include <stdlib.h>

#include "client/cli/input/cutter.h"
#include "client/cli/print/printer.h"
#include "common/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROW_BYTES_MAX DC_CHUNK_BYTES_MAX

typedef struct rows {
    uint64_t jobs, too_long, lines;
    bool is_unclosed;
} rows_t;

static void print_rows(dc_str_t rows, bool is_record, dc_format_t format)
{
    static dc_column_t columns[] = {
        { .name = { "x", 1 }, .type = DC_VAR_NUMBER, .is_used = true },
        { .name = { "y", 1 } },
    };
    dc_layout_t layout = { .format = format, .columns = columns, .column_count = 2 };
    dc_fault_t fault = { .code = DC_ERR_SYNTAX, .column = 1, .width = 3 };
    dc_buf_t out = { 0 };
    dc_str_t line;
    while (dc_str_take_line(&rows, &line)) {
        if (is_record) {
            line = dc_str(line.data, (size_t)(rows.data + rows.len - line.data));
            rows.len = 0;
        }
        for (int kind = DC_PRINT_TEXT; kind <= DC_PRINT_TSV; kind++) {
            dc_printer_t printer;
            dc_row_t row = { .row = 1, .input = line, .result = line };
            dc_printer_init(&printer, &layout, (dc_printer_format_t)kind);
            dc_printer_put(&printer, &row, &out);
            row.fault = &fault;
            dc_printer_put(&printer, &row, &out);
            dc_printer_put_failed(&printer, &row, &out);
            dc_printer_fini(&printer);
        }
        out.len = 0;
    }
    dc_buf_fini(&out);
}

// Cut `text`, which comes `step` bytes at a time.
static rows_t cut_all(dc_str_t text, bool is_csv, size_t step, bool prints)
{
    dc_cutter_t cutter;
    rows_t rows = { 0 };
    size_t at = 0, end = 0;
    dc_cutter_init(&cutter, is_csv, ROW_BYTES_MAX);
    for (;;) {
        bool is_end = end == text.len;
        dc_str_t bytes = dc_str(text.data + at, end - at);
        dc_cut_t cut = dc_cutter_next(&cutter, bytes, true, is_end);
        if (cut.bytes > bytes.len) abort();
        switch (cut.type) {
        case DC_CUT_MORE:
            if (cut.bytes || (is_end && bytes.len)) abort();
            if (is_end) return rows;
            end = dc_min_size(end + step, text.len);
            break;
        case DC_CUT_CHUNK:
            if (cut.jobs == 0 || cut.jobs > DC_CHUNK_JOBS_MAX || cut.bytes == 0) abort();
            if (cut.is_record && cut.jobs != 1) abort();
            if (cut.bytes > DC_CHUNK_BYTES_MAX) abort();
            rows.jobs += cut.jobs;
            rows.lines += cut.lines;
            if (prints) {
                dc_str_t chunk = dc_str(bytes.data, cut.bytes);
                print_rows(chunk, cut.is_record, is_csv ? DC_FORMAT_CSV : DC_FORMAT_JSONL);
                if (!cut.is_record && dc_str_count_lines(chunk) != cut.jobs) abort();
            }
            break;
        case DC_CUT_SKIPPED:
            if (is_end && bytes.len == 0) abort();
            if (cut.bytes == 0 && !is_end) end = dc_min_size(end + step, text.len);
            break;
        case DC_CUT_TOO_LONG:
            rows.too_long++;
            rows.lines += cut.lines;
            break;
        case DC_CUT_UNCLOSED: rows.is_unclosed = true; return rows;
        }
        at += cut.bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    bool is_csv = data[0] & 1;
    size_t step = (size_t)data[1] + 1;
    dc_str_t text = dc_str((const char *)data + 2, size - 2);
    rows_t whole = cut_all(text, is_csv, text.len ? text.len : 1, true);
    rows_t pieces = cut_all(text, is_csv, step, false);
    bool is_same = whole.jobs == pieces.jobs && whole.too_long == pieces.too_long &&
                   whole.lines == pieces.lines && whole.is_unclosed == pieces.is_unclosed;
    if (!is_same) abort();
    return 0;
}
