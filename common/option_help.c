#include "common/option_help.h"

#define HELP_COLUMN  26
#define HELP_COLUMNS 80

static void pad_to(dc_buf_t *out, size_t line_start, size_t column)
{
    while (!out->failed && out->len - line_start < column) {
        dc_buf_append_char(out, ' ');
    }
}

void dc_help_put_wrapped(dc_buf_t *out, size_t column, const char *text)
{
    size_t line_start = out->len;
    while (line_start > 0 && out->data[line_start - 1] != '\n') {
        line_start--;
    }
    // What stands there already keeps a distance of two.
    if (out->len > line_start && out->len - line_start + 2 > column) {
        dc_buf_append_char(out, '\n');
        line_start = out->len;
    }
    pad_to(out, line_start, column);
    bool is_first = true;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (!is_first && out->len - line_start + 1 + word > HELP_COLUMNS) {
            dc_buf_append_char(out, '\n');
            line_start = out->len;
            pad_to(out, line_start, column);
        } else if (!is_first) {
            dc_buf_append_char(out, ' ');
        }
        is_first = false;
        dc_buf_append(out, text, word);
        text += word + (text[word] == ' ');
    }
    dc_buf_append_char(out, '\n');
}

static void put_option(const dc_option_t *option, dc_buf_t *out)
{
    if (option->letter) {
        dc_buf_printf(out, "  -%c, --%s", option->letter, option->name);
    } else {
        dc_buf_printf(out, "      --%s", option->name);
    }
    if (option->argument) {
        dc_buf_printf(out, option->implied ? "[=%s]" : " %s", option->argument);
    }
    dc_buf_t help = { 0 };
    dc_buf_t initial = { 0 };
    dc_option_put_default(option, &initial);
    dc_buf_append_text(&help, option->help);
    if (initial.len) dc_buf_printf(&help, " (%.*s)", (int)initial.len, initial.data);
    dc_buf_fini(&initial);
    dc_buf_append_char(&help, '\0');
    if (help.failed) {
        out->failed = true;
    } else {
        dc_help_put_wrapped(out, HELP_COLUMN, help.data);
    }
    dc_buf_fini(&help);
}

void dc_option_put_help(const dc_option_table_t *table, uint32_t commands, dc_buf_t *out)
{
    const char *group = NULL;
    bool is_headed = false;
    for (size_t i = 0; i < table->count; i++) {
        const dc_option_t *option = &table->options[i];
        if (option->group) group = option->group;
        if (option->group) is_headed = false;
        bool is_meant = commands ? (option->commands & commands) != 0 : option->commands == 0;
        if (!is_meant || option->flags & DC_OPTION_HIDDEN) continue;
        if (group && !is_headed) dc_buf_printf(out, "\n%s\n", group);
        is_headed = true;
        put_option(option, out);
    }
}
