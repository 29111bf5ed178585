// terms — the values of a reduction's f, many at once.
//
// Every f that is evaluated for a reduction is evaluated here.
#ifndef DC_COMMON_EXPR_TERMS_H
#define DC_COMMON_EXPR_TERMS_H

#include "common/expr/lanes.h"
#include "common/expr/vm.h"
#include "common/limits.h"

// What has `count` places must have room for as many: blocks are read in groups of
// DC_LANES_STEP, whatever is there behind `count`.
#define DC_TERMS_ROOM(count) (((count) + DC_LANES_STEP - 1) / DC_LANES_STEP * DC_LANES_STEP)

// values[i] = f(x[i]) for i < count, count <= DC_BLOCK_ROWS; x has room as told above. The steps of
// all are charged before the first is evaluated. A fault is returned, that of the first x that has
// one; `*done` is how many were evaluated before it.
DC_MUST_USE dc_err_t dc_terms_evaluate(dc_vm_t *vm, const dc_reduction_t *reduction,
                                       const double *x, uint32_t count, double *values,
                                       uint32_t *done);

#endif
