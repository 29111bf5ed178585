// cutter — where input is cut into chunks of whole rows.
//
// A row is a line, or a record of CSV, whose quotes may hold line breaks. Rows go into a chunk as
// long as they fit; one with a line break inside is a chunk of its own, since all else that looks
// at chunks ends rows at newlines. A row that is longer than any worker takes is dropped as it
// streams by and reported once: neither its length nor the number of such rows costs memory.
//
// Where no quote is near, CSV is cut as lines are, which costs one look at each byte.
#ifndef DC_CLIENT_CLI_INPUT_CUTTER_H
#define DC_CLIENT_CLI_INPUT_CUTTER_H

#include "common/csv.h"

typedef struct dc_cutter {
    bool has_quotes;      // rows are records of CSV
    size_t row_bytes_max; // a longer one is not sent
    bool is_skipping;     // within such a one
    dc_csv_scan_t scan;   // of the record that is being skipped
} dc_cutter_t;

typedef enum dc_cut_type {
    DC_CUT_MORE,     // nothing is taken: more bytes are needed, or there are none
    DC_CUT_CHUNK,    // `bytes` are `jobs` rows
    DC_CUT_SKIPPED,  // `bytes` belong to a row that is too long; it goes on
    DC_CUT_TOO_LONG, // `bytes` end a row that is too long
    DC_CUT_UNCLOSED, // the input ends inside quotes: it is not usable from here on
} dc_cut_type_t;

typedef struct dc_cut {
    dc_cut_type_t type;
    size_t bytes;   // taken off the front
    uint32_t jobs;  // of a chunk
    uint32_t lines; // that these rows have: as many as jobs, save where quotes hold line breaks
    bool is_record; // a single row with line breaks in it
} dc_cut_t;

// A row may have `row_bytes_max` bytes, its line end included: at least what a chunk may have, so
// that rows which fit into one need not be measured.
void dc_cutter_init(dc_cutter_t *self, bool has_quotes, size_t row_bytes_max);

// Cut the front of `bytes`, which are all that is at hand and follow what was taken before. With
// `is_end` nothing comes behind them. Without `is_flush` less than a full chunk is left alone: more
// will come soon.
dc_cut_t dc_cutter_next(dc_cutter_t *self, dc_str_t bytes, bool is_flush, bool is_end);

#endif
