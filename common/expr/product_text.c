// A product as text: FIRST+COUNT[FLAGS], then for each subtree from left to right, and for the leaf
// that is not whole, ;HIGH:LOW:EXPONENT. All numbers are in base 16, those of doubles their bits.
// The sizes of the subtrees follow from the indices.
#include <math.h>
#include <stdlib.h>

#include "common/expr/hex.h"
#include "common/expr/product.h"

// Indices stay so far below 2^64 that sums of them do not overflow.
#define INDEX_MAX    (UINT64_C(1) << 62)
#define EXPONENT_MAX (UINT64_C(1) << 60)

static void put_node(dc_product_node_t node, dc_buf_t *out)
{
    dc_buf_append_char(out, ';');
    dc_hex_put_double(out, node.high);
    dc_buf_append_char(out, ':');
    dc_hex_put_double(out, node.low);
    dc_buf_append_text(out, node.exponent < 0 ? ":-" : ":");
    dc_hex_put(out, (uint64_t)llabs(node.exponent));
}

void dc_product_put(const dc_product_t *self, dc_buf_t *out)
{
    dc_hex_put(out, self->first);
    dc_buf_append_char(out, '+');
    dc_hex_put(out, self->count);
    if (self->has_zero) dc_buf_append_char(out, 'z');
    if (self->has_inf) dc_buf_append_char(out, 'i');
    if (self->has_nan) dc_buf_append_char(out, 'n');
    for (size_t i = 0; i < self->node_count; i++) {
        put_node(self->nodes[i], out);
    }
    if (self->count % DC_PRODUCT_LEAF_TERMS) put_node(dc_product_open_leaf(self), out);
}

static bool take_double(dc_str_t *rest, double *number)
{
    if (!dc_hex_take_double(rest, number)) return false;
    bool is_minus_zero = *number == 0 && signbit(*number);
    return isfinite(*number) && !is_minus_zero;
}

static bool take_exponent(dc_str_t *rest, int64_t *exponent)
{
    bool is_negative = dc_str_take_char(rest, '-');
    uint64_t magnitude;
    if (!dc_hex_take(rest, &magnitude) || magnitude > EXPONENT_MAX) return false;
    *exponent = is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return !is_negative || magnitude > 0;
}

static bool take_node(dc_str_t *rest, dc_product_node_t *node)
{
    if (!dc_str_take_char(rest, ';') || !take_double(rest, &node->high)) return false;
    if (!dc_str_take_char(rest, ':') || !take_double(rest, &node->low)) return false;
    if (!dc_str_take_char(rest, ':') || !take_exponent(rest, &node->exponent)) return false;
    double magnitude = fabs(node->high);
    return magnitude >= 0.5 && magnitude < 1 && node->high + node->low == node->high;
}

static bool take_head(dc_str_t *rest, dc_product_t *self)
{
    uint64_t first;
    if (!dc_hex_take(rest, &first) || !dc_str_take_char(rest, '+')) return false;
    if (first > INDEX_MAX || first % DC_PRODUCT_LEAF_TERMS) return false;
    dc_product_init(self, first);
    if (!dc_hex_take(rest, &self->count) || self->count > INDEX_MAX) return false;
    self->has_zero = dc_str_take_char(rest, 'z');
    self->has_inf = dc_str_take_char(rest, 'i');
    self->has_nan = dc_str_take_char(rest, 'n');
    return true;
}

bool dc_product_get(dc_product_t *self, dc_str_t text)
{
    dc_product_t read;
    if (!take_head(&text, &read)) return false;
    uint64_t leaf = read.first / DC_PRODUCT_LEAF_TERMS;
    uint64_t end = leaf + read.count / DC_PRODUCT_LEAF_TERMS;
    while (leaf < end) {
        if (!take_node(&text, &read.nodes[read.node_count++])) return false;
        leaf += UINT64_C(1) << dc_product_level(leaf, end);
    }
    if (read.count % DC_PRODUCT_LEAF_TERMS) {
        dc_product_node_t node;
        if (!take_node(&text, &node)) return false;
        read.lane_high[0] = node.high;
        read.lane_low[0] = node.low;
        read.lanes_exponent = node.exponent;
    }
    if (text.len > 0) return false;
    *self = read;
    return true;
}
