#include "client/cli/print/reduced.h"

#include <math.h>
#include <stdio.h>

#include "client/cli/text/numfmt.h"
#include "common/json_writer.h"

static void put_value(const dc_reduced_t *self, const dc_number_style_t *style, dc_buf_t *out)
{
    dc_buf_t text = { 0 };
    dc_value_print(&self->value, &text);
    if (text.failed) out->failed = true;
    dc_numfmt_put_styled(out, dc_buf_str(&text), style);
    dc_buf_fini(&text);
}

static void put_delimited(const dc_reduced_t *self, char delimiter, const dc_number_style_t *style,
                          dc_buf_t *out)
{
    char c = delimiter;
    dc_buf_printf(out, "op%cvalue%crows%cfailed%cerror\n%s%c", c, c, c, c, self->op, c);
    if (!self->error) put_value(self, style, out);
    dc_buf_printf(out, "%c%llu%c%llu%c%s\n", c, (unsigned long long)self->row_count, c,
                  (unsigned long long)self->failed_count, c,
                  self->error ? dc_err_name(self->error->code) : "");
}

static void put_json_error(const dc_diag_t *error, dc_json_writer_t *json)
{
    dc_json_put_key(json, "error");
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "code", dc_str_from(dc_err_name(error->code)));
    dc_json_put_member_string(json, "message", dc_str_from(error->message));
    dc_json_end_object(json);
}

static void put_json_value(const dc_reduced_t *self, const dc_number_style_t *style,
                           dc_json_writer_t *json)
{
    bool is_number = self->value.type == DC_TYPE_NUMBER;
    dc_json_put_key(json, "value");
    if (!is_number || isfinite(self->value.number)) {
        put_value(self, style, json->out);
        json->has_before = true;
        return;
    }
    dc_buf_t text = { 0 };
    dc_json_put_null(json);
    dc_value_print(&self->value, &text);
    dc_json_put_member_string(json, "special", dc_buf_str(&text));
    dc_buf_fini(&text);
}

static void put_json(const dc_reduced_t *self, const dc_number_style_t *style, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    if (self->batch) {
        char name[24];
        snprintf(name, sizeof name, "b%llu", (unsigned long long)self->batch);
        dc_json_put_member_string(&json, "batch", dc_str_from(name));
    }
    dc_json_put_member_string(&json, "op", dc_str_from(self->op));
    if (self->error) {
        put_json_error(self->error, &json);
    } else {
        put_json_value(self, style, &json);
    }
    dc_json_put_member_u64(&json, "rows", self->row_count);
    dc_json_put_member_u64(&json, "failed", self->failed_count);
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}

void dc_reduced_put(const dc_reduced_t *self, const dc_printer_t *printer, dc_buf_t *out)
{
    const dc_number_style_t *style = &printer->style;
    switch (printer->format) {
    case DC_PRINT_TEXT:
        if (self->error) {
            dc_buf_printf(out, "error: %s", dc_err_name(self->error->code));
        } else {
            put_value(self, style, out);
        }
        dc_buf_append_char(out, '\n');
        break;
    case DC_PRINT_JSON: put_json(self, style, out); break;
    case DC_PRINT_CSV: put_delimited(self, ',', style, out); break;
    case DC_PRINT_TSV: put_delimited(self, '\t', style, out); break;
    }
}
