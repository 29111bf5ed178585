#include "common/option_mdoc.h"

#define LIST     ".Bl -tag -width Ds\n"
#define LIST_END ".El\n"

// One line. What begins with a point or an apostrophe would be a request, a backslash an escape.
static void put_line(dc_str_t line, dc_buf_t *out)
{
    if (line.len && (line.data[0] == '.' || line.data[0] == '\'')) dc_buf_append_text(out, "\\&");
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] == '\\') {
            dc_buf_append_text(out, "\\e");
        } else {
            dc_buf_append_char(out, line.data[i]);
        }
    }
    dc_buf_append_char(out, '\n');
}

// Quotes, hyphens and their like are set as others that a shell does not take.
void dc_mdoc_put_words(dc_str_t words, dc_buf_t *out)
{
    dc_buf_append_text(out, "\\&"); // or a single mark would be punctuation
    for (size_t i = 0; i < words.len; i++) {
        switch (words.data[i]) {
        case '\\': dc_buf_append_text(out, "\\e"); break;
        case '"': dc_buf_append_text(out, "\\(dq"); break;
        case '\'': dc_buf_append_text(out, "\\(aq"); break;
        case '`': dc_buf_append_text(out, "\\(ga"); break;
        case '^': dc_buf_append_text(out, "\\(ha"); break;
        case '~': dc_buf_append_text(out, "\\(ti"); break;
        case '-': dc_buf_append_text(out, "\\-"); break;
        default: dc_buf_append_char(out, words.data[i]);
        }
    }
}

void dc_mdoc_put_literal(dc_str_t lines, dc_buf_t *out)
{
    while (lines.len) {
        size_t len = 0;
        while (len < lines.len && lines.data[len] != '\n')
            len++;
        if (len) dc_mdoc_put_words(dc_str(lines.data, len), out);
        dc_buf_append_char(out, '\n');
        lines = dc_str_behind(lines, dc_min_size(len + 1, lines.len));
    }
}

void dc_mdoc_put_text(const char *text, dc_buf_t *out)
{
    dc_str_t rest = dc_str_from(text);
    while (rest.len) {
        size_t len = 0;
        while (len < rest.len && (rest.data[len] != '.' || len + 1 == rest.len ||
                                  rest.data[len + 1] != ' ' || len == 0))
            len++;
        len = dc_min_size(len + 1, rest.len);
        put_line(dc_str(rest.data, len), out);
        rest = dc_str_behind(rest, len);
        dc_str_take_char(&rest, ' ');
    }
}

// `.It Fl o , Fl \-output Ar FORMAT`
static void put_item(const dc_option_t *option, dc_buf_t *out)
{
    dc_buf_append_text(out, ".It ");
    if (option->letter) dc_buf_printf(out, "Fl %c , ", option->letter);
    dc_buf_printf(out, "Fl \\-%s", option->name);
    if (option->argument) {
        dc_buf_printf(out, option->implied ? " Ns Op Ns = Ns Ar %s" : " Ar %s", option->argument);
    }
    dc_buf_append_char(out, '\n');
}

// What it means, and what holds where nobody says anything.
static void put_meaning(const dc_option_t *option, dc_buf_t *out)
{
    dc_buf_t text = { 0 };
    dc_buf_append_text(&text, option->help);
    dc_buf_append_text(&text, ".");
    dc_buf_append_char(&text, '\0');
    if (!text.failed) dc_mdoc_put_text(text.data, out);
    text.len = 0;
    dc_option_put_default(option, &text);
    if (text.len) {
        dc_buf_append_text(out, "Default: ");
        put_line(dc_buf_str(&text), out);
    }
    dc_buf_fini(&text);
}

void dc_mdoc_put_options(const dc_option_table_t *table, dc_buf_t *out)
{
    bool is_open = false;
    for (size_t i = 0; i < table->count; i++) {
        const dc_option_t *option = &table->options[i];
        if (is_open && option->group) dc_buf_append_text(out, LIST_END);
        if (option->group) is_open = false;
        if (option->group)
            dc_buf_printf(out, ".Ss %.*s\n", (int)strcspn(option->group, ":"), option->group);
        if (option->flags & DC_OPTION_HIDDEN) continue;
        if (!is_open) dc_buf_append_text(out, LIST);
        is_open = true;
        put_item(option, out);
        put_meaning(option, out);
    }
    if (is_open) dc_buf_append_text(out, LIST_END);
}

void dc_mdoc_put_keys(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_append_text(out, LIST);
    for (size_t i = 0; i < table->count; i++) {
        const dc_option_t *option = &table->options[i];
        if (!dc_option_is_key(option)) continue;
        dc_buf_printf(out, ".It Cm %s = Ar %s\n", option->name,
                      option->argument ? option->argument : "yes");
        put_meaning(option, out);
    }
    dc_buf_append_text(out, LIST_END);
}

void dc_mdoc_put_environment(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_append_text(out, LIST);
    for (size_t i = 0; i < table->count; i++) {
        const dc_option_t *option = &table->options[i];
        if (option->flags & (DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT)) continue;
        dc_buf_append_text(out, ".It Ev ");
        dc_option_put_variable(table, i, out);
        dc_buf_printf(out, "\n.Fl \\-%s\n", option->name);
    }
    dc_buf_append_text(out, LIST_END);
}
