// layout — what the bytes of a row are: its format and its columns.
//
// The client looks at rows as little as it can. It needs the columns to check the template before
// anything is sent, and to write rows that go into CSV or JSON.
#ifndef DC_CLIENT_CLI_RECIPE_LAYOUT_H
#define DC_CLIENT_CLI_RECIPE_LAYOUT_H

#include "common/csv.h"
#include "common/program.h"

typedef struct dc_column {
    dc_str_t name;
    dc_var_type_t type; // what the template takes it for; DC_VAR_ANY where it does not use it
    bool nullable;      // an empty cell is null
    bool is_used;       // by the template
} dc_column_t;

// Where each format has its columns from: CSV and TSV from the header, DOUBLES and POINTS from the
// ranges, JSONL from the template, and for a table from the first row (others may have more); LINES
// has one (`x`, or without a template `expr`).
typedef struct dc_layout {
    dc_format_t format;
    dc_numbers_t numbers;
    dc_str_t template; // empty: each row brings an expression
    dc_column_t *columns;
    size_t column_count;
    size_t expr_field; // CSV, TSV without a template: the column that has the expression
    dc_str_t header;   // CSV, TSV: the record, as it stands in the input, without its line end
} dc_layout_t;

// What a person calls a format, and a column's type: as options have it where they can.
const char *dc_layout_format_name(dc_format_t format);
const char *dc_layout_type_name(dc_var_type_t type);

// What parts the fields of a record.
static inline char dc_layout_delimiter(const dc_layout_t *self)
{
    return self->format == DC_FORMAT_CSV ? DC_CSV_COMMA : DC_CSV_TAB;
}

#endif
