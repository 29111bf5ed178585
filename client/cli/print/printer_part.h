// printer_part — what the files of printer share; see client/cli/print/printer.h for what they
// write.
#ifndef DC_CLIENT_CLI_PRINT_PRINTER_PART_H
#define DC_CLIENT_CLI_PRINT_PRINTER_PART_H

#include "client/cli/print/printer.h"

// client/cli/print/printer_csv.c: CSV and TSV.
void dc_printer_csv_put_header(dc_printer_t *self, dc_buf_t *out);
void dc_printer_csv_put(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out);

// Whether records can stay as they came.
bool dc_printer_csv_is_same_format(const dc_printer_t *self);

// client/cli/print/printer_json.c
void dc_printer_json_put(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out);
void dc_printer_json_put_failed(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out);

// Append a result that is not a failed job's, with as many digits as wanted.
void dc_row_put_result(const dc_printer_t *self, dc_str_t result, dc_buf_t *out);

// Whether `text` is an object of JSON and nothing else.
bool dc_row_is_object(dc_str_t text);

// The double `index` of a row of ranges.
double dc_row_double(dc_str_t input, size_t index);

#endif
