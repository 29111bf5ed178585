// partial — a reduction over some consecutive terms of its range, which may stop and go on.
//
// It begins at any term (of a product, at a leaf: see product.h), takes the values of the terms in
// order, is merged with the one that begins where it ends, and at the end tells the result.
// Wherever the range was split, and whoever computed the parts, the result has the same bits. As
// text a partial travels from one worker to another; one that was read is merged, and takes no
// terms.
#ifndef DC_COMMON_EXPR_PARTIAL_H
#define DC_COMMON_EXPR_PARTIAL_H

#include "common/expr/exact.h"
#include "common/expr/product.h"
#include "common/expr/range.h"
#include "common/expr/reduction.h"

// No term of the partial is the one that is asked for.
#define DC_PARTIAL_NONE UINT64_MAX

typedef struct dc_partial {
    dc_reduce_t kind;     // SUM .. ARGMAX
    uint64_t first, next; // the terms that were taken, half-open
    uint64_t strange;     // the first term that is not finite, or NONE
    uint64_t chosen; // of ANY, ALL the first that decided, of LEAST .. ARGMAX the extreme; or NONE
    uint64_t hits;   // of COUNT: how many were true
    double extreme;  // of LEAST .. ARGMAX: the value of the chosen term
    union {
        dc_exact_t sum; // of SUM, MEAN
        dc_product_t product;
    };
} dc_partial_t;

// Begin at term `first`.
void dc_partial_init(dc_partial_t *self, dc_reduce_t kind, uint64_t first);

// Take the terms [next, next + count), of these values.
void dc_partial_add(dc_partial_t *self, const double *values, uint32_t count);

// Is it known, whatever follows?
bool dc_partial_is_decided(const dc_partial_t *self);

// Take over what `next` knows, which is of the same kind. False, and nothing has changed, if it
// does not begin where this one ends.
DC_MUST_USE bool dc_partial_merge(dc_partial_t *self, const dc_partial_t *next);

// The result over all of `range`. DC_ERR_NO_TERMS if there are none and the reduction needs some.
DC_MUST_USE dc_err_t dc_partial_finish(const dc_partial_t *self, const dc_number_range_t *range,
                                       double *result);

// Append it as text: no blank, comma or newline. Read such a text; false on anything else, then
// `self` is unchanged.
void dc_partial_put(const dc_partial_t *self, dc_buf_t *out);
DC_MUST_USE bool dc_partial_get(dc_partial_t *self, dc_str_t text);

#endif
