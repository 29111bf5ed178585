#include "common/expr/known.h"

#include "common/expr/ops.h"
#include "common/expr/parser.h"
#include "common/limits.h"

// Bytes that are translated for one text, all parts taken together.
#define BYTES_MAX (16u << 20)

// A name that the text itself brings: defined, a parameter, or bound by a reduction.
typedef struct name {
    dc_str_t text;
    bool is_known; // its value is
    const struct name *before;
} name_t;

typedef struct marker {
    const dc_expr_source_t *source;
    dc_arena_t *arena; // of what stays
    dc_arena_t parsing, lasting;
    dc_scope_t scope;
    const name_t *names;    // the nearest
    dc_buf_t text;          // definitions that are known, then what is looked at
    size_t definitions_len; // of them
    size_t bytes_left;
    bool has_failed; // memory was short
} marker_t;

// --- names -------------------------------------------------------------------------------------

static dc_str_t strip_braces(dc_str_t name)
{
    bool is_braced = name.len > 2 && name.data[0] == '{';
    return is_braced ? dc_str(name.data + 1, name.len - 2) : name;
}

static void push_name(marker_t *self, dc_str_t label, bool is_known)
{
    name_t *name = dc_arena_alloc(self->arena, 1, sizeof *name);
    if (!name) {
        self->has_failed = true;
        return;
    }
    *name = (name_t){ strip_braces(label), is_known, self->names };
    self->names = name;
}

static bool is_variable(const marker_t *self, dc_str_t name)
{
    for (size_t i = 0; i < self->source->var_count; i++) {
        if (dc_str_eq(self->source->vars[i].name, name)) return true;
    }
    return false;
}

// The nearest one hides the others.
static bool is_known_name(const marker_t *self, dc_str_t label)
{
    bool is_word;
    const dc_operand_t *constant = dc_constant_find(label, &is_word);
    if (is_word) return true;
    dc_str_t name = strip_braces(label);
    for (const name_t *it = self->names; it; it = it->before) {
        if (dc_str_eq(it->text, name)) return it->is_known;
    }
    if (is_variable(self, name)) return self->source->values != NULL;
    return constant != NULL;
}

static bool is_reduction(const dc_syntax_node_t *node)
{
    dc_reduce_t kind;
    return node->kind == DC_SYNTAX_CALL && dc_reduce_find(node->label, &kind);
}

// --- parts -------------------------------------------------------------------------------------

// Does it consist of nothing but constants?
static bool is_constant(const marker_t *self, const dc_syntax_node_t *node)
{
    if (node->is_cut || is_reduction(node)) return false;
    if (node->kind == DC_SYNTAX_NAME) return is_known_name(self, node->label);
    if (node->kind == DC_SYNTAX_CALL && !dc_function_is_known(node->label)) return false;
    for (const dc_syntax_node_t *it = node->first; it; it = it->next) {
        if (!is_constant(self, it)) return false;
    }
    return true;
}

static dc_value_t value_of(marker_t *self, const dc_code_t *code)
{
    dc_value_t value = { .type = dc_reg_is_null(code->value) ? DC_TYPE_NULL : code->type };
    if (value.type == DC_TYPE_NUMBER) value.number = code->value.number;
    if (value.type == DC_TYPE_BOOL) value.boolean = code->value.number != 0;
    if (value.type != DC_TYPE_STRING) return value;
    const dc_str_t *string = dc_op_copy(self->arena, *code->value.string);
    if (!string) self->has_failed = true;
    value.string = string ? *string : DC_STR("");
    return value;
}

// Translate the part `node` behind the definitions that are known. Is there a value, and no code?
static bool is_folded(marker_t *self, const dc_syntax_t *syntax, dc_syntax_node_t *node)
{
    dc_diag_t ignored;
    dc_code_t code;
    self->text.len = self->definitions_len;
    dc_buf_append(&self->text, syntax->text.data + node->span.column, node->span.width);
    if (self->text.failed) self->has_failed = true;
    if (self->has_failed || self->text.len > self->bytes_left) return false;
    self->bytes_left -= self->text.len;
    dc_expr_source_t part = *self->source;
    part.text = dc_buf_str(&self->text);
    dc_err_t err =
        dc_translate(&part, &self->scope, &self->parsing, &self->lasting, &code, &ignored);
    if (err || code.ins_count) return false;
    node->is_folded = true;
    node->value = value_of(self, &code);
    return true;
}

// --- the whole ---------------------------------------------------------------------------------

static void mark(marker_t *self, const dc_syntax_t *syntax, dc_syntax_node_t *node);

// Mark the children with the names of `binder` hidden, up to but not including `end`.
static void mark_within(marker_t *self, const dc_syntax_t *syntax, dc_syntax_node_t *node,
                        const dc_syntax_node_t *binder, const dc_syntax_node_t *end)
{
    const name_t *names = self->names;
    for (; binder != end; binder = binder->next) {
        push_name(self, binder->label, false);
    }
    mark(self, syntax, node);
    self->names = names;
}

// What is known of a name from its definition on.
static void define(marker_t *self, const dc_syntax_t *syntax, const dc_syntax_node_t *node)
{
    const dc_syntax_node_t *value = node->first;
    bool is_known = value->is_folded || (!value->first && is_constant(self, value));
    if (is_known) {
        self->text.len = self->definitions_len;
        dc_buf_append(&self->text, syntax->text.data + node->span.column, node->span.width);
        dc_buf_append_char(&self->text, ';');
        self->definitions_len = self->text.len;
    }
    push_name(self, node->label, is_known);
}

static void mark(marker_t *self, const dc_syntax_t *syntax, dc_syntax_node_t *node)
{
    bool is_part = node->kind == DC_SYNTAX_OPERATOR || node->kind == DC_SYNTAX_CALL;
    if (is_part && node->first && is_constant(self, node) && is_folded(self, syntax, node)) return;
    if (node->kind == DC_SYNTAX_FUNCTION) {
        mark_within(self, syntax, node->last, node->first, node->last);
        return;
    }
    for (dc_syntax_node_t *it = node->first; it; it = it->next) {
        if (is_reduction(node) && it == node->first) {
            mark_within(self, syntax, it, it->next, it->next->next);
        } else {
            mark(self, syntax, it);
        }
        if (it->kind == DC_SYNTAX_LOCAL) define(self, syntax, it);
    }
}

bool dc_known_mark(dc_syntax_t *syntax, const dc_expr_source_t *source, dc_arena_t *arena)
{
    marker_t self = { .source = source, .arena = arena, .bytes_left = BYTES_MAX };
    dc_arena_init(&self.parsing, DC_EXPR_ARENA_BYTES_MAX);
    dc_arena_init(&self.lasting, DC_EXPR_ARENA_BYTES_MAX);
    mark(&self, syntax, syntax->root);
    dc_arena_fini(&self.parsing);
    dc_arena_fini(&self.lasting);
    dc_buf_fini(&self.text);
    return !self.has_failed;
}
