#include "tests/lib/tree_part.h"

#include <math.h>

typedef struct printer {
    const dc_tree_t *tree;
    dc_buf_t *out;
    bool with_variables;
} printer_t;

static void print(const printer_t *printer, const dc_tree_node_t *node, int power);

static void print_leaf(const printer_t *printer, const dc_tree_node_t *node, int power)
{
    const dc_value_t *leaf = &printer->tree->leaves[node->index];
    if (printer->with_variables && !printer->tree->is_constant[node->index]) {
        dc_buf_printf(printer->out, "v%zu", node->index);
        return;
    }
    // A negative constant is a sign and a number, which may need parentheses.
    bool needs = leaf->type == DC_TYPE_NUMBER && signbit(leaf->number) && power > 13;
    if (needs) dc_buf_append_char(printer->out, '(');
    dc_value_print(leaf, printer->out);
    if (needs) dc_buf_append_char(printer->out, ')');
}

static void print_call(const printer_t *printer, const dc_tree_node_t *node)
{
    if (node->kind == DC_TREE_LOCAL) {
        dc_buf_printf(printer->out, "f%zu", node->index);
    } else {
        dc_buf_append_text(printer->out, node->text);
    }
    dc_buf_append_char(printer->out, '(');
    for (size_t i = 0; i < node->child_count; i++) {
        if (i) dc_buf_append_text(printer->out, ", ");
        print(printer, node->children[i], 0);
    }
    dc_buf_append_char(printer->out, ')');
}

static void print_reduction(const printer_t *printer, const dc_tree_node_t *node)
{
    dc_buf_printf(printer->out, "%s(", node->text);
    print(printer, node->children[0], 0);
    dc_buf_printf(printer->out, ", k%zu, %g, %g", node->index, node->from, node->to);
    if (node->step != 1) dc_buf_printf(printer->out, ", %g", node->step);
    dc_buf_append_char(printer->out, ')');
}

static void print_binary(const printer_t *printer, const dc_tree_node_t *node)
{
    bool is_right = node->power == 14;
    bool is_chain = node->power == 7; // comparisons have no order among themselves
    print(printer, node->children[0], node->power + (is_right || is_chain));
    dc_buf_printf(printer->out, " %s ", node->text);
    print(printer, node->children[1], is_right ? 13 : node->power + 1);
}

static void print_open(const printer_t *printer, const dc_tree_node_t *node)
{
    switch (node->kind) {
    case DC_TREE_BINARY: print_binary(printer, node); break;
    case DC_TREE_UNARY:
        dc_buf_append_text(printer->out, node->text);
        print(printer, node->children[0], node->power);
        break;
    case DC_TREE_CONDITION:
        print(printer, node->children[0], 2);
        dc_buf_append_text(printer->out, " ? ");
        print(printer, node->children[1], 0);
        dc_buf_append_text(printer->out, " : ");
        print(printer, node->children[2], 1);
        break;
    case DC_TREE_COALESCE:
        print(printer, node->children[0], 3);
        dc_buf_append_text(printer->out, " ?? ");
        print(printer, node->children[1], 2);
        break;
    case DC_TREE_NULL_TEST:
        print(printer, node->children[0], 8);
        dc_buf_append_text(printer->out, " == null");
        break;
    case DC_TREE_PARAM: dc_buf_append_char(printer->out, node->index ? 'q' : 'p'); break;
    case DC_TREE_BOUND: dc_buf_printf(printer->out, "k%zu", node->index); break;
    case DC_TREE_NULL_LEAF: dc_buf_append_text(printer->out, "null"); break;
    case DC_TREE_REDUCE: print_reduction(printer, node); break;
    case DC_TREE_LEAF:
    case DC_TREE_CALL:
    case DC_TREE_LOCAL: print_call(printer, node); break;
    }
}

// A prefix operator may stand to the right of anything tighter, but what it takes in then is more
// than it should: parentheses tell.
static void print(const printer_t *printer, const dc_tree_node_t *node, int power)
{
    if (node->kind == DC_TREE_LEAF) {
        print_leaf(printer, node, power);
        return;
    }
    bool needs = node->power < power;
    if (needs) dc_buf_append_char(printer->out, '(');
    print_open(printer, node);
    if (needs) dc_buf_append_char(printer->out, ')');
}

void dc_tree_print(const dc_tree_t *self, bool with_variables, dc_buf_t *out)
{
    printer_t printer = { .tree = self, .out = out, .with_variables = with_variables };
    for (size_t i = 0; i < self->function_count; i++) {
        dc_buf_printf(out, "f%zu(p, q) = ", i);
        print(&printer, self->bodies[i], 0);
        dc_buf_append_text(out, "; ");
    }
    print(&printer, self->root, 0);
}
