#include "client/cli/sheet/sheet.h"

#include <stdlib.h>
#include <sysexits.h>

#include "client/cli/sheet/sheet_part.h"
#include "client/cli/text/text.h"
#include "common/expr/lexer.h"
#include "common/limits.h"
#include "common/suggest.h"

// Of each cell the list of those that it uses.
#define ARENA_BYTES_MAX ((size_t)1 << 30)

void dc_sheet_init(dc_sheet_t *self, const char *file, dc_constants_t *lets,
                   dc_messages_t *messages)
{
    *self = (dc_sheet_t){ .file = file, .lets = lets, .messages = messages };
    dc_arena_init(&self->arena, ARENA_BYTES_MAX);
}

void dc_sheet_fini(dc_sheet_t *self)
{
    HASH_CLEAR(hh, self->by_name);
    dc_buf_fini(&self->bytes);
    free(self->cells);
    free(self->order);
    dc_arena_fini(&self->arena);
}

// --- complaints --------------------------------------------------------------------------------

void dc_sheet_put_place(const dc_sheet_t *self, uint64_t line)
{
    dc_text_put_safe(self->messages->out, dc_str_from(self->file));
    dc_buf_printf(self->messages->out, ":%llu", (unsigned long long)line);
}

void dc_sheet_put_name(const dc_sheet_t *self, dc_str_t name)
{
    dc_buf_append_char(self->messages->out, '\'');
    dc_text_put_name(self->messages->out, name);
    dc_buf_append_char(self->messages->out, '\'');
}

static int complain_line(const dc_sheet_t *self, uint64_t line, const char *what)
{
    dc_sheet_put_place(self, line);
    dc_buf_printf(self->messages->out, ": %s\n", what);
    return EX_DATAERR;
}

static int complain_twice(const dc_sheet_t *self, const dc_cell_t *cell, const dc_cell_t *former)
{
    dc_sheet_put_place(self, cell->line);
    dc_buf_append_text(self->messages->out, ": ");
    dc_sheet_put_name(self, cell->name);
    if (former) {
        dc_buf_append_text(self->messages->out, " is there already: ");
        dc_sheet_put_place(self, former->line);
        dc_buf_append_char(self->messages->out, '\n');
    } else {
        dc_buf_append_text(self->messages->out, " is bound by --let as well\n");
    }
    return EX_DATAERR;
}

static int complain_missing(const dc_sheet_t *self, const dc_cell_t *cell, const dc_diag_t *diag)
{
    dc_str_t name = dc_str(cell->text.data + diag->column, diag->width);
    name = dc_constants_strip_braces(name);
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, name);
    for (uint32_t i = 0; i < self->count; i++) {
        if (&self->cells[i] != cell) dc_suggest_offer(&suggest, self->cells[i].name);
    }
    for (size_t i = 0; i < self->lets->count; i++) {
        dc_suggest_offer(&suggest, self->lets->vars[i].name);
    }
    dc_sheet_put_place(self, cell->line);
    dc_buf_append_text(self->messages->out, ": ");
    dc_sheet_put_name(self, cell->name);
    dc_buf_append_text(self->messages->out, " uses ");
    dc_sheet_put_name(self, name);
    dc_buf_append_text(self->messages->out, ", which is nowhere in the sheet");
    dc_str_t best = dc_suggest_best(&suggest);
    if (best.len) {
        dc_buf_append_text(self->messages->out, "; did you mean ");
        dc_sheet_put_name(self, best);
        dc_cell_t *found;
        HASH_FIND(hh, self->by_name, best.data, best.len, found);
        if (found) {
            dc_buf_append_text(self->messages->out, " (");
            dc_sheet_put_place(self, found->line);
            dc_buf_append_char(self->messages->out, ')');
        }
        dc_buf_append_char(self->messages->out, '?');
    }
    dc_buf_append_char(self->messages->out, '\n');
    return EX_DATAERR;
}

// --- lines -------------------------------------------------------------------------------------

static dc_cell_t *append_cell(dc_sheet_t *self)
{
    if (self->count == self->capacity) {
        uint32_t capacity = self->capacity ? 2 * self->capacity : 256;
        dc_cell_t *cells = realloc(self->cells, capacity * sizeof *cells);
        if (!cells) return NULL;
        self->cells = cells;
        self->capacity = capacity;
    }
    dc_cell_t *cell = &self->cells[self->count];
    *cell = (dc_cell_t){ .row = self->count };
    return cell;
}

// Where the expression ends: before a comment, if there is one.
static size_t text_end(dc_lexer_t *lexer, dc_str_t line)
{
    dc_token_t token;
    do {
        dc_lexer_next(lexer, &token);
    } while (token.kind != DC_TOKEN_END && token.kind != DC_TOKEN_BAD);
    bool is_comment = token.kind == DC_TOKEN_BAD && line.data[token.column] == '#';
    return is_comment ? token.column : line.len;
}

// Read a line that is neither blank nor a comment. `line` is padded.
static int read_cell(dc_sheet_t *self, dc_str_t line, uint64_t number)
{
    dc_diag_t diag;
    dc_lexer_t lexer;
    dc_token_t name, sign;
    dc_lexer_init(&lexer, line, &diag);
    dc_lexer_next(&lexer, &name);
    bool is_name = name.kind == DC_TOKEN_NAME || name.kind == DC_TOKEN_BRACED;
    if (is_name) dc_lexer_next(&lexer, &sign);
    if (!is_name || sign.kind != DC_TOKEN_ASSIGN) {
        return complain_line(self, number, "this is no cell: it is not of the form NAME = EXPR");
    }
    dc_cell_t *cell = append_cell(self);
    if (!cell) return dc_messages_put_no_memory(self->messages);
    size_t end = text_end(&lexer, line);
    cell->name = dc_constants_strip_braces(dc_lexer_text(&lexer, &name));
    cell->text = dc_str_trim(dc_str(line.data + sign.end, end - sign.end));
    cell->line = number;
    self->count++;
    if (self->count <= DC_SHEET_CELLS_MAX) return 0;
    return complain_line(self, number, "there are more cells than a sheet can have");
}

static int read_lines(dc_sheet_t *self)
{
    dc_str_t rest = dc_str(self->bytes.data, self->bytes.len - DC_LEXER_PADDING);
    dc_str_t line;
    for (uint64_t number = 1; dc_str_take_line(&rest, &line); number++) {
        dc_str_t text = dc_str_trim(line);
        if (text.len == 0 || text.data[0] == '#') continue;
        // What a lexer reads ends in zeros, and there is one line behind the other here.
        char *copy = dc_arena_alloc(&self->arena, line.len + DC_LEXER_PADDING, 1);
        if (!copy) return dc_messages_put_no_memory(self->messages);
        memcpy(copy, line.data, line.len);
        memset(copy + line.len, 0, DC_LEXER_PADDING);
        int status = read_cell(self, dc_str(copy, line.len), number);
        if (status) return status;
    }
    return 0;
}

static int name_cells(dc_sheet_t *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        dc_cell_t *cell = &self->cells[i];
        dc_cell_t *former;
        HASH_FIND(hh, self->by_name, cell->name.data, cell->name.len, former);
        if (former) return complain_twice(self, cell, former);
        for (size_t at = 0; at < self->lets->count; at++) {
            if (dc_str_eq(self->lets->vars[at].name, cell->name)) {
                return complain_twice(self, cell, NULL);
            }
        }
        HASH_ADD_KEYPTR(hh, self->by_name, cell->name.data, cell->name.len, cell);
        if (!DC_MAP_ADDED(cell)) return dc_messages_put_no_memory(self->messages);
    }
    return 0;
}

// --- who uses whom -----------------------------------------------------------------------------

// The cells that an expression may use: all whose names it has.
typedef struct names {
    dc_var_t *vars; // the constants, then these
    dc_cell_t **cells;
    size_t count, capacity;
} names_t;

static bool add_name(names_t *self, dc_cell_t *cell)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->cells[i] == cell) return true;
    }
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 16;
        dc_cell_t **cells = realloc(self->cells, capacity * sizeof *cells);
        if (!cells) return false;
        self->cells = cells;
        self->capacity = capacity;
    }
    self->cells[self->count++] = cell;
    return true;
}

// The next name of `cell`; false if there are no more. `*is_defined` says that it is one which the
// expression defines itself: `r = ...;`.
static bool next_name(dc_lexer_t *lexer, const dc_cell_t *cell, dc_str_t *name, bool *is_defined)
{
    dc_token_t token;
    for (;;) {
        dc_lexer_next(lexer, &token);
        if (token.kind == DC_TOKEN_END || token.kind == DC_TOKEN_BAD) return false;
        if (token.column >= cell->text.len) return false; // a comment is behind it
        if (token.kind != DC_TOKEN_NAME && token.kind != DC_TOKEN_BRACED) continue;
        *name = dc_constants_strip_braces(dc_lexer_text(lexer, &token));
        dc_lexer_t ahead = *lexer;
        dc_lexer_next(&ahead, &token);
        *is_defined = token.kind == DC_TOKEN_ASSIGN;
        return true;
    }
}

static dc_cell_t *find_cell(const dc_sheet_t *self, dc_str_t name)
{
    dc_cell_t *cell;
    HASH_FIND(hh, self->by_name, name.data, name.len, cell);
    return cell;
}

static bool find_names(const dc_sheet_t *self, const dc_cell_t *cell, names_t *names)
{
    dc_diag_t diag;
    dc_lexer_t lexer;
    dc_str_t name;
    bool is_defined;
    dc_lexer_init(&lexer, cell->text, &diag);
    while (next_name(&lexer, cell, &name, &is_defined)) {
        dc_cell_t *found = is_defined ? find_cell(self, name) : NULL;
        if (found) found->hidden_in = cell->row + 1;
    }
    names->count = 0;
    dc_lexer_init(&lexer, cell->text, &diag);
    while (next_name(&lexer, cell, &name, &is_defined)) {
        dc_cell_t *found = find_cell(self, name);
        bool is_meant = found && found->hidden_in != cell->row + 1;
        if (is_meant && !add_name(names, found)) return false;
    }
    return true;
}

static bool declare(const dc_sheet_t *self, names_t *names)
{
    const dc_constants_t *lets = self->lets;
    dc_var_t *vars = realloc(names->vars, (lets->count + names->count + 1) * sizeof *vars);
    if (!vars) return false;
    names->vars = vars;
    if (lets->count) memcpy(vars, lets->vars, lets->count * sizeof *vars);
    for (size_t i = 0; i < names->count; i++) {
        vars[lets->count + i] = (dc_var_t){ .name = names->cells[i]->name, .nullable = true };
    }
    return true;
}

int dc_sheet_compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static bool set_uses(dc_sheet_t *self, dc_cell_t *cell, const names_t *names, bool is_compiled)
{
    cell->uses = dc_arena_alloc(&self->arena, names->count + 1, sizeof *cell->uses);
    if (!cell->uses) return false;
    for (size_t i = 0; i < names->count; i++) {
        // What does not compile fails by itself: until then it may use all that it names.
        if (is_compiled && !names->vars[self->lets->count + i].is_used) continue;
        cell->uses[cell->use_count++] = names->cells[i]->row;
        names->cells[i]->user_count++;
    }
    qsort(cell->uses, cell->use_count, sizeof *cell->uses, dc_sheet_compare);
    cell->uses_hash = cell->use_count;
    for (uint32_t i = 0; i < cell->use_count; i++) {
        cell->uses_hash = (cell->uses_hash ^ cell->uses[i]) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return true;
}

static int find_uses(dc_sheet_t *self, dc_calculator_t *calculator, dc_cell_t *cell, names_t *names)
{
    dc_diag_t diag;
    dc_formula_t formula = { 0 };
    if (!find_names(self, cell, names) || !declare(self, names)) {
        return dc_messages_put_no_memory(self->messages);
    }
    size_t var_count = self->lets->count + names->count;
    dc_err_t err =
        dc_calculator_compile(calculator, cell->text, names->vars, var_count, &formula, &diag);
    dc_formula_fini(&formula);
    if (err == DC_ERR_NAME) return complain_missing(self, cell, &diag);
    if (!set_uses(self, cell, names, !err)) return dc_messages_put_no_memory(self->messages);
    if (cell->use_count <= DC_NEEDS_MAX) return 0;
    return complain_line(self, cell->line, "this cell uses more than 4096 others");
}
static_assert(DC_NEEDS_MAX == 4096, "what is said of too many");

static int find_all_uses(dc_sheet_t *self)
{
    names_t names = { 0 };
    int status = 0;
    dc_calculator_t *calculator = dc_constants_calculator(self->lets);
    if (!calculator) return dc_messages_put_no_memory(self->messages);
    for (uint32_t i = 0; i < self->count && !status; i++) {
        status = find_uses(self, calculator, &self->cells[i], &names);
    }
    free(names.vars);
    free(names.cells);
    return status;
}

int dc_sheet_read(dc_sheet_t *self, dc_buf_t *bytes)
{
    self->bytes = *bytes;
    *bytes = (dc_buf_t){ 0 };
    if (!dc_buf_reserve(&self->bytes, DC_LEXER_PADDING)) {
        return dc_messages_put_no_memory(self->messages);
    }
    memset(self->bytes.data + self->bytes.len, 0, DC_LEXER_PADDING);
    self->bytes.len += DC_LEXER_PADDING;
    int status = read_lines(self);
    if (!status) status = name_cells(self);
    if (!status) status = find_all_uses(self);
    return status ? status : dc_sheet_order(self);
}
