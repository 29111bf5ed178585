#include "common/expr/lexer.h"

#include "common/expr/number.h"
#include "common/expr/short_number.h"
#include "common/quote.h"
#include "common/utf8.h"

// What a byte may begin. From DIGIT on it may also go on with what began before as a number.
enum {
    CONTROL,
    BLANK,
    SIGN, // an operator or a parenthesis
    QUOTE,
    BRACE,
    OTHER, // nothing
    DIGIT,
    LETTER,
    HIGH,  // a character that is not ASCII
    POINT, // a number or nothing
};

#define C CONTROL
#define B BLANK
#define D DIGIT
#define L LETTER
#define H HIGH
#define S SIGN
#define O OTHER
static const uint8_t classes[256] = {
    C, C, C,     C, C, C, C, C,     C, B, B, C,     C, B, C,     C, // controls; tab, line ends
    C, C, C,     C, C, C, C, C,     C, C, C, C,     C, C, C,     C, //
    B, S, QUOTE, O, O, S, S, QUOTE, S, S, S, S,     S, S, POINT, S, //  !"#$%&'()*+,-./
    D, D, D,     D, D, D, D, D,     D, D, S, S,     S, S, S,     S, // 0123456789:;<=>?
    O, L, L,     L, L, L, L, L,     L, L, L, L,     L, L, L,     L, // @ABCDEFGHIJKLMNO
    L, L, L,     L, L, L, L, L,     L, L, L, S,     O, S, S,     L, // PQRSTUVWXYZ[\]^_
    O, L, L,     L, L, L, L, L,     L, L, L, L,     L, L, L,     L, // `abcdefghijklmno
    L, L, L,     L, L, L, L, L,     L, L, L, BRACE, S, O, S,     C, // pqrstuvwxyz{|}~
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
    H, H, H,     H, H, H, H, H,     H, H, H, H,     H, H, H,     H, //
};
#undef C
#undef B
#undef D
#undef L
#undef H
#undef S
#undef O

static uint8_t class_of(char c)
{
    return classes[(unsigned char)c];
}

// Operators of one byte, and the first bytes of longer ones.
static const uint8_t signs[256] = {
    ['('] = DC_TOKEN_LPAREN,   [')'] = DC_TOKEN_RPAREN, ['['] = DC_TOKEN_LBRACKET,
    [']'] = DC_TOKEN_RBRACKET, [','] = DC_TOKEN_COMMA,  [';'] = DC_TOKEN_SEMICOLON,
    [':'] = DC_TOKEN_COLON,    ['='] = DC_TOKEN_ASSIGN, ['?'] = DC_TOKEN_QUESTION,
    ['|'] = DC_TOKEN_BITOR,    ['&'] = DC_TOKEN_BITAND, ['!'] = DC_TOKEN_NOT,
    ['<'] = DC_TOKEN_LT,       ['>'] = DC_TOKEN_GT,     ['+'] = DC_TOKEN_PLUS,
    ['-'] = DC_TOKEN_MINUS,    ['*'] = DC_TOKEN_STAR,   ['/'] = DC_TOKEN_SLASH,
    ['%'] = DC_TOKEN_PERCENT,  ['~'] = DC_TOKEN_TILDE,  ['^'] = DC_TOKEN_POWER,
};

// Second bytes of operators.
static const bool is_second[256] = {
    ['='] = true, ['~'] = true, ['?'] = true, ['|'] = true, ['&'] = true,
    ['<'] = true, ['>'] = true, ['*'] = true, ['/'] = true,
};

// Operators of two bytes.
static const struct {
    char text[2];
    uint8_t kind;
} pairs[] = {
    { "==", DC_TOKEN_EQ },  { "=~", DC_TOKEN_MATCH }, { "??", DC_TOKEN_COALESCE },
    { "||", DC_TOKEN_OR },  { "&&", DC_TOKEN_AND },   { "!=", DC_TOKEN_NE },
    { "<=", DC_TOKEN_LE },  { "<<", DC_TOKEN_SHL },   { ">=", DC_TOKEN_GE },
    { ">>", DC_TOKEN_SHR }, { "**", DC_TOKEN_POWER }, { "//", DC_TOKEN_FLOORDIV },
};

void dc_lexer_init(dc_lexer_t *self, dc_str_t text, dc_diag_t *diag)
{
    self->text = text.data;
    self->at = text.data;
    self->end = text.data + text.len;
    self->diag = diag;
    self->number_kind = DC_TOKEN_NUMBER;
}

static size_t column_of(const dc_lexer_t *self, const char *at)
{
    return (size_t)(at - self->text);
}

static dc_str_t rest_from(const dc_lexer_t *self, const char *at)
{
    return dc_str(at, (size_t)(self->end - at));
}

static const char *not_utf8(dc_lexer_t *self, const char *at)
{
    dc_diag_set(self->diag, DC_ERR_ENCODING, column_of(self, at), 1,
                "the byte 0x%02X is not part of valid UTF-8 text", (unsigned char)*at);
    return NULL;
}

static const char *control_byte(dc_lexer_t *self, const char *at, const char *where)
{
    dc_diag_set(self->diag, DC_ERR_SYNTAX, column_of(self, at), 1,
                "the control byte 0x%02X is not allowed%s", (unsigned char)*at, where);
    return NULL;
}

// The end of the character at `at`, NULL if it is not UTF-8.
static const char *skip_character(dc_lexer_t *self, const char *at)
{
    uint32_t character;
    size_t bytes = dc_utf8_decode(rest_from(self, at), &character);
    return bytes ? at + bytes : not_utf8(self, at);
}

// The end of the string that begins at `at`, behind its closing quote.
static const char *skip_string(dc_lexer_t *self, const char *at)
{
    const char *start = at;
    char quote = *at++;
    while (at < self->end && *at != quote) {
        if (*at == '\\' && at + 1 < self->end) at++;
        if (class_of(*at) == CONTROL || *at == '\n' || *at == '\r') {
            return control_byte(self, at, " in a string; write an escape such as \\n or \\u0000");
        }
        at = skip_character(self, at);
        if (!at) return NULL;
    }
    if (at < self->end) return at + 1;
    dc_diag_set(self->diag, DC_ERR_SYNTAX, column_of(self, start), (size_t)(self->end - start),
                "the string that begins here has no closing quote %c", quote);
    return NULL;
}

// The end of the name in braces that begins at `at`.
static const char *skip_braced(dc_lexer_t *self, const char *at)
{
    const char *start = at++;
    while (at < self->end && *at != '}') {
        if (class_of(*at) == CONTROL || *at == '\n' || *at == '\r') {
            return control_byte(self, at, " in a name");
        }
        at = skip_character(self, at);
        if (!at) return NULL;
    }
    if (at < self->end && at > start + 1) return at + 1;
    bool is_empty = at < self->end;
    dc_diag_set(self->diag, DC_ERR_SYNTAX, column_of(self, start), (size_t)(at - start) + is_empty,
                is_empty ? "there is no name between the braces"
                         : "the name that begins here has no closing brace }");
    return NULL;
}

// A character that looks like an operator, and what to write for it.
static const char *look_alike(uint32_t character)
{
    static const struct {
        uint32_t character;
        const char *text;
    } table[] = {
        { 0x00D7, "*" },  { 0x00B7, "*" },      { 0x22C5, "*" },   { 0x2217, "*" },
        { 0x00F7, "/" },  { 0x2212, "-" },      { 0x2013, "-" },   { 0x2014, "-" },
        { 0x2264, "<=" }, { 0x2265, ">=" },     { 0x2260, "!=" },  { 0x00B2, "^2" },
        { 0x00B3, "^3" }, { 0x221A, "sqrt()" }, { 0x221E, "inf" }, { 0x2018, "'" },
        { 0x2019, "'" },  { 0x201C, "\"" },     { 0x201D, "\"" },  { 0x201E, "\"" },
        { 0x00AB, "\"" }, { 0x00BB, "\"" },     { 0x00A0, " " },   { 0x202F, " " },
        { 0x3000, " " },
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(table); i++) {
        if (table[i].character == character) return table[i].text;
    }
    return NULL;
}

static const char *unknown_character(dc_lexer_t *self, const char *at, uint32_t character,
                                     size_t bytes)
{
    dc_quote_t quote = dc_quote(dc_str(at, bytes));
    const char *instead = look_alike(character);
    if (character == '#') {
        dc_diag_set(self->diag, DC_ERR_SYNTAX, column_of(self, at), bytes,
                    "an expression has no '#'; comments are for sheets (--from sheet) and the "
                    "prompt");
    } else if (instead) {
        dc_diag_set(self->diag, DC_ERR_SYNTAX, column_of(self, at), bytes,
                    "the character '%s' is not part of the language; write '%s'", quote.text,
                    instead);
    } else {
        dc_diag_set(self->diag, DC_ERR_SYNTAX, column_of(self, at), bytes,
                    "the character '%s' is not part of the language", quote.text);
    }
    return NULL;
}

// The end of the name that goes on at `at`, NULL at bytes that are not UTF-8.
static const char *skip_name(dc_lexer_t *self, const char *at)
{
    while (at < self->end) {
        uint8_t class = class_of(*at);
        if (class == HIGH) {
            uint32_t character;
            size_t bytes = dc_utf8_decode(rest_from(self, at), &character);
            if (bytes == 0) return not_utf8(self, at);
            if (!dc_utf8_is_letter(character)) return at;
            at += bytes;
        } else if (class == LETTER || class == DIGIT) {
            at++;
        } else {
            return at;
        }
    }
    return at;
}

static const char *read_high(dc_lexer_t *self, const char *at)
{
    uint32_t character;
    size_t bytes = dc_utf8_decode(rest_from(self, at), &character);
    if (bytes == 0) return not_utf8(self, at);
    if (!dc_utf8_is_letter(character)) return unknown_character(self, at, character, bytes);
    return skip_name(self, at);
}

// Operators that are words.
static dc_token_kind_t word_kind(const char *at, size_t len)
{
    if (len == 2 && at[0] == 'o' && at[1] == 'r') return DC_TOKEN_OR;
    if (len == 2 && at[0] == 'i' && at[1] == 'n') return DC_TOKEN_IN;
    if (len == 3 && memcmp(at, "and", 3) == 0) return DC_TOKEN_AND;
    if (len == 3 && memcmp(at, "not", 3) == 0) return DC_TOKEN_NOT;
    return DC_TOKEN_NAME;
}

static const char *read_number(dc_lexer_t *self, const char *at, dc_token_t *token)
{
    size_t bytes = dc_number_read(rest_from(self, at), &token->number);
    const char *end = at + bytes;
    bool is_cut = end < self->end && (*end == '.' || class_of(*end) == DIGIT || *end == '_');
    // `0x` without digits reads as 0 and a name.
    bool is_prefix = bytes == 1 && *at == '0' && end < self->end && strchr("xXbBoO", *end);
    if (bytes && !is_cut && !is_prefix) return end;
    while (end < self->end && (class_of(*end) <= LETTER || *end == '.') &&
           class_of(*end) >= DIGIT) {
        end++;
    }
    if (end == at) end++;
    dc_quote_t quote = dc_quote(dc_str(at, (size_t)(end - at)));
    dc_diag_set(self->diag, DC_ERR_SYNTAX, column_of(self, at), (size_t)(end - at),
                "'%s' is not a number as it can be written here", quote.text);
    return NULL;
}

// The operator at `at`, of two bytes if there is one.
static const char *read_sign(const char *at, dc_token_t *token)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(pairs); i++) {
        if (pairs[i].text[0] != at[0] || pairs[i].text[1] != at[1]) continue;
        token->kind = (dc_token_kind_t)pairs[i].kind;
        return at + 2;
    }
    token->kind = (dc_token_kind_t)signs[(unsigned char)*at];
    return at + 1;
}

// The end of the token at `at`, whose kind is set; NULL if there is none.
static const char *read_token(dc_lexer_t *self, const char *at, dc_token_t *token)
{
    switch (class_of(*at)) {
    case SIGN: return read_sign(at, token);
    case DIGIT:
    case POINT: token->kind = self->number_kind; return read_number(self, at, token);
    case LETTER: {
        const char *end = skip_name(self, at + 1);
        if (end) token->kind = word_kind(at, (size_t)(end - at));
        return end;
    }
    case HIGH: token->kind = DC_TOKEN_NAME; return read_high(self, at);
    case QUOTE: token->kind = DC_TOKEN_STRING; return skip_string(self, at);
    case BRACE: token->kind = DC_TOKEN_BRACED; return skip_braced(self, at);
    case CONTROL: return control_byte(self, at, "");
    default: return unknown_character(self, at, (unsigned char)*at, 1);
    }
}

// What is rare, or needs the end of the text. Not inlined: the common way needs few registers.
static __attribute__((noinline)) void read_rest(dc_lexer_t *self, const char *at, dc_token_t *token)
{
    const char *end = at;
    if (at == self->end) {
        token->kind = DC_TOKEN_END;
    } else {
        end = read_token(self, at, token);
    }
    if (!end) {
        token->kind = DC_TOKEN_BAD;
        end = at;
    }
    token->end = (uint32_t)(end - self->text);
    self->at = end;
}

void dc_lexer_next(dc_lexer_t *self, dc_token_t *token)
{
    const char *at = self->at;
    while (class_of(*at) == BLANK) {
        at++;
    }
    const char *end = at;
    uint8_t sign = signs[(unsigned char)*at];
    token->column = (uint32_t)(at - self->text);
    if (sign) {
        token->kind = (dc_token_kind_t)sign;
        if (!is_second[(unsigned char)at[1]]) end = at + 1;
    } else if (class_of(*at) == DIGIT) {
        token->kind = self->number_kind;
        const char *behind = dc_short_number_read(at, &token->number);
        if (behind && class_of(*behind) < DIGIT) end = behind;
    }
    if (end == at) {
        read_rest(self, at, token);
        return;
    }
    token->end = (uint32_t)(end - self->text);
    self->at = end;
}
