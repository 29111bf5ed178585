// explain for programs: one JSON object a line.
#include "client/cli/explain/explain_part.h"

#include "common/digits.h"
#include "common/json_writer.h"
#include "common/limits.h"

static void put_value(dc_json_writer_t *json, const dc_value_t *value)
{
    switch (value->type) {
    case DC_TYPE_NULL: dc_json_put_null(json); break;
    case DC_TYPE_NUMBER: dc_json_put_number(json, value->number); break;
    case DC_TYPE_BOOL: dc_json_put_bool(json, value->boolean); break;
    case DC_TYPE_STRING: dc_json_put_string(json, value->string); break;
    case DC_TYPE_DIGITS: dc_digits_put_json(value->string, json); break;
    }
}

// --- type, cost, split -------------------------------------------------------------------------

static void put_variables(const dc_explained_t *self, dc_json_writer_t *json)
{
    const dc_code_t *code = &self->explanation.code;
    dc_json_put_key(json, "variables");
    dc_json_begin_array(json);
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (!variable->is_used || variable->has_value) continue;
        const char *type = variable->is_int ? "int" : dc_type_name(variable->type);
        dc_json_begin_object(json);
        dc_json_put_member_string(json, "name", variable->name);
        dc_json_put_member_string(json, "type", dc_str_from(type));
        dc_json_put_member_bool(json, "nullable", variable->nullable);
        dc_json_put_member_bool(json, "varies", i < self->column_count);
        dc_json_end_object(json);
    }
    dc_json_end_array(json);
}

static void put_blocks(bool has_blocks, size_t operations, dc_json_writer_t *json)
{
    dc_json_put_key(json, "blocks");
    if (has_blocks) {
        dc_json_begin_object(json);
        dc_json_put_member_u64(json, "rows", DC_BLOCK_ROWS);
        dc_json_put_member_u64(json, "operations", operations);
        dc_json_end_object(json);
    } else {
        dc_json_put_null(json);
    }
}

static void put_cost(const dc_explained_t *self, dc_json_writer_t *json)
{
    dc_json_put_key(json, "cost");
    dc_json_begin_object(json);
    dc_json_put_member_number(json, "steps", self->explanation.steps_min);
    dc_json_put_member_bool(json, "exact", self->explanation.is_exact);
    dc_json_put_member_u64(json, "folded", self->explanation.code.folded_steps);
    dc_json_put_member_u64(json, "limit", DC_STEPS_MAX);
    dc_json_end_object(json);
    put_blocks(self->explanation.has_blocks, self->explanation.block_ops, json);
}

static void put_split(const dc_split_t *split, dc_json_writer_t *json)
{
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "text", split->text);
    dc_json_put_member_bool(json, "range", split->is_range);
    dc_json_put_member_number(json, "term_steps", split->term_steps);
    put_blocks(split->has_blocks, split->block_ops, json);
    if (split->refusal) {
        dc_json_put_member_string(json, "refused", dc_str_from(dc_err_name(split->refusal)));
    }
    if (split->is_known) {
        dc_json_put_member_number(json, "first", split->range.first);
        dc_json_put_member_number(json, "step", split->range.step);
        dc_json_put_member_u64(json, "terms", split->range.count);
        dc_json_put_member_bool(json, "at_once", split->is_at_once);
        dc_json_put_member_u64(json, "parts", split->part_count);
        dc_json_put_member_u64(json, "part_terms", split->part_terms);
    }
    dc_json_end_object(json);
}

static void put_splits(const dc_explained_t *self, dc_json_writer_t *json)
{
    dc_split_t split;
    dc_json_put_key(json, "split");
    dc_json_begin_array(json);
    for (uint32_t i = 0; i < self->explanation.code.reduction_count; i++) {
        if (dc_explanation_split(&self->explanation, i, &split)) put_split(&split, json);
    }
    dc_json_end_array(json);
}

// --- tree --------------------------------------------------------------------------------------

static const char *kind_name(dc_syntax_kind_t kind)
{
    switch (kind) {
    case DC_SYNTAX_LITERAL: return "literal";
    case DC_SYNTAX_NAME: return "name";
    case DC_SYNTAX_OPERATOR: return "operator";
    case DC_SYNTAX_CALL: return "call";
    case DC_SYNTAX_LOCAL: return "local";
    case DC_SYNTAX_FUNCTION: return "function";
    case DC_SYNTAX_TEXT: return "text";
    }
    return "";
}

static void put_node(const dc_syntax_node_t *node, dc_str_t text, dc_json_writer_t *json)
{
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "kind", dc_str_from(kind_name(node->kind)));
    if (node->label.len) dc_json_put_member_string(json, "label", node->label);
    if (node->is_folded) {
        dc_str_t part = dc_str(text.data + node->span.column, node->span.width);
        dc_json_put_member_string(json, "text", part);
        dc_json_put_key(json, "value");
        put_value(json, &node->value);
    }
    if (node->is_cut) dc_json_put_member_bool(json, "cut", true);
    if (node->first) {
        dc_json_put_key(json, "of");
        dc_json_begin_array(json);
        for (const dc_syntax_node_t *it = node->first; it; it = it->next) {
            put_node(it, text, json);
        }
        dc_json_end_array(json);
    }
    dc_json_end_object(json);
}

// --- code --------------------------------------------------------------------------------------

static void put_listed(dc_listed_t listed, dc_json_writer_t *json)
{
    dc_buf_t text = { 0 };
    dc_explain_put_listed(&listed, &text);
    if (text.failed) json->out->failed = true;
    dc_json_put_string(json, dc_buf_str(&text));
    dc_buf_fini(&text);
}

static void put_line(const dc_listing_t *listing, const dc_listing_line_t *line,
                     dc_json_writer_t *json)
{
    dc_json_begin_object(json);
    dc_json_put_member_u64(json, "at", line->at);
    dc_json_put_member_string(json, "op", dc_str_from(line->op));
    if (line->callee.len) dc_json_put_member_string(json, "function", line->callee);
    if (line->has_result) {
        dc_json_put_key(json, "to");
        put_listed(dc_listing_result(listing, line), json);
    }
    dc_json_put_key(json, "of");
    dc_json_begin_array(json);
    for (uint32_t i = 0; i < line->operand_count; i++) {
        put_listed(dc_listing_operand(listing, line, i), json);
    }
    dc_json_end_array(json);
    if (line->has_target) dc_json_put_member_u64(json, "target", line->target);
    if (line->text.len) dc_json_put_member_string(json, "text", line->text);
    dc_json_end_object(json);
}

static void put_code(dc_explained_t *self, dc_json_writer_t *json)
{
    dc_explanation_t *explanation = &self->explanation;
    dc_listing_t listing;
    dc_listing_line_t line;
    dc_json_put_key(json, "code");
    dc_json_begin_array(json);
    bool is_listed =
        dc_listing_init(&listing, &explanation->code, &explanation->syntax, &explanation->arena);
    if (!is_listed) json->out->failed = true;
    while (is_listed && dc_listing_next(&listing, &line)) {
        put_line(&listing, &line, json);
    }
    dc_json_end_array(json);
}

// --- cells of a sheet --------------------------------------------------------------------------

static void put_names(const char *key, const dc_sheet_t *sheet, const uint32_t *rows,
                      uint32_t count, dc_json_writer_t *json)
{
    dc_json_put_key(json, key);
    dc_json_begin_array(json);
    for (uint32_t i = 0; i < count; i++) {
        dc_json_put_string(json, sheet->cells[rows[i]].name);
    }
    dc_json_end_array(json);
}

static void put_cell(const dc_explained_cell_t *self, dc_json_writer_t *json)
{
    const dc_cell_t *cell = self->cell;
    dc_json_put_member_string(json, "name", cell->name);
    dc_json_put_member_u64(json, "line", cell->line);
    dc_json_put_member_u64(json, "level", (uint64_t)cell->level + 1);
    put_names("uses", self->sheet, cell->uses, cell->use_count, json);
    put_names("users", self->sheet, self->users, cell->user_count, json);
}

void dc_explain_put_json(dc_explained_t *self, dc_buf_t *out)
{
    const dc_explanation_t *explanation = &self->explanation;
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    if (self->cell) put_cell(self->cell, &json);
    dc_json_put_member_string(&json, "expr", self->text);
    dc_json_put_member_string(&json, "type", dc_str_from(dc_type_name(explanation->code.type)));
    if (!dc_numbers_are_double(self->numbers)) {
        char numbers[DC_NUMBERS_TEXT_MAX];
        dc_numbers_print(self->numbers, numbers);
        dc_json_put_member_string(&json, "numbers", dc_str_from(numbers));
    }
    put_variables(self, &json);
    put_cost(self, &json);
    put_splits(self, &json);
    dc_json_put_key(&json, "tree");
    put_node(explanation->syntax.root, explanation->syntax.text, &json);
    put_code(self, &json);
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}
