// top_rows — what `dcalc top` says of each worker and of each batch: a row of cells.
#ifndef DC_CLIENT_CLI_LOOK_TOP_ROWS_H
#define DC_CLIENT_CLI_LOOK_TOP_ROWS_H

#include "client/cli/text/strip.h"
#include "common/json.h"

typedef struct dc_top_rows {
    const dc_strip_column_t *columns;
    size_t column_count;
    void (*put)(dc_strip_t *strip, const dc_json_t *row); // append a cell for each column
} dc_top_rows_t;

extern const dc_top_rows_t dc_top_workers; // of "by_worker"
extern const dc_top_rows_t dc_top_batches; // of "by_batch"

#endif
