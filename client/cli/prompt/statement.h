// statement — what a person types into a line of the prompt: expressions and definitions, parted by
// `;`.
//
//   rate = 0.19; f(x) = x * (1 + rate); f(100)     # a comment
//
// The tokens are the language's own (common/expr/lexer.h). What is wrong with a statement, the
// engine says better: here it is cut out, whole, and that is all. Pure.
#ifndef DC_CLIENT_CLI_PROMPT_STATEMENT_H
#define DC_CLIENT_CLI_PROMPT_STATEMENT_H

#include "common/buf.h"

typedef enum dc_statement_kind {
    DC_STATEMENT_VALUE,    // an expression, whose value is wanted
    DC_STATEMENT_VARIABLE, // name = expression
    DC_STATEMENT_FUNCTION, // name(x, y) = expression
} dc_statement_kind_t;

// All views are into the line.
typedef struct dc_statement {
    dc_statement_kind_t kind;
    dc_str_t text; // all of it, without blanks at either side
    dc_str_t name; // of a definition, without its braces
    dc_str_t body; // of a definition what stands behind the `=`, else all; may be empty
} dc_statement_t;

// Let bytes of 0 follow what is in `line`, as the lexer needs it; its length stays. A text that is
// given to the functions below is padded so.
void dc_statement_pad(dc_buf_t *line);

// Cut the next statement, from byte `*at` of `line` on, which is moved behind it. False if there
// are no more.
bool dc_statement_take(dc_str_t line, size_t *at, dc_statement_t *statement);

// Whether something is open at the end of `line` that another line may close: a parenthesis or a
// bracket.
bool dc_statement_is_open(dc_str_t line);

// What a text mentions.
typedef struct dc_mention {
    dc_str_t name; // without its braces
    bool is_call;  // it stands before a parenthesis
} dc_mention_t;

// The next name in `text`, from byte `*at` on, which is moved behind it. False if there
// are no more. Those that only the text itself knows, a sum's variable for one, are mentioned too.
bool dc_statement_next_mention(dc_str_t text, size_t *at, dc_mention_t *mention);

#endif
