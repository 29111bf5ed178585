// printer — one row of output for one row of input and its result.
//
// text    the result: what the worker printed json
// {"v":1,"batch":"b17","row":3,"value":14,"expr":"2+3*4"}; with a template the inputs instead
//         of the expression; a failed row has "error" instead of "value"
// csv     the input's columns as they came, then `result` and `error`; where the input has one of
//         these already they are `result2` and `error2`, or what number is free
// tsv     likewise; tabs and line breaks within a cell become blanks, since TSV cannot hold them
//
// A row whose record has too few or too many fields gets as many as the header has, so that result
// and error stay in their columns.
#ifndef DC_CLIENT_CLI_PRINT_PRINTER_H
#define DC_CLIENT_CLI_PRINT_PRINTER_H

#include "client/cli/recipe/layout.h"
#include "client/cli/text/numfmt.h"
#include "common/fault.h"

typedef enum dc_printer_format {
    DC_PRINT_TEXT,
    DC_PRINT_JSON,
    DC_PRINT_CSV,
    DC_PRINT_TSV,
} dc_printer_format_t;

// A word and a number.
#define DC_PRINTER_NAME_BYTES 32

typedef struct dc_printer {
    const dc_layout_t *layout; // borrowed
    dc_printer_format_t format;
    dc_number_style_t style;
    bool is_unordered; // text rows say which one they are
    bool is_argument;  // rows are expressions of the command line
    bool is_alone;     // text: one row, which if it failed is only told of
    bool is_verbose;   // json: how each row came about
    uint64_t batch;    // the number of the batch
    dc_buf_t scratch;  // owned
    // What is added: to csv and tsv columns; to rows that failed, members.
    char result_name[DC_PRINTER_NAME_BYTES], error_name[DC_PRINTER_NAME_BYTES];
    size_t failed_number;                  // the first of dc_former_named that no column has
    char line_name[DC_PRINTER_NAME_BYTES]; // of a record that has not the right fields
} dc_printer_t;

typedef struct dc_row {
    uint64_t row;               // from 1
    dc_str_t name;              // of a sheet: the cell's, whose expression is `input`
    dc_str_t input;             // what was sent, without its line end; empty if it was too long
    dc_str_t result;            // the result line, without its newline
    const dc_fault_t *fault;    // or NULL
    bool is_dropped;            // there is no input any more: it was too long, or is spoiled
    uint32_t attempt, spent_us; // of its piece ...
    dc_str_t worker;            // ... and who computed that; empty: no single worker
} dc_row_t;

void dc_printer_init(dc_printer_t *self, const dc_layout_t *layout, dc_printer_format_t format);
void dc_printer_fini(dc_printer_t *self);

// Print numbers in this style. JSON has numbers, whatever they look like: `style` has no say there,
// but for its digits.
void dc_printer_set_style(dc_printer_t *self, const dc_number_style_t *style);

// Append what stands above the rows: the header of CSV and TSV.
void dc_printer_put_header(dc_printer_t *self, dc_buf_t *out);

// Append `row`, with its newline.
void dc_printer_put(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out);

// Append rows as the above does, the quick way: those of the next lines of `records` and `results`
// that are a record which stays as it came, and a number; none of them has a fault. Both views go
// on behind them. Returns how many there were at the beginning, at most `count`; 0 where the next
// one, or the format, asks for more.
uint64_t dc_printer_put_records(const dc_printer_t *self, dc_str_t *records, dc_str_t *results,
                                uint64_t count, dc_buf_t *out);

// True if a row is nothing but its result line, so that lines can be passed on unparsed.
bool dc_printer_is_plain(const dc_printer_t *self);

// Append a failed row as a JSON line that can be edited and sent again with `--from jsonl`: the
// inputs as members, then "row" and "error", or with a number behind them where columns are called
// so. A record with too few or too many fields comes whole, as "line" (or "line2"), beside columns
// that are null: which of its fields is which is for a person to say.
void dc_printer_put_failed(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out);

// Where a person finds a fault.
typedef struct dc_locus {
    dc_fault_t fault;   // its columns count in `source`
    dc_str_t source;    // the template, the row's expression, or the row where that is at fault
    const char *within; // what that is: "the template", "the expression"; NULL: the row itself
} dc_locus_t;

// Find the fault of `row`, which has one. A worker counts columns in the bytes of the job; what has
// escapes it counts without them. The source is borrowed from `row`, from the layout, or from
// `self` until its next use.
dc_locus_t dc_printer_locate(dc_printer_t *self, const dc_row_t *row);

#endif
