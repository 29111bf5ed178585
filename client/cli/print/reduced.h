// reduced — what stands in place of rows when they were reduced to one value.
//
// text    the value, or as of any row that fails: error: no-terms
// json    {"v":1,"batch":"b17","op":"mean","value":2.5,"rows":1000,"failed":2}; without a value it
//         has "error" instead; one that JSON cannot hold is null, and "special" says what it is
// csv     op,value,rows,failed,error, and a record; tsv likewise
#ifndef DC_CLIENT_CLI_PRINT_REDUCED_H
#define DC_CLIENT_CLI_PRINT_REDUCED_H

#include "client/cli/print/printer.h"
#include "common/expr/value.h"

typedef struct dc_reduced {
    const char *op;
    dc_value_t value;       // if there is no error
    const dc_diag_t *error; // or NULL
    uint64_t row_count;     // of all rows
    uint64_t failed_count;  // of those that were left out
    uint64_t batch;         // its number; 0: nothing was sent
} dc_reduced_t;

// Append it as `printer` would a row: in its format, a number in its style.
void dc_reduced_put(const dc_reduced_t *self, const dc_printer_t *printer, dc_buf_t *out);

#endif
