// product — the product of many doubles, with 100 bits and no overflow on the way.
//
// Terms have an index, counted from 0 over the whole range. Each DC_PRODUCT_LEAF_TERMS of them are
// a leaf, and leaves are multiplied in pairs, these again, and so on: a tree that follows from the
// indices alone. A part of the range that begins at a leaf is kept as the whole subtrees in it, so
// however a range was split at leaves, merging the parts in order gives the same bits as one go.
//
// A number is a double and its rest times a power of two, so a product of n terms errs by some
// n * 2^-100, and is then rounded once. Terms that are zero or not finite are remembered beside it.
// The object owns nothing and may be copied. Cost: some 2.5 cycles a term where whole leaves of
// normal numbers come at once, some 30 otherwise.
#ifndef DC_COMMON_EXPR_PRODUCT_H
#define DC_COMMON_EXPR_PRODUCT_H

#include "common/buf.h"
#include "common/limits.h"
#include "common/str.h"

#define DC_PRODUCT_LEAF_TERMS DC_BLOCK_ROWS

// Term i of a leaf belongs to lane i % 16: these can be multiplied at the same time.
#define DC_PRODUCT_LANES 16

// A range of 64-bit indices is at most two subtrees of each size, of 2^8 to 2^63 terms.
#define DC_PRODUCT_NODES_MAX 112

// (high + low) * 2^exponent, where 1/2 <= |high| < 1 and |low| is at most half of high's last
// place.
typedef struct dc_product_node {
    double high, low;
    int64_t exponent; // beyond +-2^60 it is that
} dc_product_node_t;

typedef struct dc_product {
    uint64_t first;                                // index of the first term; begins a leaf
    uint64_t count;                                // how many terms it has
    dc_product_node_t nodes[DC_PRODUCT_NODES_MAX]; // whole subtrees, the largest there are
    size_t node_count;
    double lane_high[DC_PRODUCT_LANES]; // the leaf that has begun, all 1 if none has
    double lane_low[DC_PRODUCT_LANES];
    int64_t lanes_exponent;
    bool has_zero, has_inf, has_nan; // which other terms there were; the numbers have their signs
} dc_product_t;

// Make it the product of no terms from index `first` on, a multiple of DC_PRODUCT_LEAF_TERMS.
void dc_product_init(dc_product_t *self, uint64_t first);

// Multiply by the next `count` terms.
void dc_product_add_many(dc_product_t *self, const double *x, size_t count);

// Append the terms of `next`. False if it does not begin where `self` ends; nothing has changed
// then.
DC_MUST_USE bool dc_product_merge(dc_product_t *self, const dc_product_t *next);

// The product as a double: of no terms 1. As IEEE 754 says, it is NaN if a term is or if 0 and inf
// were multiplied, and zero and inf have the sign of the product.
double dc_product_round(const dc_product_t *self);

// The terms behind the last whole leaf as one number, 1 if there are none.
dc_product_node_t dc_product_open_leaf(const dc_product_t *self);

// Append the product as text: indices, and for each subtree its bits in base 16 (at most 57 bytes,
// and there are some 20 for 10^9 terms). No blank, comma or newline. Equal products have equal
// texts.
void dc_product_put(const dc_product_t *self, dc_buf_t *out);

// Read such a text. False if it is anything else; `self` is then unchanged. Terms can be added only
// if those in the text end with a leaf; other parts are merged with what stands before them.
DC_MUST_USE bool dc_product_get(dc_product_t *self, dc_str_t text);

// The number of leaves in the largest subtree that begins with leaf `leaf` and ends before `end`,
// as a power of two. `leaf` < `end`.
unsigned dc_product_level(uint64_t leaf, uint64_t end);

#endif
