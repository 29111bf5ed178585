#include "common/expr/parser.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/quote.h"

bool dc_complain(dc_parser_t *self, dc_err_t code, dc_span_t span, const char *format, ...)
{
    char message[DC_DIAG_MESSAGE_MAX + 64];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    dc_diag_set(self->diag, code, span.column, span.width, "%s", message);
    return false;
}

bool dc_complain_memory(dc_parser_t *self)
{
    return dc_complain(self, self->build.err, dc_token_span(&self->token), "%s",
                       dc_err_text(self->build.err));
}

// What was found, for the end of a sentence.
typedef struct found {
    char text[DC_QUOTE_BYTES_MAX + 32];
} found_t;

static found_t found(const dc_parser_t *self)
{
    found_t text;
    dc_quote_t quote = dc_quote(dc_parser_text(self, &self->token));
    if (self->token.kind == DC_TOKEN_END) {
        snprintf(text.text, sizeof text.text, "the expression ends here");
    } else if (self->token.kind == DC_TOKEN_STRING) {
        snprintf(text.text, sizeof text.text, "found the string %s", quote.text);
    } else {
        snprintf(text.text, sizeof text.text, "found '%s'", quote.text);
    }
    return text;
}

// What is found is `=` or `>`, as it is written elsewhere: to compare, and in another order.
static bool complain_comparison(dc_parser_t *self, const char *expected)
{
    dc_span_t span = dc_token_span(&self->token);
    const char *text = self->lexer.text;
    const char *instead = NULL;
    if (self->token.kind == DC_TOKEN_ASSIGN && self->before_end == 0) {
        return dc_complain(self, DC_ERR_SYNTAX, span, "an expression begins without '='");
    }
    if (self->token.kind == DC_TOKEN_ASSIGN) {
        char next = text[self->token.end]; // behind the end there are zeros
        instead = next == '>' ? ">=" : next == '<' ? "<=" : "==";
    } else if (span.column && text[span.column - 1] == '<') {
        instead = "!=";
    }
    if (!instead) {
        return dc_complain(self, DC_ERR_SYNTAX, span, "expected %s but %s", expected,
                           found(self).text);
    }
    return dc_complain(self, DC_ERR_SYNTAX, span, "expected %s but %s; to compare, write '%s'",
                       expected, found(self).text, instead);
}

// What a remainder lacks, where somebody meant a percentage.
static bool complain_percent(dc_parser_t *self, const char *expected)
{
    return dc_complain(self, DC_ERR_SYNTAX, dc_token_span(&self->token),
                       "expected %s but %s; '%%' is the remainder of a division, a percentage is "
                       "written x/100",
                       expected, found(self).text);
}

static bool is_behind_percent(const dc_parser_t *self)
{
    return self->before_end && self->lexer.text[self->before_end - 1] == '%';
}

bool dc_complain_expected(dc_parser_t *self, const char *expected)
{
    dc_span_t span = dc_token_span(&self->token);
    switch ((int)self->token.kind) {
    case DC_TOKEN_BAD: return false; // the lexer has told
    case DC_TOKEN_LBRACKET:
        return dc_complain(self, DC_ERR_SYNTAX, span, "lists are not available in this version");
    case DC_TOKEN_BITOR:
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "expected %s but found '|'; an absolute value is written abs(x)",
                           expected);
    case DC_TOKEN_ASSIGN:
    case DC_TOKEN_GT: return complain_comparison(self, expected);
    default:
        if (is_behind_percent(self)) return complain_percent(self, expected);
        return dc_complain(self, DC_ERR_SYNTAX, span, "expected %s but %s", expected,
                           found(self).text);
    }
}

// The text of the token before the next one: looked for from the beginning, as nobody else asks.
static dc_str_t text_before(const dc_parser_t *self)
{
    dc_diag_t ignored;
    dc_lexer_t lexer = self->lexer;
    lexer.at = lexer.text;
    lexer.diag = &ignored;
    dc_token_t before;
    dc_token_t token = { 0 };
    do {
        before = token;
        dc_lexer_next(&lexer, &token);
    } while (token.column < self->token.column);
    return dc_lexer_text(&lexer, &before);
}

// Is the name that is next that of a function, and nothing in parentheses behind it?
static bool is_infix(const dc_parser_t *self)
{
    dc_diag_t ignored;
    dc_lexer_t ahead = self->lexer;
    ahead.diag = &ignored;
    dc_token_t token;
    dc_lexer_next(&ahead, &token);
    return token.kind != DC_TOKEN_LPAREN &&
           dc_function_is_known(dc_parser_text(self, &self->token));
}

static bool is_in_capitals(dc_str_t name, dc_str_t word)
{
    bool is_it = name.len == word.len;
    for (size_t i = 0; is_it && i < word.len; i++) {
        is_it = (name.data[i] | 0x20) == word.data[i];
    }
    return is_it;
}

// Operators that are words, as they are written here; empty if `name` is none of them.
static dc_str_t word_of(dc_str_t name)
{
    static const char *const words[] = { "and", "or", "in" };
    for (size_t i = 0; i < DC_ARRAY_LEN(words); i++) {
        dc_str_t word = dc_str_from(words[i]);
        if (is_in_capitals(name, word)) return word;
    }
    return dc_str(NULL, 0);
}

// A name where an operator must stand that is meant as one: `5 mod 3`, `a AND b`. False if it is
// none; else it is told.
static bool complain_infix(dc_parser_t *self)
{
    dc_span_t span = dc_token_span(&self->token);
    dc_str_t name = dc_parser_text(self, &self->token);
    dc_quote_t quote = dc_quote(name);
    if (self->token.kind != DC_TOKEN_NAME) return false;
    dc_str_t word = word_of(name);
    if (word.len) {
        dc_complain(self, DC_ERR_SYNTAX, span, "expected an operator but found '%s'; write '%s'",
                    quote.text, dc_quote(word).text);
        return true;
    }
    if (!is_infix(self)) return false;
    dc_complain(self, DC_ERR_SYNTAX, span,
                "expected an operator but found '%s', which is a function; write %s(...)",
                quote.text, quote.text);
    return true;
}

// Two operands side by side, such as `2pi`.
static bool complain_product(dc_parser_t *self)
{
    if (complain_infix(self)) return false;
    dc_span_t span = dc_token_span(&self->token);
    dc_str_t left = text_before(self);
    dc_str_t right = dc_parser_text(self, &self->token);
    if (dc_str_eq(left, DC_STR(")"))) left = DC_STR("(...)");
    bool is_short = left.len && left.len + right.len <= DC_QUOTE_BYTES_MAX / 2;
    if (!is_short) {
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "expected an operator but %s; a product is written with '*'",
                           found(self).text);
    }
    return dc_complain(self, DC_ERR_SYNTAX, span,
                       "expected an operator but %s; a product is written %s*%s%s",
                       found(self).text, dc_quote(left).text, dc_quote(right).text,
                       self->token.kind == DC_TOKEN_LPAREN ? "...)" : "");
}

bool dc_complain_operator(dc_parser_t *self)
{
    dc_span_t span = dc_token_span(&self->token);
    switch ((int)self->token.kind) {
    case DC_TOKEN_NUMBER:
    case DC_TOKEN_LITERAL:
    case DC_TOKEN_NAME:
    case DC_TOKEN_BRACED:
    case DC_TOKEN_LPAREN: return complain_product(self);
    case DC_TOKEN_MATCH:
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "regular expressions are not available in this version");
    case DC_TOKEN_NOT:
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "expected an operator but %s; a factorial is written fact(n)",
                           found(self).text);
    case DC_TOKEN_COMMA:
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "expected an operator but found ','; decimals are written with a point");
    case DC_TOKEN_RPAREN:
        return dc_complain(self, DC_ERR_SYNTAX, span, "there is no '(' for this ')'");
    case DC_TOKEN_SEMICOLON:
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "only definitions, such as a = 2, stand before a ';'");
    default: return dc_complain_expected(self, "an operator");
    }
}

bool dc_complain_chain(dc_parser_t *self, const dc_operand_t *left, const dc_operand_t *middle)
{
    dc_span_t second = dc_token_span(&self->token);
    const char *text = self->lexer.text;
    dc_str_t parts = dc_str(text + left->column, middle->end - left->column);
    dc_str_t again = dc_str(text + middle->column, middle->end - middle->column);
    dc_str_t sign = dc_parser_text(self, &self->token);
    if (parts.len + again.len > DC_QUOTE_BYTES_MAX) {
        return dc_complain(self, DC_ERR_SYNTAX, second,
                           "comparisons do not chain; join two of them with '&&'");
    }
    dc_token_t token = self->token;
    dc_parser_advance(self);
    dc_str_t right = dc_parser_text(self, &self->token);
    bool is_end = self->token.kind == DC_TOKEN_END || self->token.kind == DC_TOKEN_BAD;
    self->token = token;
    return dc_complain(self, DC_ERR_SYNTAX, second,
                       "comparisons do not chain; write %s && %s %s %s", dc_quote(parts).text,
                       dc_quote(again).text, dc_quote(sign).text,
                       is_end ? "..." : dc_quote(right).text);
}

// --- wrong numbers of arguments ----------------------------------------------------------------

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

bool dc_complain_count(dc_parser_t *self, const dc_token_t *name, size_t min, size_t max,
                       size_t count)
{
    dc_quote_t text = dc_quote(dc_parser_text(self, name));
    dc_span_t span = dc_token_span(name);
    if (max == UINT8_MAX) {
        return dc_complain(self, DC_ERR_ARGUMENTS, span,
                           "'%s' takes at least %zu argument%s, not %zu", text.text, min,
                           plural(min), count);
    }
    if (max > min) {
        return dc_complain(self, DC_ERR_ARGUMENTS, span, "'%s' takes %zu %s %zu arguments, not %zu",
                           text.text, min, max == min + 1 ? "or" : "to", max, count);
    }
    return dc_complain(self, DC_ERR_ARGUMENTS, span, "'%s' takes %zu argument%s, not %zu",
                       text.text, min, plural(min), count);
}

// --- names that are not known ------------------------------------------------------------------

// Whether it reads as a name as it stands. What is not of ASCII is taken for letters.
static bool is_plain(dc_str_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool is_digit = c >= '0' && c <= '9';
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c & 0x80;
        if (!is_letter && (i == 0 || !is_digit)) return false;
    }
    return true;
}

static bool complain_unknown(dc_parser_t *self, dc_err_t code, const dc_token_t *token,
                             const char *what, dc_str_t name, dc_str_t best)
{
    dc_span_t span = dc_token_span(token);
    dc_quote_t quote = dc_quote(name);
    if (best.len == 0) {
        return dc_complain(self, code, span, "unknown %s '%s'", what, quote.text);
    }
    const char *braces[] = { is_plain(best) ? "" : "{", is_plain(best) ? "" : "}" };
    return dc_complain(self, code, span, "unknown %s '%s'; did you mean '%s%s%s'?", what,
                       quote.text, braces[0], dc_quote(best).text, braces[1]);
}

// Letters that stand for a constant elsewhere; empty for all others.
static dc_str_t constant_of_letter(dc_str_t name)
{
    static const struct {
        const char *letter;
        const char *constant;
    } letters[] = { { "π", "pi" }, { "τ", "tau" }, { "φ", "phi" }, { "ϕ", "phi" } };
    for (size_t i = 0; i < DC_ARRAY_LEN(letters); i++) {
        if (dc_str_eq(name, dc_str_from(letters[i].letter)))
            return dc_str_from(letters[i].constant);
    }
    return dc_str(NULL, 0);
}

bool dc_complain_name(dc_parser_t *self, const dc_token_t *token, dc_str_t name)
{
    dc_span_t span = dc_token_span(token);
    if (self->defining.len && dc_str_eq(self->defining, name)) {
        return dc_complain(self, DC_ERR_RECURSION, span,
                           "'%s' is used in its own definition; definitions cannot be recursive",
                           dc_quote(name).text);
    }
    if (dc_function_is_known(name) || dc_scope_find(self->scope, name, true)) {
        return dc_complain(self, DC_ERR_NAME, span, "'%s' is a function; write %s(...)",
                           dc_quote(name).text, dc_quote(name).text);
    }
    bool is_word;
    if (dc_constant_find(name, &is_word)) {
        return dc_complain(self, DC_ERR_NAME, span,
                           "no variable is called '%s'; the constant is written without braces",
                           dc_quote(name).text);
    }
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, name);
    dc_scope_suggest(self->scope, false, &suggest);
    const char *constant;
    for (size_t i = 0; (constant = dc_constant_name(i)); i++) {
        dc_suggest_offer(&suggest, dc_str_from(constant));
    }
    dc_scope_suggest(self->scope, true, &suggest);
    dc_function_suggest(&suggest);
    dc_str_t best = constant_of_letter(name);
    if (!best.len) best = dc_suggest_best(&suggest);
    return complain_unknown(self, DC_ERR_NAME, token, "name", name, best);
}

bool dc_complain_function(dc_parser_t *self, const dc_token_t *token)
{
    dc_str_t name = dc_parser_text(self, token);
    dc_span_t span = dc_token_span(token);
    bool is_word;
    if (self->defining.len && dc_str_eq(self->defining, name)) {
        return dc_complain(self, DC_ERR_RECURSION, span,
                           "'%s' is used in its own definition; definitions cannot be recursive",
                           dc_quote(name).text);
    }
    if (dc_scope_find(self->scope, name, false) || dc_constant_find(name, &is_word)) {
        return dc_complain(self, DC_ERR_FUNCTION, span,
                           "'%s' is not a function; a product is written %s*(...)",
                           dc_quote(name).text, dc_quote(name).text);
    }
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, name);
    dc_scope_suggest(self->scope, true, &suggest);
    dc_function_suggest(&suggest);
    return complain_unknown(self, DC_ERR_FUNCTION, token, "function", name,
                            dc_suggest_best(&suggest));
}
