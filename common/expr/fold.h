// fold — the result of an operation whose operands are known.
#ifndef DC_COMMON_EXPR_FOLD_H
#define DC_COMMON_EXPR_FOLD_H

#include "common/expr/code.h"

// Compute `op` (one that reads one or two registers and writes one; `b` is ignored if it reads
// one). New strings are put into `arena`. False if it is better done when the expression runs: a
// fault, which may stand on a side that is never chosen, or a number that is not finite, whose
// operator must be found again.
bool dc_fold(dc_op_t op, dc_reg_t a, dc_reg_t b, dc_arena_t *arena, dc_reg_t *result);

#endif
