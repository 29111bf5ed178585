#include "client/cli/explain/explain_sheet.h"

#include <stdlib.h>

#include "client/cli/explain/explain_part.h"
#include "client/cli/sheet/sheet.h"
#include "client/cli/text/fit.h"
#include "client/cli/text/grid.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

// So many cells of the longest chain are named.
#define CHAIN_SHOWN_MAX 8

// What is shown of a cell's text, and of the names that it uses, where no terminal says how much.
#define CELL_CHARACTERS_MAX 60
#define USES_CHARACTERS_MAX 100

// ... and on a terminal that is narrower than the rest of the table.
#define CELL_CHARACTERS_MIN 16

// Of the terminal's columns: level, line, type, steps, and the blanks between.
#define OTHER_COLUMNS 36

typedef struct page {
    dc_explainer_t explainer;
    const dc_sheet_t *sheet;
    uint32_t *starts, *users; // owned: of each row the cells that use it
    dc_var_type_t *types; // owned: by rows, what the cells give; DC_VAR_ANY where that is not known
    dc_var_t *vars;       // owned: of the cell that is explained
    size_t var_capacity;
    dc_grid_t grid;
    dc_buf_t details; // owned: what comes behind the table
    double steps;     // of all cells
    bool is_exact;    // they are not more
    int status;
} page_t;

// --- one cell ----------------------------------------------------------------------------------

// Declare the constants, and the cells that `cell` uses. False if memory is short.
static bool declare(page_t *self, const dc_cell_t *cell)
{
    const dc_constants_t *lets = &self->explainer.recipe->lets;
    size_t count = lets->count + cell->use_count;
    if (count > self->var_capacity) {
        dc_var_t *vars = realloc(self->vars, count * sizeof *vars);
        if (!vars) return false;
        self->vars = vars;
        self->var_capacity = count;
    }
    if (lets->count) memcpy(self->vars, lets->vars, lets->count * sizeof *self->vars);
    for (uint32_t i = 0; i < cell->use_count; i++) {
        dc_var_type_t type = self->types[cell->uses[i]];
        self->vars[lets->count + i] = (dc_var_t){ .name = self->sheet->cells[cell->uses[i]].name,
                                                  .type = type,
                                                  .nullable = type == DC_VAR_ANY };
    }
    return true;
}

static void complain(page_t *self, const dc_cell_t *cell, const dc_diag_t *diag)
{
    dc_fault_t fault = { .code = diag->code,
                         .column = diag->column,
                         .width = diag->width,
                         .message = dc_str_from(diag->message) };
    dc_place_t place = { .line = cell->line,
                         .row = (uint64_t)cell->row + 1,
                         .source = cell->text,
                         .within = "the expression" };
    dc_messages_put_row(self->explainer.recipe->messages, &fault, &place);
    self->status = 1;
}

// --- for people --------------------------------------------------------------------------------

static const dc_grid_column_t columns[] = { { "LEVEL", true, NULL }, { "LINE", true, NULL },
                                            { "CELL", false, NULL }, { "TYPE", false, NULL },
                                            { "STEPS", true, NULL }, { "WAITS FOR", false, NULL } };

static dc_fit_t fit_of(const page_t *self)
{
    bool is_terminal = self->explainer.sink.is_terminal;
    return (dc_fit_t){ .columns = is_terminal ? dc_console_columns() : SIZE_MAX,
                       .is_utf8 = self->explainer.console->is_utf8 };
}

// Of a terminal the text and the names have half each of what the rest leaves.
static size_t characters_of(const dc_fit_t *fit, size_t most)
{
    if (fit->columns == SIZE_MAX) return most;
    size_t room = fit->columns > OTHER_COLUMNS ? (fit->columns - OTHER_COLUMNS) / 2 : 0;
    return dc_min_size(room > CELL_CHARACTERS_MIN ? room : CELL_CHARACTERS_MIN, most);
}

static void put_short_cell(page_t *self, dc_buf_t *text, size_t most)
{
    dc_fit_t fit = fit_of(self);
    dc_buf_t shown = { 0 };
    dc_fit_put_short(&fit, dc_buf_str(text), characters_of(&fit, most), &shown);
    dc_grid_put(&self->grid, dc_buf_str(&shown));
    dc_buf_fini(&shown);
    text->len = 0;
}

static void put_names(const page_t *self, const uint32_t *rows, uint32_t count, dc_buf_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i) dc_buf_append_text(out, ", ");
        dc_text_put_name(out, self->sheet->cells[rows[i]].name);
    }
}

static void put_steps(double steps, bool is_exact, dc_buf_t *out)
{
    if (steps < 1e15) {
        dc_numfmt_put_count(out, (uint64_t)steps);
    } else {
        dc_buf_printf(out, "%.1e", steps);
    }
    if (!is_exact) dc_buf_append_char(out, '+');
}

// Append the cell's row; `explanation` is NULL where it is in error.
static void put_row(page_t *self, const dc_cell_t *cell, const dc_explanation_t *explanation)
{
    dc_buf_t text = { 0 };
    dc_buf_printf(&text, "%u", (unsigned)cell->level + 1);
    dc_grid_put(&self->grid, dc_buf_str(&text));
    text.len = 0;
    dc_buf_printf(&text, "%llu", (unsigned long long)cell->line);
    dc_grid_put(&self->grid, dc_buf_str(&text));
    text.len = 0;
    dc_text_put_name(&text, cell->name);
    dc_buf_append_text(&text, " = ");
    dc_buf_append_str(&text, cell->text);
    put_short_cell(self, &text, CELL_CHARACTERS_MAX);
    const char *type = explanation ? dc_type_name(explanation->code.type) : "error";
    dc_grid_put(&self->grid, dc_str_from(type));
    if (explanation) put_steps(explanation->steps_min, explanation->is_exact, &text);
    dc_grid_put(&self->grid, dc_buf_str(&text));
    text.len = 0;
    put_names(self, cell->uses, cell->use_count, &text);
    put_short_cell(self, &text, USES_CHARACTERS_MAX);
    dc_buf_fini(&text);
}

// One that `cell`, which is not of the first level, waits for no shorter than for any other.
static const dc_cell_t *slowest_use(const dc_sheet_t *sheet, const dc_cell_t *cell)
{
    uint32_t at = 0;
    while (sheet->cells[cell->uses[at]].level + 1 != cell->level) {
        at++;
    }
    return &sheet->cells[cell->uses[at]];
}

// The end of the longest chain, since the cells of a level can begin when one of the former has
// ended: as much of it as a person looks at.
static void put_chain(const page_t *self, dc_buf_t *out)
{
    const dc_sheet_t *sheet = self->sheet;
    const dc_cell_t *chain[CHAIN_SHOWN_MAX];
    const dc_cell_t *cell = dc_sheet_cell(sheet, sheet->count - 1);
    uint32_t len = 0;
    chain[len++] = cell;
    while (cell->level && len < CHAIN_SHOWN_MAX) {
        cell = slowest_use(sheet, cell);
        chain[len++] = cell;
    }
    const char *arrow = self->explainer.console->is_utf8 ? " → " : " -> ";
    if (cell->level) dc_buf_printf(out, "%u more%s", (unsigned)cell->level, arrow);
    while (len--) {
        dc_text_put_safe(out, chain[len]->name);
        if (len) dc_buf_append_text(out, arrow);
    }
}

static void put_heading(const page_t *self, dc_buf_t *out)
{
    const dc_sheet_t *sheet = self->sheet;
    dc_text_put_safe(out, dc_str_from(sheet->file));
    dc_buf_append_text(out, ": ");
    dc_numfmt_put_counted(out, sheet->count, " cell", " cells");
    if (sheet->count) {
        dc_buf_append_text(out, " in ");
        dc_numfmt_put_counted(out, sheet->level_count, " level, ", " levels, ");
        put_steps(self->steps, self->is_exact, out);
        dc_buf_append_text(out, self->steps == 1 ? " step" : " steps");
    }
    if (sheet->level_count > 1) {
        dc_buf_append_text(out, "\nlongest chain: ");
        put_chain(self, out);
    }
    dc_buf_append_text(out, sheet->count ? "\n\n" : "\n");
}

// --- all cells ---------------------------------------------------------------------------------

static void put_cell(page_t *self, const dc_cell_t *cell, dc_explained_t *explained)
{
    const dc_explanation_t *explanation = explained ? &explained->explanation : NULL;
    if (explanation) {
        self->steps += explanation->steps_min;
        self->is_exact &= explanation->is_exact;
    }
    if (!self->explainer.is_json) put_row(self, cell, explanation);
    bool is_told = self->explainer.is_json || self->explainer.settings->verbose > 0;
    if (!explained || !is_told) return;
    if (!self->explainer.is_json) dc_buf_append_char(&self->details, '\n');
    dc_explain_put(&self->explainer, explained, &self->details);
}

// Explain `cell`; those that it uses have been.
static dc_err_t explain(page_t *self, const dc_cell_t *cell)
{
    const dc_constants_t *lets = &self->explainer.recipe->lets;
    if (!declare(self, cell)) return DC_ERR_NOMEM;
    dc_literals_t literals = { 0 };
    bool is_wide = !dc_numbers_are_double(lets->numbers);
    dc_expr_source_t source = { .text = cell->text,
                                .vars = self->vars,
                                .values = cell->use_count || is_wide ? NULL : lets->values,
                                .var_count = lets->count + cell->use_count,
                                .literals = is_wide ? &literals : NULL };
    dc_explained_cell_t place = { self->sheet, cell, self->users + self->starts[cell->row] };
    dc_explained_t explained = {
        .text = source.text,
        .vars = source.vars,
        .column_count = source.var_count,
        .cell = &place,
        .numbers = self->explainer.recipe->layout.numbers,
    };
    dc_diag_t diag;
    dc_err_t err = dc_explain_read(&self->explainer, &source, NULL, &explained.explanation, &diag);
    if (!err) {
        self->types[cell->row] = dc_var_type_of(explained.explanation.code.type);
        put_cell(self, cell, &explained);
    } else if (err != DC_ERR_NOMEM) {
        complain(self, cell, &diag);
        put_cell(self, cell, NULL);
    }
    dc_explanation_fini(&explained.explanation);
    return err == DC_ERR_NOMEM ? err : DC_OK;
}

static void put_page(page_t *self)
{
    dc_buf_t *out = &self->explainer.sink.buf;
    if (!self->explainer.is_json) {
        put_heading(self, out);
        dc_grid_print(&self->grid, out);
    }
    dc_buf_append_str(out, dc_buf_str(&self->details));
    if (self->grid.cells.failed || self->details.failed) out->failed = true;
}

// The lists that explaining needs. False if memory is short.
static bool make_room(page_t *self)
{
    size_t count = (size_t)self->sheet->count + 1;
    self->starts = calloc(count, sizeof *self->starts);
    self->users = calloc(dc_sheet_use_count(self->sheet) + 1, sizeof *self->users);
    self->types = calloc(count, sizeof *self->types); // DC_VAR_ANY
    if (!self->starts || !self->users || !self->types) return false;
    dc_sheet_list_users(self->sheet, self->starts, self->users);
    return true;
}

static int explain_all(page_t *self)
{
    const dc_sheet_t *sheet = self->sheet;
    dc_messages_t *messages = self->explainer.recipe->messages;
    if (!make_room(self)) return dc_messages_put_no_memory(messages);
    for (uint32_t job = 0; job < sheet->count; job++) {
        if (explain(self, dc_sheet_cell(sheet, job))) return dc_messages_put_no_memory(messages);
    }
    dc_messages_finish(messages);
    put_page(self);
    return self->status;
}

int dc_explain_sheet(const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                     const dc_sheet_t *sheet, dc_console_t *console)
{
    page_t self = { .sheet = sheet, .is_exact = true };
    dc_grid_init(&self.grid, columns, DC_ARRAY_LEN(columns));
    int status = dc_explain_begin(&self.explainer, settings, recipe, console);
    if (!status) status = explain_all(&self);
    status = dc_explain_end(&self.explainer, status);
    dc_grid_fini(&self.grid);
    dc_buf_fini(&self.details);
    free(self.starts);
    free(self.users);
    free(self.types);
    free(self.vars);
    return status;
}
