#include "client/cli/help_language.h"

#include "common/expr/reference.h"
#include "common/option_help.h"

#define HELP_COLUMN 23 // where what is told of an operator begins

#define FUNCTION_COLUMN 4 // likewise of a function, below its name

void dc_help_put_operators(dc_buf_t *out)
{
    const dc_reference_level_t *level;
    for (size_t at = 0; (level = dc_reference_next_level(&at));) {
        dc_buf_printf(out, "  %s", level->tokens);
        dc_help_put_wrapped(out, HELP_COLUMN, level->help);
    }
}

// Arguments are kept together, as lines are broken at blanks.
static void put_arguments(dc_str_t args, dc_buf_t *out)
{
    dc_buf_append_char(out, '(');
    for (size_t i = 0; i < args.len; i++) {
        if (args.data[i] != ' ') dc_buf_append_char(out, args.data[i]);
    }
    dc_buf_append_char(out, ')');
}

// Those that stand one behind the other and have the same arguments show them once, at their end.
static void put_family(size_t family, dc_buf_t *out)
{
    dc_str_t args = { 0 };
    dc_reference_function_t function;
    for (size_t at = 0; dc_reference_next_function(family, &at, &function);) {
        bool is_plain = dc_str_eq(args, DC_STR("x"));
        if (args.len && !is_plain && !dc_str_eq(args, function.args)) put_arguments(args, out);
        if (args.len) dc_buf_append_char(out, ' ');
        dc_buf_append_text(out, function.name);
        args = function.args;
    }
    if (!dc_str_eq(args, DC_STR("x"))) put_arguments(args, out);
}

void dc_help_put_functions(dc_buf_t *out)
{
    dc_buf_t names = { 0 };
    const char *title;
    for (size_t family = 0; (title = dc_reference_family(family)); family++) {
        names.len = 0;
        put_family(family, &names);
        dc_buf_append_char(&names, '\0');
        dc_buf_printf(out, "%s%s:\n", family ? "\n" : "", title);
        if (!names.failed) dc_help_put_wrapped(out, 2, names.data);
    }
    dc_buf_fini(&names);
}

static void put_function(const dc_reference_function_t *function, dc_buf_t *out)
{
    dc_buf_t text = { 0 };
    dc_buf_append_text(&text, function->help);
    if (function->domain) dc_buf_printf(&text, "; domain: %s", function->domain);
    if (function->error_ulp > 0.5) dc_buf_printf(&text, "; within %g ulp", function->error_ulp);
    dc_buf_append_char(&text, '\0');
    dc_buf_printf(out, "%s(%.*s)\n", function->name, (int)function->args.len, function->args.data);
    if (text.failed) out->failed = true;
    if (!text.failed) dc_help_put_wrapped(out, FUNCTION_COLUMN, text.data);
    dc_buf_fini(&text);
}

bool dc_help_put_function(const char *name, dc_buf_t *out)
{
    bool is_found = false;
    for (size_t family = 0; dc_reference_family(family); family++) {
        dc_reference_function_t function;
        for (size_t at = 0; dc_reference_next_function(family, &at, &function);) {
            if (strcmp(function.name, name) != 0) continue;
            put_function(&function, out);
            is_found = true;
        }
    }
    return is_found;
}
