// explain for people: a block of lines for each of type, cost, split, tree and code, its name in
// front.
#include "client/cli/explain/explain_page.h"

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/limits.h"

// Characters of the text that stand beside an instruction at least, and the columns behind the
// indentation where they begin: on narrow terminals earlier, and where fewer would fit not at all.
#define TEXT_CHARACTERS_MIN 8
#define TEXT_COLUMN         46
#define TEXT_COLUMN_NARROW  36
#define NARROW_COLUMNS      80

// What goes on in the lines of a block.
#define DEEPER DC_EXPLAIN_INDENT "  "

#define BOLD "\033[1m"

void dc_explain_put_style(const dc_explain_page_t *self, const char *style)
{
    if (self->explained->is_coloured) dc_buf_append_text(self->out, style);
}

void dc_explain_put_name(const dc_explain_page_t *self, const char *name)
{
    dc_explain_put_style(self, BOLD);
    dc_buf_printf(self->out, "%-5s", name);
    dc_explain_put_style(self, DC_EXPLAIN_PLAIN);
    dc_buf_append_text(self->out, "  ");
}

void dc_explain_put_short(const dc_explain_page_t *self, dc_str_t text, size_t characters)
{
    dc_fit_put_short(&self->fit, text, characters, self->out);
}

// A count that may be too large for an integer.
static void put_count(dc_buf_t *out, double count)
{
    if (count < 1e15) {
        dc_numfmt_put_count(out, (uint64_t)count);
    } else {
        dc_buf_printf(out, "%.1e", count);
    }
}

// --- type --------------------------------------------------------------------------------------

static void put_variable(const dc_explain_page_t *self, const dc_variable_t *variable,
                         bool is_column)
{
    dc_buf_append_text(self->out, DC_EXPLAIN_INDENT);
    size_t start = self->out->len;
    dc_text_put_safe(self->out, variable->name);
    dc_buf_printf(self->out, "  %s", variable->is_int ? "integer" : dc_type_name(variable->type));
    if (variable->nullable) dc_buf_append_text(self->out, " or null");
    if (!is_column) dc_buf_append_text(self->out, ", the same for all rows");
    dc_fit_wrap(&self->fit, start, DEEPER, self->out);
    dc_buf_append_char(self->out, '\n');
}

static void put_types(const dc_explain_page_t *self)
{
    const dc_code_t *code = &self->explanation->code;
    dc_explain_put_name(self, "type");
    dc_buf_append_text(self->out, dc_type_name(code->type));
    if (!dc_numbers_are_double(self->explained->numbers)) {
        char numbers[DC_NUMBERS_TEXT_MAX];
        dc_numbers_print(self->explained->numbers, numbers);
        dc_buf_printf(self->out, "; numbers are %s", numbers);
    }
    dc_buf_append_char(self->out, '\n');
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (!variable->is_used || variable->has_value) continue;
        put_variable(self, variable, i < self->explained->column_count);
    }
}

// --- cost --------------------------------------------------------------------------------------

static void put_cost(const dc_explain_page_t *self)
{
    const dc_explanation_t *explanation = self->explanation;
    uint32_t folded = explanation->code.folded_steps;
    dc_explain_put_name(self, "cost");
    size_t start = self->out->len;
    if (!explanation->is_exact) dc_buf_append_text(self->out, "at least ");
    put_count(self->out, explanation->steps_min);
    dc_buf_append_text(self->out, explanation->steps_min == 1 ? " step" : " steps");
    if (self->explained->has_rows) dc_buf_append_text(self->out, " a row");
    if (folded) {
        dc_buf_append_text(self->out, ", ");
        dc_numfmt_put_count(self->out, folded);
        dc_buf_append_text(self->out, " folded");
    }
    bool is_too_much = explanation->steps_min > (double)DC_STEPS_MAX;
    dc_buf_append_text(self->out, is_too_much ? "; too many: the limit is " : "; the limit is ");
    dc_numfmt_put_count(self->out, DC_STEPS_MAX);
    dc_fit_wrap(&self->fit, start, DC_EXPLAIN_INDENT, self->out);
    dc_buf_append_char(self->out, '\n');
}

// --- split -------------------------------------------------------------------------------------

// How many terms of how many steps.
static void put_terms(const dc_explain_page_t *self, const dc_split_t *split)
{
    dc_buf_t *out = self->out;
    if (split->is_known) {
        dc_numfmt_put_count(out, split->range.count);
        dc_buf_append_char(out, ' ');
    }
    dc_buf_append_text(out, split->is_known && split->range.count == 1 ? "term of " : "terms of ");
    put_count(out, split->term_steps);
    dc_buf_append_text(out, split->term_steps == 1 ? " step" : " steps");
    if (!split->has_blocks) return;
    dc_buf_printf(out, ", %d in %zu %s", DC_BLOCK_ROWS, split->block_ops,
                  split->block_ops == 1 ? "operation" : "operations");
}

static void put_parts(const dc_explain_page_t *self, const dc_split_t *split)
{
    dc_buf_t *out = self->out;
    if (!split->is_range) {
        dc_buf_append_text(out, "on one slot: it chooses its points as it goes");
    } else if (split->refusal) {
        dc_buf_append_text(out, "refused when it runs: there is no such range, or none so long");
    } else if (!split->is_known) {
        dc_buf_printf(out, "at most %d parts: how many terms there are shows when it runs",
                      DC_FORK_CHILDREN_MAX);
    } else if (split->part_count == 1) {
        dc_buf_append_text(out, "on one slot");
    } else {
        if (!split->is_at_once) dc_buf_printf(out, "if it takes over %d ms, ", DC_SLICE_MS);
        dc_buf_printf(out, "%llu parts of ", (unsigned long long)split->part_count);
        dc_numfmt_put_counted(out, split->part_terms, " term", " terms");
    }
}

static void put_split(const dc_explain_page_t *self, const dc_split_t *split)
{
    size_t start = self->out->len;
    dc_explain_put_short(
        self, split->text,
        dc_fit_room(&self->fit, strlen(DC_EXPLAIN_INDENT ":"), DC_EXPLAIN_CHARACTERS_MAX));
    dc_buf_append_text(self->out, ": ");
    put_terms(self, split);
    dc_fit_wrap(&self->fit, start, DEEPER, self->out);
    dc_buf_append_text(self->out, "\n" DEEPER);
    start = self->out->len;
    put_parts(self, split);
    dc_fit_wrap(&self->fit, start, DEEPER, self->out);
    dc_buf_append_char(self->out, '\n');
}

static void put_splits(const dc_explain_page_t *self)
{
    bool has_split = false;
    dc_split_t split;
    dc_explain_put_name(self, "split");
    for (uint32_t i = 0; i < self->explanation->code.reduction_count; i++) {
        if (!dc_explanation_split(self->explanation, i, &split)) continue;
        if (has_split) dc_buf_append_text(self->out, DC_EXPLAIN_INDENT);
        put_split(self, &split);
        has_split = true;
    }
    if (has_split) return;
    dc_buf_append_text(self->out, self->explained->has_rows
                                      ? "rows go to all slots, each runs on one\n"
                                      : "runs on one slot\n");
}

// --- code --------------------------------------------------------------------------------------

// Append the instruction as an assignment: `%3 = add x, 1`.
static void put_instruction(const dc_explain_page_t *self, const dc_listing_t *listing,
                            const dc_listing_line_t *line, dc_buf_t *out)
{
    dc_buf_printf(out, "%3u  ", line->at);
    if (line->has_result) {
        dc_listed_t result = dc_listing_result(listing, line);
        dc_explain_put_listed(&result, out);
        dc_buf_append_text(out, " = ");
    }
    dc_buf_append_text(out, line->op);
    if (line->callee.len) dc_buf_append_char(out, ' ');
    dc_buf_append_str(out, line->callee);
    for (uint32_t i = 0; i < line->operand_count; i++) {
        dc_listed_t operand = dc_listing_operand(listing, line, i);
        dc_buf_append_text(out, i ? ", " : " ");
        dc_explain_put_listed(&operand, out);
    }
    if (line->has_target) {
        dc_buf_printf(out, " %s %u", self->explained->is_utf8 ? "→" : "->", line->target);
    }
}

// Append the text that an instruction of `width` characters was made from, if there is room.
static void put_source(const dc_explain_page_t *self, dc_str_t text, size_t width)
{
    bool is_narrow = self->fit.columns < NARROW_COLUMNS;
    size_t column = is_narrow ? TEXT_COLUMN_NARROW : TEXT_COLUMN;
    if (column < width + 2) column = width + 2;
    bool has_room = self->fit.columns >= strlen(DC_EXPLAIN_INDENT) + column + TEXT_CHARACTERS_MIN;
    if (!text.len || !has_room) return;
    dc_buf_printf(self->out, "%*s", (int)(column - width), "");
    dc_explain_put_style(self, DC_EXPLAIN_FAINT);
    dc_explain_put_short(
        self, text,
        dc_fit_room(&self->fit, strlen(DC_EXPLAIN_INDENT) + column, DC_EXPLAIN_CHARACTERS_MAX));
    dc_explain_put_style(self, DC_EXPLAIN_PLAIN);
}

// One line: what it does, and the text that it was made from.
static void put_line(const dc_explain_page_t *self, const dc_listing_t *listing,
                     const dc_listing_line_t *line, dc_buf_t *room)
{
    room->len = 0;
    put_instruction(self, listing, line, room);
    dc_str_t text = dc_buf_str(room);
    dc_explain_put_short(self, text, dc_fit_room(&self->fit, strlen(DC_EXPLAIN_INDENT), SIZE_MAX));
    put_source(self, line->text, dc_text_column(text, text.len));
    dc_buf_append_char(self->out, '\n');
}

// How it runs: that is what the code is for.
static void put_way(const dc_explain_page_t *self)
{
    size_t block_ops = self->explanation->block_ops;
    if (self->explanation->has_blocks) {
        dc_buf_printf(self->out, "%d rows at a time, in %zu %s\n", DC_BLOCK_ROWS, block_ops,
                      block_ops == 1 ? "operation" : "operations");
    } else {
        dc_buf_append_text(self->out, self->explained->has_rows ? "row by row\n" : "");
    }
}

static void put_code(const dc_explain_page_t *self)
{
    dc_explained_t *explained = self->explained;
    const dc_code_t *code = &self->explanation->code;
    dc_listing_t listing;
    dc_listing_line_t line;
    dc_buf_t room = { 0 };
    dc_explain_put_name(self, "code");
    if (code->ins_count == 0) {
        dc_buf_append_text(self->out, "none: the value is known\n");
        return;
    }
    put_way(self);
    if (!dc_listing_init(&listing, code, &explained->explanation.syntax,
                         &explained->explanation.arena)) {
        self->out->failed = true;
        return;
    }
    bool is_first = !self->explained->has_rows;
    while (dc_listing_next(&listing, &line)) {
        if (!is_first) dc_buf_append_text(self->out, DC_EXPLAIN_INDENT);
        is_first = false;
        put_line(self, &listing, &line, &room);
    }
    dc_buf_fini(&room);
}

// --- cells of a sheet --------------------------------------------------------------------------

static void put_cells(const dc_explain_page_t *self, const char *name, const uint32_t *rows,
                      uint32_t count)
{
    if (count == 0) return;
    dc_explain_put_name(self, name);
    size_t start = self->out->len;
    for (uint32_t i = 0; i < count; i++) {
        if (i) dc_buf_append_text(self->out, ", ");
        dc_text_put_safe(self->out, self->explained->cell->sheet->cells[rows[i]].name);
    }
    dc_fit_wrap(&self->fit, start, DC_EXPLAIN_INDENT, self->out);
    dc_buf_append_char(self->out, '\n');
}

// Whom the cell waits for, and who waits for it.
static void put_cell(const dc_explain_page_t *self)
{
    const dc_explained_cell_t *cell = self->explained->cell;
    put_cells(self, "uses", cell->cell->uses, cell->cell->use_count);
    put_cells(self, "users", cell->users, cell->cell->user_count);
}

void dc_explain_put_text(dc_explained_t *self, dc_buf_t *out)
{
    dc_fit_t fit = { .columns = self->columns, .is_utf8 = self->is_utf8 };
    dc_explain_page_t page = { self, &self->explanation, out, fit };
    if (self->cell) {
        dc_text_put_safe(out, self->cell->cell->name);
        dc_buf_append_text(out, " = ");
    }
    dc_explain_put_short(&page, self->text, SIZE_MAX);
    dc_buf_append_text(out, "\n\n");
    if (self->cell) put_cell(&page);
    put_types(&page);
    put_cost(&page);
    put_splits(&page);
    dc_explain_put_tree(&page);
    put_code(&page);
}
