// lexer — cuts an expression into tokens.
//
// Tokens point into the text by byte columns; nothing is copied. What is not part of the language
// (bytes that are not UTF-8, control bytes, a string without an end) gives a TOKEN_BAD, with the
// fault in the diagnosis that the lexer was given.
#ifndef DC_COMMON_EXPR_LEXER_H
#define DC_COMMON_EXPR_LEXER_H

#include "common/err.h"
#include "common/str.h"

typedef enum dc_token_kind {
    DC_TOKEN_END,
    DC_TOKEN_BAD,
    DC_TOKEN_NUMBER,
    DC_TOKEN_LITERAL, // likewise, for those who want its text, see dc_lexer_t
    DC_TOKEN_STRING,  // with its quotes
    DC_TOKEN_NAME,
    DC_TOKEN_BRACED, // {odd name}, with its braces
    DC_TOKEN_LPAREN,
    DC_TOKEN_RPAREN,
    DC_TOKEN_LBRACKET,
    DC_TOKEN_RBRACKET,
    DC_TOKEN_COMMA,
    DC_TOKEN_SEMICOLON,
    DC_TOKEN_COLON,
    DC_TOKEN_ASSIGN,
    DC_TOKEN_MATCH, // =~
    DC_TOKEN_QUESTION,
    DC_TOKEN_COALESCE, // ??
    DC_TOKEN_OR,
    DC_TOKEN_AND,
    DC_TOKEN_NOT,
    DC_TOKEN_EQ,
    DC_TOKEN_NE,
    DC_TOKEN_LT,
    DC_TOKEN_LE,
    DC_TOKEN_GT,
    DC_TOKEN_GE,
    DC_TOKEN_IN,
    DC_TOKEN_BITOR,
    DC_TOKEN_BITAND,
    DC_TOKEN_SHL,
    DC_TOKEN_SHR,
    DC_TOKEN_PLUS,
    DC_TOKEN_MINUS,
    DC_TOKEN_STAR,
    DC_TOKEN_SLASH,
    DC_TOKEN_PERCENT,
    DC_TOKEN_FLOORDIV,
    DC_TOKEN_TILDE,
    DC_TOKEN_POWER,
    DC_TOKEN_COUNT
} dc_token_kind_t;

// The kind stands between the columns so that no compiler reads these two, which were just written
// one by one, at once: that would wait until both have left the store buffer.
typedef struct dc_token {
    uint32_t column; // of its first byte, from 0
    dc_token_kind_t kind;
    uint32_t end;  // of the byte behind it
    double number; // of a NUMBER
} dc_token_t;

typedef struct dc_lexer {
    const char *text; // borrowed, like the diagnosis
    const char *at, *end;
    dc_diag_t *diag;
    dc_token_kind_t number_kind; // what numbers are: NUMBER, unless somebody makes it LITERAL
} dc_lexer_t;

// Behind the text come so many bytes that are 0: what reads ahead asks for the end once a token.
#define DC_LEXER_PADDING 16

// Start at the beginning of `text`, which is at most 4 GiB and padded.
void dc_lexer_init(dc_lexer_t *self, dc_str_t text, dc_diag_t *diag);

// Read the next token. Behind the last one END comes again and again; behind a BAD one nothing may
// be read.
void dc_lexer_next(dc_lexer_t *self, dc_token_t *token);

// The bytes of `token`.
static inline dc_str_t dc_lexer_text(const dc_lexer_t *self, const dc_token_t *token)
{
    return dc_str(self->text + token->column, token->end - token->column);
}

#endif
