// csv — records of CSV (RFC 4180) and TSV: where one ends, and which fields it has.
//
// A field of CSV that begins with a quote ends with one; between them stand delimiters and line
// breaks, and two quotes for one. A quote elsewhere is text like any other. TSV knows no quotes: a
// record is a line, a field is what stands between tabs. Line ends are "\n" or "\r\n".
//
// To cut a text into records (CSV only, lines are records otherwise):
//
//   dc_csv_scan_t scan = { 0 };
//   while ((size = dc_csv_record_end(&scan, rest))) { ...; rest = what follows `size` bytes; }
//   // What is left has no end yet: call again with more bytes behind it. At the end of the text
//   // it is the last record, whole unless dc_csv_is_open(&scan).
//
// To cut a record into fields:
//
//   dc_csv_cursor_t cursor;
//   dc_csv_begin(&cursor, record, ',');
//   while (dc_csv_next(&cursor, &field)) ...
//   if (cursor.fault) ...
#ifndef DC_COMMON_CSV_H
#define DC_COMMON_CSV_H

#include "common/buf.h"
#include "common/str.h"

#define DC_CSV_COMMA ','
#define DC_CSV_TAB   '\t'

// Where the scanner is within the record that it looks at. All zero at the start of a text.
typedef struct dc_csv_scan {
    size_t at;         // how many bytes of this record have been looked at
    size_t quote_free; // the first bytes of this record that hold no quote, as far as is known
    size_t breaks;     // line breaks inside the record that was found last, or is looked at
    uint8_t state;     // the scanner's
} dc_csv_scan_t;

// The size of the record that `bytes` begins with, its line end included; 0 if it has no end there.
// The next call gets what follows that record, or the same record with more bytes behind it: what
// was looked at once is not looked at again. Costs two searches (memchr) for a record without
// quotes.
size_t dc_csv_record_end(dc_csv_scan_t *self, dc_str_t bytes);

// True if the record that has no end yet is inside quotes.
bool dc_csv_is_open(const dc_csv_scan_t *self);

typedef struct dc_csv_field {
    dc_str_t text; // borrowed from the record; what stands between the quotes
    bool quoted;
    bool doubled; // `text` has doubled quotes: see dc_csv_unquote
} dc_csv_field_t;

typedef struct dc_csv_cursor {
    const char *at;  // the next field's first byte; NULL after the last field
    const char *end; // of the record, without its line end
    char delimiter;
    const char *fault; // a sentence (static) if the record is not well-formed, else NULL
} dc_csv_cursor_t;

// Begin to read `record` (its line end may be there or not; borrowed while reading). Quotes count
// where `delimiter` is DC_CSV_COMMA, with DC_CSV_TAB they are text.
void dc_csv_begin(dc_csv_cursor_t *self, dc_str_t record, char delimiter);

// The next field; an empty record has one empty field. False after the last one, and where the
// record is not well-formed: `fault` then says why.
bool dc_csv_next(dc_csv_cursor_t *self, dc_csv_field_t *field);

// The field's value: `text`, or where quotes are doubled a copy behind what is in `room`. All
// copies of a record together are no longer than it: reserve that much, and none of them moves. If
// memory is short `room->failed` is set.
dc_str_t dc_csv_unquote(const dc_csv_field_t *field, dc_buf_t *room);

// Append `value` as a field of CSV: in quotes if it holds a comma, a quote, a line break, or blanks
// at either side.
void dc_csv_put(dc_buf_t *out, dc_str_t value);

#endif
