// Any bytes as a sheet that is fetched: each line is a job, behind a byte that says whether it has
// a value; where nothing is behind that, a disk has spoiled the line. Its rows are written, and
// what has no value is sent again: what then goes out is read by slots, and needs only jobs before
// it.
#include <stdlib.h>

#include "client/cli/run/sheet_again.h"
#include "client/cli/sheet/sheet_rows.h"
#include "common/lines.h"
#include "worker/cells.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CELLS 16

static void write_row(dc_sheet_rows_t *rows, dc_str_t line, bool is_failed, dc_buf_t *out)
{
    dc_fault_t fault = { .code = rows->next % 2 ? DC_ERR_SKIPPED : DC_ERR_DOMAIN, .column = 7 };
    if (!dc_sheet_rows_read(rows, line)) return;
    if (rows->cell.column > line.len || rows->cell.text.len > line.len) abort();
    dc_row_t row = dc_sheet_rows_row(rows, DC_STR("-0"), is_failed ? &fault : NULL);
    if (fault.column > 7 || dc_str_eq(row.result, DC_STR("-0"))) abort();
    dc_sheet_rows_put(rows, DC_STR("row\n"), out);
}

// As many rows come out as went in, whatever their order.
static void write_rows(dc_str_t lines, bool is_unordered)
{
    dc_sheet_rows_t rows;
    dc_buf_t out = { 0 };
    dc_str_t line;
    size_t count = 0;
    if (!dc_sheet_rows_init(&rows, CELLS, is_unordered)) abort();
    while (dc_str_take_line(&lines, &line)) {
        if (line.len == 0) continue;
        if (line.len == 1) {
            dc_sheet_rows_lose(&rows);
        } else {
            write_row(&rows, dc_str_behind(line, 1), line.data[0] & 1, &out);
            count += !rows.error;
        }
    }
    while (dc_sheet_rows_next_lost(&rows)) {
        if (rows.cell.row >= CELLS) abort();
        dc_sheet_rows_put(&rows, DC_STR("lost\n"), &out);
        count++;
    }
    dc_sheet_rows_flush(&rows, &out);
    if (dc_lines_count(dc_buf_str(&out)) != count) abort();
    dc_buf_fini(&out);
    dc_sheet_rows_fini(&rows);
}

// A slot reads the first job of `chunk`, where all that it needs is 1.
static void read_cell(const dcalc_chunk_t *chunk, uint64_t first)
{
    dc_cells_t cells = { 0 };
    dc_program_t program = { 0 };
    dc_buf_t data = { 0 };
    dc_wire_needs_t needs;
    dc_str_t text, line, lines = dc_str(chunk->bytes, chunk->size);
    size_t column;
    dc_diag_t diag;
    uint32_t count = 0;
    for (uint32_t i = 0; i < chunk->need_count; i++) {
        if (chunk->needs[i].first >= chunk->needs[i].end || chunk->needs[i].end > first) abort();
        count += (uint32_t)(chunk->needs[i].end - chunk->needs[i].first);
    }
    size_t sizes = dc_wire_begin_needs(&data, count);
    for (uint32_t i = 0; i < count; i++) {
        dc_wire_add_need(&data, sizes, i, DC_STR("1"));
    }
    dc_str_t rest = dc_buf_str(&data);
    if (!dc_wire_read_needs(&rest, &needs) || !dc_str_take_line(&lines, &line)) abort();
    dc_err_t err = dc_cells_read(&cells, &program, line, needs, &text, &column, &diag);
    // A pair that stood there already may be none.
    if (!err && (column > line.len || cells.count < count)) abort();
    dc_cells_fini(&cells);
    dc_buf_fini(&data);
}

static void send_again(dc_str_t lines)
{
    dc_sheet_again_t cells;
    dc_again_t again = { 0 };
    dc_str_t line;
    dc_diag_t diag;
    dc_sheet_again_init(&cells);
    while (dc_str_take_line(&lines, &line)) {
        if (line.len == 0) continue;
        dc_str_t value = DC_STR("2");
        dc_sheet_again_add(&cells, dc_str_behind(line, 1), line.data[0] & 1 ? NULL : &value);
    }
    if (dc_sheet_again_finish(&cells, &again, &diag) == DC_OK) {
        dcalc_chunk_t chunk;
        uint32_t jobs;
        for (uint64_t first = 0; dc_again_next(&again, &chunk, &jobs); first += jobs) {
            read_cell(&chunk, first);
        }
    }
    dc_sheet_again_fini(&cells);
    dc_again_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_str_t lines = { (const char *)data, size };
    write_rows(lines, false);
    write_rows(lines, true);
    send_again(lines);
    return 0;
}
