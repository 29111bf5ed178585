#include "client/cli/sheet/sheet_line.h"

#include "common/json_writer.h"

void dc_sheet_line_put(const dc_sheet_line_t *self, dc_buf_t *out)
{
    dc_buf_append_str(out, self->uses);
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_array(&json);
    dc_json_put_string(&json, self->name);
    dc_json_put_u64(&json, self->row);
    dc_json_put_u64(&json, self->line);
    dc_json_end_array(&json);
    dc_buf_append_char(out, '\t');
    dc_buf_append_str(out, self->text);
    dc_buf_append_char(out, '\n');
}

static dc_str_t unescape(dc_str_t raw, dc_buf_t *room)
{
    room->len = 0;
    return dc_pull_unescape(raw, room);
}

bool dc_sheet_line_read(dc_sheet_line_t *self, dc_str_t line, dc_buf_t *room)
{
    // None stands in the lists: JSON writes it as an escape.
    const char *tab = line.len ? memchr(line.data, '\t', line.len) : NULL;
    if (!tab) return false;
    dc_pull_t pull;
    dc_str_t raw;
    *self = (dc_sheet_line_t){ .column = (size_t)(tab - line.data) + 1 };
    dc_pull_begin(&pull, dc_str(line.data, self->column - 1));
    if (dc_pull_next(&pull) != DC_PULL_ARRAY || !dc_pull_skip(&pull)) return false;
    self->uses = dc_str(line.data, (size_t)(pull.at - line.data));
    bool is_cell = dc_pull_array(&pull) && dc_pull_item(&pull) && dc_pull_string(&pull, &raw) &&
                   dc_pull_item(&pull) && dc_pull_u64(&pull, &self->row) && dc_pull_item(&pull) &&
                   dc_pull_u64(&pull, &self->line) && !dc_pull_item(&pull) && dc_pull_end(&pull);
    if (!is_cell) return false;
    self->name = unescape(raw, room);
    self->text = dc_str_behind(line, self->column);
    return !room->failed;
}

void dc_sheet_line_begin_uses(const dc_sheet_line_t *self, dc_pull_t *pull)
{
    dc_pull_begin(pull, self->uses);
    dc_pull_array(pull);
}

bool dc_sheet_line_next_use(dc_pull_t *pull, dc_buf_t *room, dc_str_t *item, dc_str_t *name)
{
    dc_str_t raw = DC_STR("");
    if (!dc_pull_item(pull)) return false;
    bool is_name = dc_pull_next(pull) == DC_PULL_STRING;
    const char *start = pull->at;
    bool is_read = is_name ? dc_pull_string(pull, &raw) : dc_pull_skip(pull);
    *item = dc_str(start, (size_t)(pull->at - start));
    *name = unescape(raw, room);
    return is_read;
}
