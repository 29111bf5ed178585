// What a dry run has found out, for people and for programs.
#include "client/cli/run/dry_run_part.h"

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/digits.h"
#include "common/json_writer.h"

static const char *name_of_input(const dc_dry_run_t *self)
{
    return *self->computation->name ? self->computation->name : "ranges";
}

// --- the first rows ----------------------------------------------------------------------------

static void put_inputs(dc_dry_run_t *self)
{
    const dc_rehearsal_t *rehearsal = &self->rehearsal;
    dc_buf_t value = { 0 };
    for (size_t i = 0; i < rehearsal->program.var_count; i++) {
        value.len = 0;
        dc_value_print(&rehearsal->inputs[i], &value);
        dc_buf_append_text(&self->first, "  ");
        dc_text_put_safe(&self->first, rehearsal->vars[i].name);
        dc_buf_append_char(&self->first, '=');
        dc_text_put_safe(&self->first, dc_buf_str(&value));
    }
    dc_buf_fini(&value);
    if (dc_rehearsal_has_template(rehearsal)) return;
    dc_buf_append_text(&self->first, "  ");
    dc_text_put_safe(&self->first, rehearsal->text);
}

static void put_row_text(dc_dry_run_t *self, uint64_t row, const dc_diag_t *fault)
{
    dc_buf_printf(&self->first, "%-8s%llu", self->shown ? "" : "first", (unsigned long long)row);
    if (fault) {
        dc_buf_printf(&self->first, "  error: %s: ", dc_err_name(fault->code));
        dc_text_put_safe(&self->first, dc_str_from(fault->message));
    } else {
        put_inputs(self);
    }
    dc_buf_append_char(&self->first, '\n');
}

static void put_inputs_json(const dc_rehearsal_t *rehearsal, dc_json_writer_t *json)
{
    if (!dc_rehearsal_has_template(rehearsal))
        dc_json_put_member_string(json, "expr", rehearsal->text);
    if (!rehearsal->program.var_count) return;
    dc_json_put_key(json, "inputs");
    dc_json_begin_object(json);
    for (size_t i = 0; i < rehearsal->program.var_count; i++) {
        const dc_value_t *value = &rehearsal->inputs[i];
        dc_json_put_string(json, rehearsal->vars[i].name);
        dc_buf_append_char(json->out, ':');
        json->has_before = false;
        switch (value->type) {
        case DC_TYPE_NULL: dc_json_put_null(json); break;
        case DC_TYPE_NUMBER: dc_json_put_number(json, value->number); break;
        case DC_TYPE_BOOL: dc_json_put_bool(json, value->boolean); break;
        case DC_TYPE_STRING: dc_json_put_string(json, value->string); break;
        case DC_TYPE_DIGITS: dc_digits_put_json(value->string, json); break;
        }
    }
    dc_json_end_object(json);
}

static void put_row_json(dc_dry_run_t *self, uint64_t row, const dc_diag_t *fault)
{
    dc_json_writer_t json = dc_json_writer(&self->first);
    if (self->shown) dc_buf_append_char(&self->first, ',');
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "row", row);
    if (fault) {
        dc_json_put_key(&json, "error");
        dc_json_begin_object(&json);
        dc_json_put_member_string(&json, "code", dc_str_from(dc_err_name(fault->code)));
        dc_json_put_member_string(&json, "message", dc_str_from(fault->message));
        dc_json_end_object(&json);
    } else {
        put_inputs_json(&self->rehearsal, &json);
    }
    dc_json_end_object(&json);
}

void dc_dry_run_put_row(dc_dry_run_t *self, uint64_t row, const dc_diag_t *fault)
{
    if (dc_dry_run_is_json(self)) {
        put_row_json(self, row, fault);
    } else {
        put_row_text(self, row, fault);
    }
    self->shown++;
}

// --- for people --------------------------------------------------------------------------------

static void put_counts(const dc_dry_run_t *self, dc_buf_t *out)
{
    dc_buf_append_text(out, "rows    ");
    dc_numfmt_put_counted(out, self->rows, " row of ", " rows of ");
    dc_text_put_safe(out, dc_str_from(name_of_input(self)));
    dc_buf_append_text(out, ", in ");
    dc_numfmt_put_counted(out, self->chunks, " chunk, ", " chunks, ");
    dc_numfmt_put_counted(out, self->bytes, " byte\n", " bytes\n");
    if (self->malformed) {
        dc_buf_append_text(out, "        ");
        dc_numfmt_put_counted(out, self->malformed, " is malformed, and would fail\n",
                              " are malformed, and would fail\n");
    }
    if (!self->too_long) return;
    dc_buf_append_text(out, "        ");
    dc_numfmt_put_counted(out, self->too_long, " is too long to be sent",
                          " are too long to be sent");
    dc_buf_append_text(out, self->computation->settings->detach
                                ? ": with -d all of it would be refused\n"
                                : ", and would fail\n");
}

static void put_types(const dc_dry_run_t *self, dc_buf_t *out)
{
    const dc_rehearsal_t *rehearsal = &self->rehearsal;
    if (!dc_rehearsal_has_template(rehearsal)) return;
    dc_buf_printf(out, "type    %s", dc_type_name(dc_formula_type(&rehearsal->formula)));
    for (size_t i = 0; i < rehearsal->program.var_count; i++) {
        dc_buf_append_text(out, i ? ", " : ", of ");
        dc_text_put_safe(out, rehearsal->vars[i].name);
        dc_buf_printf(out, " (%s%s)", dc_layout_type_name(rehearsal->vars[i].type),
                      rehearsal->vars[i].nullable ? " or null" : "");
    }
    dc_buf_append_char(out, '\n');
}

static void put_numbers(const dc_dry_run_t *self, dc_buf_t *out)
{
    char text[DC_NUMBERS_TEXT_MAX];
    dc_numbers_t numbers = self->rehearsal.program.numbers;
    if (dc_numbers_are_double(numbers)) return;
    dc_numbers_print(numbers, text);
    dc_buf_printf(out, "numbers %s\n", text);
}

static void put_steps(dc_buf_t *out, double steps)
{
    if (steps < 1e15) {
        dc_numfmt_put_count(out, (uint64_t)steps);
    } else {
        dc_buf_printf(out, "%.1e", steps);
    }
}

static void put_seconds(const dc_dry_run_t *self, dc_buf_t *out)
{
    double seconds = dc_rehearsal_seconds(&self->rehearsal);
    if (seconds < 1e-3) {
        dc_buf_append_text(out, ", less than 1 ms of a core like this one's");
    } else {
        dc_buf_append_text(out, self->rehearsal.is_cut ? ", more than " : ", about ");
        dc_numfmt_put_latency(out, seconds);
        dc_buf_append_text(out, " of a core like this one's");
    }
}

static void put_cost(const dc_dry_run_t *self, dc_buf_t *out)
{
    const dc_rehearsal_t *rehearsal = &self->rehearsal;
    if (!rehearsal->sound_count) return;
    dc_buf_append_text(out, "cost    ");
    if (rehearsal->is_cut) dc_buf_append_text(out, "more than ");
    put_steps(out, dc_rehearsal_steps(rehearsal));
    dc_buf_append_text(out, dc_rehearsal_steps(rehearsal) == 1 ? " step" : " steps");
    put_seconds(self, out);
    dc_buf_append_char(out, '\n');
}

// --- for programs ------------------------------------------------------------------------------

static void put_types_json(const dc_dry_run_t *self, dc_json_writer_t *json)
{
    const dc_rehearsal_t *rehearsal = &self->rehearsal;
    if (!dc_rehearsal_has_template(rehearsal)) return;
    dc_json_put_member_string(json, "template", rehearsal->program.template);
    dc_json_put_member_string(json, "type",
                              dc_str_from(dc_type_name(dc_formula_type(&rehearsal->formula))));
    dc_json_put_key(json, "variables");
    dc_json_begin_array(json);
    for (size_t i = 0; i < rehearsal->program.var_count; i++) {
        dc_json_begin_object(json);
        dc_json_put_member_string(json, "name", rehearsal->vars[i].name);
        dc_json_put_member_string(json, "type",
                                  dc_str_from(dc_layout_type_name(rehearsal->vars[i].type)));
        dc_json_put_member_bool(json, "nullable", rehearsal->vars[i].nullable);
        dc_json_end_object(json);
    }
    dc_json_end_array(json);
}

static void put_json(const dc_dry_run_t *self, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_json_put_member_string(&json, "input", dc_str_from(name_of_input(self)));
    dc_json_put_member_string(
        &json, "format",
        dc_str_from(dc_layout_format_name(self->computation->recipe.layout.format)));
    dc_json_put_member_u64(&json, "rows", self->rows);
    dc_json_put_member_u64(&json, "chunks", self->chunks);
    dc_json_put_member_u64(&json, "bytes", self->bytes);
    dc_json_put_member_u64(&json, "malformed", self->malformed);
    dc_json_put_member_u64(&json, "too_long", self->too_long);
    if (!dc_numbers_are_double(self->rehearsal.program.numbers)) {
        char numbers[DC_NUMBERS_TEXT_MAX];
        dc_numbers_print(self->rehearsal.program.numbers, numbers);
        dc_json_put_member_string(&json, "numbers", dc_str_from(numbers));
    }
    put_types_json(self, &json);
    dc_json_put_key(&json, "first");
    dc_json_begin_array(&json);
    dc_buf_append_str(out, dc_buf_str(&self->first));
    dc_json_end_array(&json);
    dc_json_put_member_number(&json, "steps", dc_rehearsal_steps(&self->rehearsal));
    dc_json_put_member_bool(&json, "cut", self->rehearsal.is_cut);
    dc_json_put_member_number(&json, "seconds", dc_rehearsal_seconds(&self->rehearsal));
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}

void dc_dry_run_put(dc_dry_run_t *self, dc_buf_t *out)
{
    if (dc_dry_run_is_json(self)) {
        put_json(self, out);
        return;
    }
    dc_buf_append_str(out, dc_buf_str(&self->first));
    put_counts(self, out);
    put_types(self, out);
    put_numbers(self, out);
    put_cost(self, out);
    dc_buf_append_text(out, "nothing was sent\n");
}
