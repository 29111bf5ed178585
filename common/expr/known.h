// known — which parts of a text had their value when it was translated, and which value.
#ifndef DC_COMMON_EXPR_KNOWN_H
#define DC_COMMON_EXPR_KNOWN_H

#include "common/expr/syntax.h"
#include "common/expr/translate.h"

// Mark in `syntax`, the tree of `source`, what was folded: the largest parts that are, not leaves.
// Each part that consists of constants is translated on its own to see whether it is one. Strings
// are copied to `arena`. What would take too long, in a text made for that, is left unmarked. False
// if memory is short.
DC_MUST_USE bool dc_known_mark(dc_syntax_t *syntax, const dc_expr_source_t *source,
                               dc_arena_t *arena);

#endif
