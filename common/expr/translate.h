// translate — a text and the variables that are declared for it become code.
#ifndef DC_COMMON_EXPR_TRANSLATE_H
#define DC_COMMON_EXPR_TRANSLATE_H

#include "common/expr/code.h"
#include "common/expr/scope.h"

// What is to be translated; all borrowed.
typedef struct dc_expr_source {
    dc_str_t text; // that passes dc_translate_check
    const dc_var_t *vars;
    const dc_value_t *values; // constant values of the variables, or NULL: they come with each row
    size_t var_count;
    // For numbers that are wider than a double: none is folded, those of the text are listed here,
    // and `values` is NULL. For doubles NULL.
    dc_literals_t *literals;
} dc_expr_source_t;

// Is `text` short enough? Else DC_ERR_TOO_LONG, told in `diag`.
DC_MUST_USE dc_err_t dc_translate_check(dc_str_t text, dc_diag_t *diag);

// Translate `source`. `*code` is filled but for its arena and serial; its arrays are in `arena`,
// which is reset for it, save the list of variables: that is in `lasting`, reset too. Strings and
// names in code point to `arena` and to the source's variables and values. `scope` is where names
// are kept. A fault of the text is told in `diag` and returned.
DC_MUST_USE dc_err_t dc_translate(const dc_expr_source_t *source, dc_scope_t *scope,
                                  dc_arena_t *arena, dc_arena_t *lasting, dc_code_t *code,
                                  dc_diag_t *diag);

// Let `code`, which was translated into its own arena, own its variables as well, and tell in
// `vars`, which were declared for it, what is known of them: types by use, nullable, is_used. False
// if memory is short.
DC_MUST_USE bool dc_translate_keep(dc_code_t *code, dc_var_t *vars);

#endif
