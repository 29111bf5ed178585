#include "common/piece_reader.h"

#include "common/fault.h"
#include "common/lines.h"

// Of a result, where it has no line.
#define COLUMN_BYTES sizeof(double)

void dc_piece_reader_skip(dc_piece_reader_t *self, uint64_t count)
{
    size_t bytes = 0;
    if (!self->is_columns) {
        bytes = dc_lines_offset(self->results, count);
    } else {
        bytes = dc_min_u64(count, self->results.len / COLUMN_BYTES) * COLUMN_BYTES;
    }
    self->results = dc_str_behind(self->results, bytes);
}

dc_str_t dc_piece_reader_take(dc_piece_reader_t *self, uint64_t index, dc_str_t *fault)
{
    dc_str_t result = { 0 };
    if (self->is_columns) {
        result = dc_str(self->results.data, dc_min_size(self->results.len, COLUMN_BYTES));
        self->results = dc_str_behind(self->results, result.len);
    } else {
        dc_str_take_line(&self->results, &result);
    }
    *fault = dc_fault_take_of(&self->faults, index);
    return result;
}
