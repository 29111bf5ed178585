#include "common/expr/syntax.h"

#include "common/expr/parser.h"

// What is in the midst of being read.
typedef struct reader {
    dc_syntax_t *syntax;
    dc_arena_t *arena;
    dc_lexer_t lexer;
    dc_token_t token;    // the one that is next
    uint32_t before_end; // of the token before it
    dc_diag_t ignored;
} reader_t;

// Functions that return a node return NULL if memory is short, or the text is none that translates.
static dc_syntax_node_t *read_expression(reader_t *self, dc_power_t power);

static void advance(reader_t *self)
{
    self->before_end = self->token.end;
    if (self->token.kind != DC_TOKEN_BAD) dc_lexer_next(&self->lexer, &self->token);
}

static bool skip(reader_t *self, dc_token_kind_t kind)
{
    if (self->token.kind != kind) return false;
    advance(self);
    return true;
}

// --- nodes -------------------------------------------------------------------------------------

// A node for the token that is next, which is passed.
static dc_syntax_node_t *new_node(reader_t *self, dc_syntax_kind_t kind)
{
    dc_syntax_node_t *node = dc_arena_alloc(self->arena, 1, sizeof *node);
    if (!node) return NULL;
    dc_span_t mark = dc_token_span(&self->token);
    *node = (dc_syntax_node_t){ .kind = kind,
                                .label = dc_lexer_text(&self->lexer, &self->token),
                                .span = mark,
                                .mark = mark,
                                .height = 1 };
    self->syntax->at[mark.column] = node;
    advance(self);
    return node;
}

static void cut(dc_syntax_node_t *node)
{
    node->is_cut = node->first != NULL;
    node->first = node->last = NULL;
    node->height = 1;
}

// Let the text of `node` cover that of `child`.
static void cover(dc_syntax_node_t *node, const dc_syntax_node_t *child)
{
    dc_span_t a = node->span;
    dc_span_t b = child->span;
    uint32_t column = a.column < b.column ? a.column : b.column;
    uint32_t a_end = a.column + a.width;
    uint32_t b_end = b.column + b.width;
    node->span = (dc_span_t){ column, (a_end > b_end ? a_end : b_end) - column };
}

// Append `child`; false if one of the two is NULL.
static bool append(dc_syntax_node_t *node, dc_syntax_node_t *child)
{
    if (!node || !child) return false;
    if (child->height >= DC_SYNTAX_HEIGHT_MAX - 1) cut(child);
    if (node->height <= child->height) node->height = child->height + 1;
    *(node->last ? &node->last->next : &node->first) = child;
    node->last = child;
    cover(node, child);
    return true;
}

// Let the text of `node` go from `column` to the end of the token before the next.
static void widen(const reader_t *self, dc_syntax_node_t *node, uint32_t column)
{
    node->span = (dc_span_t){ column, self->before_end - column };
}

// --- operands ----------------------------------------------------------------------------------

static dc_syntax_node_t *read_parentheses(reader_t *self)
{
    uint32_t column = self->token.column;
    advance(self);
    dc_syntax_node_t *node = read_expression(self, DC_POWER_ANY);
    if (!node || !skip(self, DC_TOKEN_RPAREN)) return NULL;
    widen(self, node, column);
    return node;
}

static dc_syntax_node_t *read_prefix(reader_t *self)
{
    dc_power_t power = self->token.kind == DC_TOKEN_NOT ? DC_POWER_NOT : DC_POWER_PREFIX;
    dc_syntax_node_t *node = new_node(self, DC_SYNTAX_OPERATOR);
    return node && append(node, read_expression(self, power)) ? node : NULL;
}

// Read arguments up to the closing parenthesis.
static bool read_arguments(reader_t *self, dc_syntax_node_t *call)
{
    while (self->token.kind != DC_TOKEN_RPAREN) {
        if (!append(call, read_expression(self, DC_POWER_ANY))) return false;
        if (!skip(self, DC_TOKEN_COMMA)) break;
    }
    if (!skip(self, DC_TOKEN_RPAREN)) return false;
    widen(self, call, call->mark.column);
    return true;
}

static dc_syntax_node_t *read_name(reader_t *self)
{
    dc_syntax_node_t *node = new_node(self, DC_SYNTAX_NAME);
    if (!node || !skip(self, DC_TOKEN_LPAREN)) return node;
    node->kind = DC_SYNTAX_CALL;
    return read_arguments(self, node) ? node : NULL;
}

static dc_syntax_node_t *read_operand(reader_t *self)
{
    switch ((int)self->token.kind) {
    case DC_TOKEN_NUMBER:
    case DC_TOKEN_STRING: return new_node(self, DC_SYNTAX_LITERAL);
    case DC_TOKEN_NAME: return read_name(self);
    case DC_TOKEN_BRACED: return new_node(self, DC_SYNTAX_NAME);
    case DC_TOKEN_LPAREN: return read_parentheses(self);
    case DC_TOKEN_PLUS:
    case DC_TOKEN_MINUS:
    case DC_TOKEN_TILDE:
    case DC_TOKEN_NOT: return read_prefix(self);
    default: return NULL;
    }
}

// --- operators ---------------------------------------------------------------------------------

// Behind `left`: the operator that is next, and what follows it.
static dc_syntax_node_t *read_operator(reader_t *self, dc_power_t right, dc_syntax_node_t *left)
{
    bool is_condition = self->token.kind == DC_TOKEN_QUESTION;
    dc_syntax_node_t *node = new_node(self, DC_SYNTAX_OPERATOR);
    if (!append(node, left)) return NULL;
    if (is_condition) {
        node->label = DC_STR("?:");
        if (!append(node, read_expression(self, DC_POWER_ANY))) return NULL;
        if (!skip(self, DC_TOKEN_COLON)) return NULL;
    }
    return append(node, read_expression(self, right)) ? node : NULL;
}

static dc_syntax_node_t *read_expression(reader_t *self, dc_power_t power)
{
    dc_syntax_node_t *node = read_operand(self);
    while (node) {
        dc_power_t right;
        dc_power_t left = dc_operator_power(self->token.kind, &right);
        if (left < power || left == DC_POWER_NONE) break;
        node = read_operator(self, right, node);
    }
    return node;
}

// --- definitions -------------------------------------------------------------------------------

// `head` stood before the `=` that is next: `name`, or what looked like the call of a function.
static dc_syntax_node_t *read_definition(reader_t *self, dc_syntax_node_t *head)
{
    head->kind = head->kind == DC_SYNTAX_CALL ? DC_SYNTAX_FUNCTION : DC_SYNTAX_LOCAL;
    advance(self);
    if (!append(head, read_expression(self, DC_POWER_ANY))) return NULL;
    return skip(self, DC_TOKEN_SEMICOLON) ? head : NULL;
}

static dc_syntax_node_t *read_text(reader_t *self)
{
    dc_syntax_node_t *text = NULL;
    for (;;) {
        dc_syntax_node_t *node = read_expression(self, DC_POWER_ANY);
        bool is_definition = node && self->token.kind == DC_TOKEN_ASSIGN;
        if (is_definition) node = read_definition(self, node);
        if (!node || (!is_definition && !text)) return node;
        if (!text) {
            text = dc_arena_alloc(self->arena, 1, sizeof *text);
            if (text) *text = (dc_syntax_node_t){ .kind = DC_SYNTAX_TEXT, .height = 1 };
        }
        if (!append(text, node)) return NULL;
        if (!is_definition) return text;
    }
}

// --- the whole ---------------------------------------------------------------------------------

// A copy of `text` as the lexer wants it.
static bool copy_text(dc_syntax_t *self, dc_str_t text, dc_arena_t *arena)
{
    char *room = dc_arena_alloc(arena, text.len + DC_LEXER_PADDING, 1);
    self->at = dc_arena_alloc(arena, text.len + 1, sizeof(dc_syntax_node_t *));
    if (!room || !self->at) return false;
    if (text.len) memcpy(room, text.data, text.len);
    memset(room + text.len, 0, DC_LEXER_PADDING);
    for (size_t i = 0; i <= text.len; i++) {
        self->at[i] = NULL;
    }
    self->text = dc_str(room, text.len);
    return true;
}

bool dc_syntax_read(dc_syntax_t *self, dc_str_t text, dc_arena_t *arena)
{
    reader_t reader = { .syntax = self, .arena = arena };
    if (!copy_text(self, text, arena)) return false;
    dc_lexer_init(&reader.lexer, self->text, &reader.ignored);
    dc_lexer_next(&reader.lexer, &reader.token);
    self->root = read_text(&reader);
    return self->root && reader.token.kind == DC_TOKEN_END;
}

dc_str_t dc_syntax_text_at(const dc_syntax_t *self, dc_span_t span)
{
    if (span.column > self->text.len || span.width > self->text.len - span.column)
        return DC_STR("");
    const dc_syntax_node_t *node = self->at[span.column];
    if (node && node->mark.width == span.width) span = node->span;
    return dc_str(self->text.data + span.column, span.width);
}
