#include "common/options_show.h"

#include "common/csv.h"
#include "common/json_writer.h"
#include "common/options_part.h"

// What is meant once, or is between our own programs, is no setting.
static bool is_shown(const dc_option_t *option)
{
    return !(option->flags & (DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT));
}

// What nobody has set is as help shows it: some defaults are words, such as "usable cores".
static void put_value(const dc_options_t *self, size_t index, dc_buf_t *out)
{
    const dc_option_t *option = &self->table->options[index];
    bool is_default = self->sources[index].origin == DC_ORIGIN_DEFAULT;
    bool is_found = option->flags & DC_OPTION_FINDS_FILE;
    if (is_default && option->kind != DC_OPTION_FLAG && !is_found) {
        dc_option_put_default(option, out);
    } else {
        dc_option_put_value(option, dc_options_field(self, option), out);
    }
}

// --- JSON --------------------------------------------------------------------------------------

static const char *origin_word(dc_origin_t origin)
{
    switch (origin) {
    case DC_ORIGIN_DEFAULT: return "default";
    case DC_ORIGIN_FILE: return "file";
    case DC_ORIGIN_ENVIRONMENT: return "env";
    case DC_ORIGIN_FLAG: return "flag";
    }
    return "";
}

static void put_list(dc_json_writer_t *json, const dc_option_list_t *list)
{
    dc_json_begin_array(json);
    for (size_t i = 0; i < list->count; i++) {
        dc_json_put_string(json, dc_str_from(list->items[i]));
    }
    dc_json_end_array(json);
}

static void put_object(const dc_options_t *self, size_t index, dc_buf_t *out)
{
    const dc_option_t *option = &self->table->options[index];
    const dc_options_source_t *source = &self->sources[index];
    dc_buf_t text = { 0 };
    dc_json_writer_t json = dc_json_writer(out);
    put_value(self, index, &text);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_json_put_member_string(&json, "name", dc_str_from(option->name));
    dc_json_put_key(&json, "value");
    if (option->kind == DC_OPTION_LIST && source->origin != DC_ORIGIN_DEFAULT) {
        put_list(&json, dc_options_field(self, option));
    } else if (text.len) {
        dc_json_put_string(&json, dc_buf_str(&text));
    } else {
        dc_json_put_null(&json);
    }
    dc_json_put_member_string(&json, "origin", dc_str_from(origin_word(source->origin)));
    if (source->origin == DC_ORIGIN_ENVIRONMENT) {
        text.len = 0;
        dc_option_put_variable(self->table, index, &text);
        dc_json_put_member_string(&json, "variable", dc_buf_str(&text));
    } else if (source->origin == DC_ORIGIN_FILE) {
        dc_json_put_member_string(&json, "file", dc_str_from(dc_config_path(self->config)));
        dc_json_put_member_u64(&json, "line", source->entry->line);
        dc_json_put_member_string(&json, "section", dc_str_from(source->entry->section));
    }
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
    dc_buf_fini(&text);
}

// --- tables ------------------------------------------------------------------------------------

static void put_field(dc_buf_t *out, dc_str_t text, char delimiter)
{
    if (delimiter == DC_CSV_COMMA) {
        dc_csv_put(out, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        dc_buf_append_char(out, (char)(c == '\t' || c == '\n' || c == '\r' ? ' ' : c));
    }
}

static void put_record(const dc_options_t *self, size_t index, char delimiter, dc_buf_t *out)
{
    dc_buf_t text = { 0 };
    dc_buf_append_text(out, self->table->options[index].name);
    dc_buf_append_char(out, delimiter);
    put_value(self, index, &text);
    put_field(out, dc_buf_str(&text), delimiter);
    dc_buf_append_char(out, delimiter);
    text.len = 0;
    dc_options_put_origin(self, index, &text);
    put_field(out, dc_buf_str(&text), delimiter);
    dc_buf_append_char(out, '\n');
    dc_buf_fini(&text);
}

// How wide a column of values is at most that all others stand behind.
#define VALUE_COLUMNS_MAX 40

typedef struct widths {
    size_t name, value;
} widths_t;

static widths_t measure(const dc_options_t *self)
{
    widths_t widths = { 0 };
    dc_buf_t text = { 0 };
    for (size_t i = 0; i < self->table->count; i++) {
        if (!is_shown(&self->table->options[i])) continue;
        text.len = 0;
        put_value(self, i, &text);
        widths.name = dc_max_size(widths.name, strlen(self->table->options[i].name));
        widths.value = dc_max_size(widths.value, dc_min_size(text.len, VALUE_COLUMNS_MAX));
    }
    dc_buf_fini(&text);
    return widths;
}

static void put_line(const dc_options_t *self, size_t index, widths_t widths, dc_buf_t *out)
{
    dc_buf_t text = { 0 };
    put_value(self, index, &text);
    if (text.len == 0) dc_buf_append_char(&text, '-');
    dc_buf_printf(out, "%-*s  %.*s", (int)widths.name, self->table->options[index].name,
                  (int)text.len, text.data);
    for (size_t i = text.len; i < widths.value; i++) {
        dc_buf_append_char(out, ' ');
    }
    dc_buf_append_text(out, "  ");
    dc_options_put_origin(self, index, out);
    dc_buf_append_char(out, '\n');
    dc_buf_fini(&text);
}

void dc_options_show(const dc_options_t *self, dc_options_format_t format, dc_buf_t *out)
{
    widths_t widths = measure(self);
    if (format == DC_OPTIONS_CSV) dc_buf_append_text(out, "name,value,origin\n");
    if (format == DC_OPTIONS_TSV) dc_buf_append_text(out, "name\tvalue\torigin\n");
    for (size_t i = 0; i < self->table->count; i++) {
        if (!is_shown(&self->table->options[i])) continue;
        switch (format) {
        case DC_OPTIONS_TEXT: put_line(self, i, widths, out); break;
        case DC_OPTIONS_JSON: put_object(self, i, out); break;
        case DC_OPTIONS_CSV: put_record(self, i, DC_CSV_COMMA, out); break;
        case DC_OPTIONS_TSV: put_record(self, i, DC_CSV_TAB, out); break;
        }
    }
}
