// row_range — which rows are wanted: `10-20`, `17`, `1000-`, counted from 1.
#ifndef DC_CLIENT_CLI_INPUT_ROW_RANGE_H
#define DC_CLIENT_CLI_INPUT_ROW_RANGE_H

#include "client/dcalc.h"
#include "common/buf.h"

// Read `text` (NULL: all of them, and nothing changes) into `*jobs`, counted from 0. Returns 0; or
// EX_USAGE after appending to `said` what is wrong.
DC_MUST_USE int dc_row_range_read(const char *text, dcalc_range_t *jobs, dc_buf_t *said);

// Check that batch `number`, which has `count` of them, has such rows, unless all are wanted.
// Returns likewise.
DC_MUST_USE int dc_row_range_check(const dcalc_range_t *jobs, uint64_t number, uint64_t count,
                                   dc_buf_t *said);

#endif
