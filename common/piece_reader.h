// piece_reader — what a piece has of its jobs, one after the other: the result of each, and the
// fault of each that has failed.
//
// All of it is borrowed, and comes from other processes: where there is less than was said,
// results are empty.
#ifndef DC_COMMON_PIECE_READER_H
#define DC_COMMON_PIECE_READER_H

#include <stdbool.h>

#include "common/str.h"

typedef struct dc_piece_reader {
    dc_str_t faults;  // that were not passed yet, as common/fault.h has them
    dc_str_t results; // likewise
    bool is_columns;  // a result is 8 bytes; else a line
} dc_piece_reader_t;

// Pass the results of the next `count` jobs.
void dc_piece_reader_skip(dc_piece_reader_t *self, uint64_t count);

// Take the next result, without its newline. `index` is that of its job; `*fault` is its fault as
// it came, empty if it has none.
dc_str_t dc_piece_reader_take(dc_piece_reader_t *self, uint64_t index, dc_str_t *fault);

#endif
