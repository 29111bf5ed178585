#include "client/cli/journal/journal_plan.h"

static void put_part(dc_buf_t *out, const char *name, dc_str_t text)
{
    dc_buf_append(out, name, strlen(name) + 1);
    dc_buf_append_str(out, text);
    dc_buf_append_char(out, '\0');
}

static void put_flag(dc_buf_t *out, const char *name, bool is_set)
{
    put_part(out, name, dc_str_from(is_set ? "yes" : "no"));
}

static void put_numbers(dc_buf_t *out, dc_numbers_t numbers)
{
    char text[DC_NUMBERS_TEXT_MAX];
    dc_numbers_print(numbers, text);
    put_part(out, "--numbers", dc_str_from(text));
}

static void put_lets(dc_buf_t *out, const dc_constants_t *lets)
{
    dc_buf_append(out, "--let", sizeof "--let");
    for (size_t i = 0; i < lets->count; i++) {
        if (i) dc_buf_append_text(out, ", ");
        dc_buf_append_str(out, lets->vars[i].name);
        dc_buf_append_char(out, '=');
        dc_value_print(&lets->values[i], out);
    }
    dc_buf_append_char(out, '\0');
}

// Columns that nobody uses may be called as they like, but must stay as many.
static void put_columns(dc_buf_t *out, const dc_layout_t *layout)
{
    dc_buf_append(out, "the columns", sizeof "the columns");
    dc_buf_printf(out, "%zu", layout->column_count);
    for (size_t i = 0; i < layout->column_count; i++) {
        const dc_column_t *column = &layout->columns[i];
        bool is_expression = !layout->template.len && i == layout->expr_field;
        if (!column->is_used && !is_expression) continue;
        dc_buf_printf(out, ", %zu ", i + 1);
        dc_buf_append_str(out, column->name);
        dc_buf_printf(out, ":%s%s", dc_layout_type_name(column->type), column->nullable ? "?" : "");
    }
    dc_buf_append_char(out, '\0');
}

void dc_journal_plan_put(dc_buf_t *out, const dc_recipe_t *recipe, bool ieee, bool verify)
{
    put_part(out, "--template", recipe->layout.template);
    put_part(out, "the input's format", dc_str_from(dc_layout_format_name(recipe->layout.format)));
    put_numbers(out, recipe->layout.numbers);
    put_lets(out, &recipe->lets);
    put_flag(out, "--ieee", ieee);
    put_flag(out, "--verify", verify);
    put_columns(out, &recipe->layout);
    put_part(out, "the version of dcalc's engine", dc_str_from(dc_engine_version()));
}

// Take what is before the next NUL.
static dc_str_t take_text(dc_str_t *rest)
{
    const char *end = rest->len ? memchr(rest->data, '\0', rest->len) : NULL;
    dc_str_t text = end ? dc_str(rest->data, (size_t)(end - rest->data)) : *rest;
    *rest = dc_str_behind(*rest, text.len + (end != NULL));
    return text;
}

bool dc_journal_plan_differs(dc_str_t then, dc_str_t now, dc_journal_plan_difference_t *difference)
{
    if (dc_str_eq(then, now)) return false;
    *difference = (dc_journal_plan_difference_t){ DC_STR("the plan"), DC_STR(""), DC_STR("") };
    while (then.len || now.len) {
        dc_str_t name = take_text(&then);
        dc_str_t own = take_text(&now);
        dc_str_t before = take_text(&then);
        dc_str_t after = take_text(&now);
        if (dc_str_eq(name, own) && dc_str_eq(before, after)) continue;
        *difference = (dc_journal_plan_difference_t){ own.len ? own : name, before, after };
        return true;
    }
    return true;
}
