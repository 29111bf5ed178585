// syntax — an expression as a tree, for whoever wants to look at it.
//
// The engine itself makes code in one pass and has no tree (parser.h). This one is read from the
// text alone, with the engine's tokens and its table of operators. It knows no types and checks
// nothing: the text is one that was translated without a fault.
//
// A tree is at most DC_SYNTAX_HEIGHT_MAX nodes high, so that it can be walked by recursion: what
// lies deeper is cut off, and the node above says so.
#ifndef DC_COMMON_EXPR_SYNTAX_H
#define DC_COMMON_EXPR_SYNTAX_H

#include "common/expr/code.h"

#define DC_SYNTAX_HEIGHT_MAX 100

typedef enum dc_syntax_kind {
    DC_SYNTAX_LITERAL,  // a number or a string
    DC_SYNTAX_NAME,     // of a variable, a parameter, a constant
    DC_SYNTAX_OPERATOR, // and its operands; a condition has three
    DC_SYNTAX_CALL,     // of a function, and its arguments
    DC_SYNTAX_LOCAL,    // `name =`, and what it is
    DC_SYNTAX_FUNCTION, // `f(x) =`: its parameters, and last its body
    DC_SYNTAX_TEXT,     // definitions, and last the expression
} dc_syntax_kind_t;

typedef struct dc_syntax_node {
    dc_syntax_kind_t kind;
    dc_str_t label; // the operator (`?:` of a condition), the name or the literal, as it is written
    dc_span_t span; // all of its text
    dc_span_t mark; // the operator or the name: where its instruction has its fault
    uint32_t height; // of a leaf: 1
    bool is_cut;     // there was more below it
    bool is_folded;  // its value was known while reading; for who explains, see known.h
    dc_value_t value;
    struct dc_syntax_node *first, *last; // children
    struct dc_syntax_node *next;         // the next child of the same node
} dc_syntax_node_t;

typedef struct dc_syntax {
    dc_str_t text;          // a copy
    dc_syntax_node_t *root; // a TEXT if there are definitions, else the expression
    dc_syntax_node_t **at;  // [column]: the node whose mark begins there, or NULL
} dc_syntax_t;

// Read `text`, which can be translated, into a tree that lives in `arena`. False if memory is
// short.
DC_MUST_USE bool dc_syntax_read(dc_syntax_t *self, dc_str_t text, dc_arena_t *arena);

// The text of what has its fault at `span`: all of the operator's or the call's.
dc_str_t dc_syntax_text_at(const dc_syntax_t *self, dc_span_t span);

#endif
