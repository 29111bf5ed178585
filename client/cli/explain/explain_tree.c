// The tree of what is explained: an operator or a call a line, and below it what it is made of.
#include "client/cli/explain/explain_page.h"

#include "client/cli/text/text.h"

typedef struct branches {
    const char *child, *last;    // in front of a child
    const char *below, *nothing; // in front of what is below it
} branches_t;

static const branches_t lines = { "├─ ", "└─ ", "│  ", "   " };
static const branches_t ascii = { "|- ", "`- ", "|  ", "   " };

// What the sides of a condition are for.
static const char *const roles[] = { "if ", "then ", "else " };

static bool is_condition(const dc_syntax_node_t *node)
{
    bool is_sign = node->kind == DC_SYNTAX_OPERATOR && dc_str_eq(node->label, DC_STR("?:"));
    bool is_if = node->kind == DC_SYNTAX_CALL && dc_str_eq(node->label, DC_STR("if"));
    return is_sign || is_if;
}

// What a definition begins with: `r = ` or `f(x, y) = `.
static void put_definition(const dc_explain_page_t *self, const dc_syntax_node_t *node)
{
    dc_text_put_safe(self->out, node->label);
    if (node->kind == DC_SYNTAX_FUNCTION) {
        for (const dc_syntax_node_t *it = node->first; it != node->last; it = it->next) {
            dc_buf_append_text(self->out, it == node->first ? "(" : ", ");
            dc_text_put_safe(self->out, it->label);
        }
        dc_buf_append_char(self->out, ')');
    }
    dc_buf_append_text(self->out, " = ");
}

static size_t characters_since(const dc_buf_t *out, size_t start)
{
    dc_str_t text = dc_str_behind(dc_buf_str(out), start);
    return dc_text_column(text, text.len);
}

// Append text and value of what is known. Where both don't fit it is the text that is cut first.
static void put_folded(const dc_explain_page_t *self, const dc_syntax_node_t *node, size_t column)
{
    const char *text = self->explanation->syntax.text.data + node->span.column;
    dc_buf_t value = { 0 };
    dc_value_print(&node->value, &value);
    size_t value_width = dc_min_size(characters_since(&value, 0), DC_EXPLAIN_CHARACTERS_MAX);
    size_t room =
        dc_fit_room(&self->fit, column + strlen(" = ") + value_width, DC_EXPLAIN_CHARACTERS_MAX);
    size_t start = self->out->len;
    dc_explain_put_short(self, dc_str(text, node->span.width), room);
    dc_buf_append_text(self->out, " = ");
    column += characters_since(self->out, start);
    dc_explain_put_short(self, dc_buf_str(&value),
                         dc_fit_room(&self->fit, column, DC_EXPLAIN_CHARACTERS_MAX));
    dc_buf_fini(&value);
}

// Append what `node` is; it begins at `column`.
static void put_head(const dc_explain_page_t *self, const dc_syntax_node_t *node, size_t column)
{
    if (node->is_folded) {
        put_folded(self, node, column);
    } else {
        dc_explain_put_short(self, node->label, dc_fit_room(&self->fit, column, SIZE_MAX));
    }
    if (node->is_cut) dc_buf_printf(self->out, " %s", dc_fit_dots(&self->fit));
    dc_buf_append_char(self->out, '\n');
}

// Append `node`, which begins at `column`, and what is below; `margin` stands in front of its lines
// but the first, and is given back as it was.
static void put_node(const dc_explain_page_t *self, const dc_syntax_node_t *node, size_t column,
                     dc_buf_t *margin)
{
    const branches_t *branches = self->explained->is_utf8 ? &lines : &ascii;
    size_t role = 0;
    size_t start = self->out->len;
    size_t margin_len = margin->len;
    if (node->kind == DC_SYNTAX_LOCAL || node->kind == DC_SYNTAX_FUNCTION) {
        put_definition(self, node);
        node = node->last;
    }
    put_head(self, node, column + characters_since(self->out, start));
    for (const dc_syntax_node_t *it = node->is_folded ? NULL : node->first; it; it = it->next) {
        dc_explain_put_style(self, DC_EXPLAIN_FAINT);
        dc_buf_append_str(self->out, dc_buf_str(margin));
        dc_buf_append_text(self->out, it->next ? branches->child : branches->last);
        const char *name = is_condition(node) ? roles[role++] : "";
        dc_buf_append_text(self->out, name);
        dc_explain_put_style(self, DC_EXPLAIN_PLAIN);
        dc_buf_append_text(margin, it->next ? branches->below : branches->nothing);
        put_node(self, it, characters_since(margin, 0) + strlen(name), margin);
        margin->len = margin_len;
    }
}

void dc_explain_put_tree(const dc_explain_page_t *self)
{
    const dc_syntax_node_t *root = self->explanation->syntax.root;
    bool has_definitions = root->kind == DC_SYNTAX_TEXT;
    dc_buf_t margin = { 0 };
    dc_buf_append_text(&margin, DC_EXPLAIN_INDENT);
    dc_explain_put_name(self, "tree");
    for (const dc_syntax_node_t *it = has_definitions ? root->first : root; it; it = it->next) {
        if (has_definitions && it != root->first) dc_buf_append_text(self->out, DC_EXPLAIN_INDENT);
        put_node(self, it, strlen(DC_EXPLAIN_INDENT), &margin);
    }
    dc_buf_fini(&margin);
}
