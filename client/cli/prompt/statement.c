#include "client/cli/prompt/statement.h"

#include "common/expr/lexer.h"

void dc_statement_pad(dc_buf_t *line)
{
    if (dc_buf_reserve(line, DC_LEXER_PADDING)) {
        memset(line->data + line->len, 0, DC_LEXER_PADDING);
    }
}

// Columns of tokens count from `at` on. The diagnosis is for nobody.
static dc_lexer_t lexer_at(dc_str_t line, size_t at, dc_diag_t *ignored)
{
    dc_lexer_t lexer;
    dc_lexer_init(&lexer, dc_str_behind(line, at), ignored);
    return lexer;
}

static bool is_last(dc_token_kind_t kind)
{
    return kind == DC_TOKEN_END || kind == DC_TOKEN_BAD;
}

static dc_str_t name_of(dc_str_t text, const dc_token_t *token)
{
    bool is_braced = token->kind == DC_TOKEN_BRACED;
    return dc_str(text.data + token->column + is_braced,
                  token->end - token->column - (is_braced ? 2 : 0));
}

// --- cutting -----------------------------------------------------------------------------------

// Where the statement that begins `text` ends, and in `*next` where another may begin. What the
// lexer cannot read is the rest of it, unless that is a comment.
static size_t find_end(dc_str_t text, size_t *next)
{
    dc_diag_t ignored;
    dc_lexer_t lexer = lexer_at(text, 0, &ignored);
    dc_token_t token;
    do {
        dc_lexer_next(&lexer, &token);
    } while (!is_last(token.kind) && token.kind != DC_TOKEN_SEMICOLON);
    bool is_comment = token.kind == DC_TOKEN_BAD && text.data[token.column] == '#';
    *next = token.kind == DC_TOKEN_SEMICOLON ? token.end : text.len;
    return token.kind == DC_TOKEN_SEMICOLON || is_comment ? token.column : text.len;
}

// Read `(x, y)` behind its parenthesis: a list of names, which may be empty, since the engine has
// the words to say that it may not. False if it is none.
static bool skip_params(dc_lexer_t *lexer)
{
    dc_token_t token;
    do {
        dc_lexer_next(lexer, &token);
        if (token.kind == DC_TOKEN_RPAREN) return true;
        if (token.kind != DC_TOKEN_NAME) return false;
        dc_lexer_next(lexer, &token);
    } while (token.kind == DC_TOKEN_COMMA);
    return token.kind == DC_TOKEN_RPAREN;
}

// As common/expr/definitions.c tells definitions from expressions. The statement's text is there;
// behind it stands what ends it, so that nothing is read beyond.
static void tell_kind(dc_statement_t *self)
{
    dc_diag_t ignored;
    dc_lexer_t lexer = lexer_at(self->text, 0, &ignored);
    dc_token_t name, token;
    self->kind = DC_STATEMENT_VALUE;
    self->body = self->text;
    dc_lexer_next(&lexer, &name);
    if (name.kind != DC_TOKEN_NAME && name.kind != DC_TOKEN_BRACED) return;
    dc_lexer_next(&lexer, &token);
    bool is_function = token.kind == DC_TOKEN_LPAREN;
    if (is_function && !skip_params(&lexer)) return;
    if (is_function) dc_lexer_next(&lexer, &token);
    if (token.kind != DC_TOKEN_ASSIGN) return;
    self->kind = is_function ? DC_STATEMENT_FUNCTION : DC_STATEMENT_VARIABLE;
    self->name = name_of(self->text, &name);
    self->body = dc_str_trim(dc_str_behind(self->text, token.end));
}

bool dc_statement_take(dc_str_t line, size_t *at, dc_statement_t *statement)
{
    *statement = (dc_statement_t){ .text = { 0 } };
    while (*at < line.len && statement->text.len == 0) {
        size_t next;
        dc_str_t rest = dc_str_behind(line, *at);
        statement->text = dc_str_trim(dc_str(rest.data, find_end(rest, &next)));
        *at += next;
    }
    if (statement->text.len) tell_kind(statement);
    return statement->text.len > 0;
}

bool dc_statement_is_open(dc_str_t line)
{
    dc_diag_t ignored;
    dc_lexer_t lexer = lexer_at(line, 0, &ignored);
    dc_token_t token;
    size_t depth = 0;
    for (dc_lexer_next(&lexer, &token); !is_last(token.kind); dc_lexer_next(&lexer, &token)) {
        bool opens = token.kind == DC_TOKEN_LPAREN || token.kind == DC_TOKEN_LBRACKET;
        bool closes = token.kind == DC_TOKEN_RPAREN || token.kind == DC_TOKEN_RBRACKET;
        if (closes && depth == 0) return false;
        depth = depth + opens - closes;
    }
    bool is_read = token.kind == DC_TOKEN_END || line.data[token.column] == '#';
    return depth > 0 && is_read;
}

// --- names -------------------------------------------------------------------------------------

bool dc_statement_next_mention(dc_str_t text, size_t *at, dc_mention_t *mention)
{
    dc_diag_t ignored;
    dc_str_t rest = dc_str_behind(text, *at);
    dc_lexer_t lexer = lexer_at(text, *at, &ignored);
    dc_token_t token, next;
    do {
        dc_lexer_next(&lexer, &token);
        if (is_last(token.kind)) return false;
    } while (token.kind != DC_TOKEN_NAME && token.kind != DC_TOKEN_BRACED);
    mention->name = name_of(rest, &token);
    dc_lexer_next(&lexer, &next);
    mention->is_call = next.kind == DC_TOKEN_LPAREN;
    *at += token.end;
    return true;
}
