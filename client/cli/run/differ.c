#include "client/cli/run/differ.h"

#include "client/cli/recipe/reducer.h"
#include "client/cli/run/keepsake.h"
#include "client/cli/text/text.h"
#include "common/expr/value.h"
#include "common/limits.h"
#include "common/quantity.h"

#define INDENT "       "

typedef struct side {
    dc_program_t program;
    dc_layout_t layout;
    dc_keepsake_t keepsake;
} side_t;

static dc_err_t read_side(side_t *self, dc_str_t frame, dc_arena_t *arena)
{
    dc_diag_t diag;
    bool ieee;
    dc_err_t err = dc_program_decode(&self->program, frame, arena, &diag);
    if (err) return err;
    return dc_keepsake_take(&self->keepsake, frame, arena, &self->layout, &ieee, &diag);
}

// --- words -------------------------------------------------------------------------------------

static void put_quoted(dc_buf_t *out, dc_str_t text)
{
    if (text.len) {
        dc_buf_append_char(out, '\'');
        dc_text_put_safe(out, text);
        dc_buf_append_char(out, '\'');
    } else {
        dc_buf_append_text(out, "none");
    }
}

static void put_both(dc_buf_t *out, const char *what, dc_str_t theirs, dc_str_t ours,
                     void (*put)(dc_buf_t *, dc_str_t))
{
    if (dc_str_eq(theirs, ours)) return;
    dc_buf_printf(out, INDENT "its %s is ", what);
    put(out, theirs);
    dc_buf_append_text(out, ", and not ");
    put(out, ours);
    dc_buf_append_char(out, '\n');
}

// "its --reduce is sum, and not mean".
static void put_words(dc_buf_t *out, const char *what, dc_str_t theirs, dc_str_t ours)
{
    put_both(out, what, theirs, ours, dc_text_put_safe);
}

static void put_texts(dc_buf_t *out, const char *what, dc_str_t theirs, dc_str_t ours)
{
    put_both(out, what, theirs, ours, put_quoted);
}

// --- what differs ------------------------------------------------------------------------------

static dc_str_t format_of(const side_t *side)
{
    switch (side->program.format) {
    case DC_FORMAT_LINES: return DC_STR("lines");
    case DC_FORMAT_CSV: return DC_STR("csv");
    case DC_FORMAT_TSV: return DC_STR("tsv");
    case DC_FORMAT_JSONL: return DC_STR("jsonl");
    case DC_FORMAT_SHEET: return DC_STR("a sheet");
    case DC_FORMAT_DOUBLES:
    case DC_FORMAT_POINTS: return DC_STR("ranges (-r)");
    }
    return DC_STR("");
}

static void put_columns(dc_buf_t *out, const dc_layout_t *layout)
{
    for (size_t i = 0; i < layout->column_count; i++) {
        if (i) dc_buf_append_char(out, ',');
        dc_text_put_name(out, layout->columns[i].name);
    }
}

// Those of the input, and of what types they are; what is read in two ways has others anyway.
static void compare_columns(const side_t *theirs, const side_t *ours, dc_buf_t *out)
{
    const dc_layout_t *a = &theirs->layout;
    const dc_layout_t *b = &ours->layout;
    bool are_same = a->column_count == b->column_count;
    bool are_alike = true;
    // Lines and objects have the template's names.
    bool has_header = a->format != DC_FORMAT_LINES && a->format != DC_FORMAT_JSONL;
    if (a->format != b->format || (!has_header && !dc_str_eq(a->template, b->template))) return;
    for (size_t i = 0; are_same && i < a->column_count; i++) {
        are_same = dc_str_eq(a->columns[i].name, b->columns[i].name);
        are_alike = are_alike && a->columns[i].type == b->columns[i].type &&
                    a->columns[i].nullable == b->columns[i].nullable;
    }
    if (!are_same) {
        dc_buf_append_text(out, INDENT "its columns are ");
        put_columns(out, a);
        dc_buf_append_text(out, ", and not ");
        put_columns(out, b);
        dc_buf_append_char(out, '\n');
    } else if (!are_alike) {
        dc_buf_append_text(out, INDENT "its columns have other types (--types)\n");
    }
}

static const dc_value_t *find_let(const dc_program_t *program, dc_str_t name)
{
    for (size_t i = 0; i < program->let_count; i++) {
        if (dc_str_eq(program->lets[i].name, name)) return &program->let_values[i];
    }
    return NULL;
}

static void put_let(dc_buf_t *out, const dc_value_t *value)
{
    dc_buf_t text = { 0 };
    if (value) {
        dc_value_print(value, &text);
    } else {
        dc_buf_append_text(&text, "not bound");
    }
    dc_text_put_safe(out, dc_buf_str(&text));
    dc_buf_fini(&text);
}

static void compare_let(dc_str_t name, const dc_value_t *theirs, const dc_value_t *ours,
                        dc_buf_t *out)
{
    dc_buf_t line = { 0 };
    dc_buf_append_text(&line, INDENT "its ");
    dc_text_put_name(&line, name);
    dc_buf_append_text(&line, " (--let) is ");
    size_t start = line.len;
    put_let(&line, theirs);
    dc_str_t there = dc_str_behind(dc_buf_str(&line), start);
    dc_buf_t here = { 0 };
    put_let(&here, ours);
    bool are_same = dc_str_eq(there, dc_buf_str(&here));
    if (!are_same) {
        dc_buf_append_str(out, dc_buf_str(&line));
        dc_buf_append_text(out, ", and not ");
        dc_buf_append_str(out, dc_buf_str(&here));
        dc_buf_append_char(out, '\n');
    }
    dc_buf_fini(&here);
    dc_buf_fini(&line);
}

static void compare_lets(const side_t *theirs, const side_t *ours, dc_buf_t *out)
{
    const dc_program_t *a = &theirs->program;
    const dc_program_t *b = &ours->program;
    for (size_t i = 0; i < a->let_count; i++) {
        compare_let(a->lets[i].name, &a->let_values[i], find_let(b, a->lets[i].name), out);
    }
    for (size_t i = 0; i < b->let_count; i++) {
        if (find_let(a, b->lets[i].name)) continue;
        compare_let(b->lets[i].name, NULL, &b->let_values[i], out);
    }
}

static void compare_terms(const side_t *theirs, const side_t *ours, dc_buf_t *out)
{
    char a[DC_QUANTITY_TEXT_MAX], b[DC_QUANTITY_TEXT_MAX];
    char c[DC_NUMBERS_TEXT_MAX], d[DC_NUMBERS_TEXT_MAX];
    dc_numbers_print(theirs->program.numbers, c);
    dc_numbers_print(ours->program.numbers, d);
    put_words(out, "--numbers", dc_str_from(c), dc_str_from(d));
    if (theirs->program.ieee != ours->program.ieee) {
        dc_buf_printf(out, INDENT "it was sent with%s --ieee\n", theirs->program.ieee ? "" : "out");
    }
    dc_duration_print(theirs->program.timeout_ms, a);
    dc_duration_print(ours->program.timeout_ms, b);
    put_words(out, "--timeout", dc_str_from(a), dc_str_from(b));
}

static dc_str_t reduction_of(const side_t *side)
{
    int64_t op = side->keepsake.reduce;
    return op < 0 ? DC_STR("none") : dc_str_from(dc_reducer_name((dc_reducer_op_t)op));
}

static void put_digits(dc_buf_t *out, int digits)
{
    if (digits) {
        dc_buf_printf(out, "%d", digits);
    } else {
        dc_buf_append_text(out, "not given");
    }
}

static dc_str_t format_kept(const side_t *side)
{
    const char *format = side->keepsake.style.format;
    return dc_str_from(format ? format : "none");
}

static void compare_keepsakes(const side_t *theirs, const side_t *ours, dc_buf_t *out)
{
    put_words(out, "--reduce", reduction_of(theirs), reduction_of(ours));
    put_texts(out, "input", theirs->keepsake.file, ours->keepsake.file);
    put_words(out, "--format", format_kept(theirs), format_kept(ours));
    if (theirs->keepsake.style.digits == ours->keepsake.style.digits) return;
    dc_buf_append_text(out, INDENT "its -p is ");
    put_digits(out, theirs->keepsake.style.digits);
    dc_buf_append_text(out, ", and not ");
    put_digits(out, ours->keepsake.style.digits);
    dc_buf_append_char(out, '\n');
}

dc_err_t dc_differ_put(dc_str_t theirs, dc_str_t ours, dc_buf_t *out)
{
    dc_arena_t arena;
    side_t there, here;
    dc_arena_init(&arena, DC_PROGRAM_ARENA_BYTES_MAX);
    dc_err_t err = read_side(&there, theirs, &arena);
    if (!err) err = read_side(&here, ours, &arena);
    if (!err) {
        put_words(out, "--from", format_of(&there), format_of(&here));
        put_texts(out, "template", there.program.template, here.program.template);
        compare_columns(&there, &here, out);
        compare_lets(&there, &here, out);
        compare_terms(&there, &here, out);
        compare_keepsakes(&there, &here, out);
    }
    dc_arena_fini(&arena);
    return err;
}
