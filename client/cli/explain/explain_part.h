// explain_part — what the files of explain share; see client/cli/explain/explain.h for what they
// do.
#ifndef DC_CLIENT_CLI_EXPLAIN_EXPLAIN_PART_H
#define DC_CLIENT_CLI_EXPLAIN_EXPLAIN_PART_H

#include "client/cli/explain/explain.h"
#include "client/cli/sheet/sheet.h"
#include "common/expr/explanation.h"

// What the expression is of a sheet; all borrowed.
typedef struct dc_explained_cell {
    const dc_sheet_t *sheet;
    const dc_cell_t *cell;
    const uint32_t *users; // the rows of those that use it
} dc_explained_cell_t;

typedef struct dc_explained {
    dc_explanation_t explanation;    // owned
    dc_str_t text;                   // borrowed, as is the next
    const dc_var_t *vars;            // the first are columns
    size_t column_count;             //
    const dc_explained_cell_t *cell; // of a sheet; NULL: it is of none
    dc_numbers_t numbers;            //
    bool has_rows;                   // it is evaluated for each row
    size_t columns;                  // of the terminal; SIZE_MAX: it goes to none
    bool is_utf8;                    // the terminal takes more than ASCII
    bool is_coloured;                //
} dc_explained_t;

// Find what `source` means, into `explanation`, which is to be finished in any case. What the
// recipe's numbers don't have is a fault here already, as it is for those who compute it.
DC_MUST_USE dc_err_t dc_explain_read(const dc_explainer_t *explainer,
                                     const dc_expr_source_t *source, const bool *varies,
                                     dc_explanation_t *explanation, dc_diag_t *diag);

// Append what is explained, as the explainer's user wants it.
void dc_explain_put(const dc_explainer_t *explainer, dc_explained_t *self, dc_buf_t *out);

// client/cli/explain/explain_text.c: for people.
void dc_explain_put_text(dc_explained_t *self, dc_buf_t *out);

// client/cli/explain/explain_json.c: an object and a newline.
void dc_explain_put_json(dc_explained_t *self, dc_buf_t *out);

// Append a register, a variable or a constant, as both write it: %3, x, 6.5.
void dc_explain_put_listed(const dc_listed_t *listed, dc_buf_t *out);

#endif
