// What is said of an expression: its tree, what of it was folded, its cost, its code, its parts.
#include <stdlib.h>

#include "common/expr/explanation.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/tree.h"

#define LOOPS          20
#define TREES_PER_LOOP 200

static dc_explanation_t explanation;
static dc_diag_t diag;
static dc_buf_t out;

static dc_var_t vars[] = { { .name = { "x", 1 } },
                           { .name = { "n", 1 }, .nullable = true },
                           { .name = { "s", 1 }, .type = DC_VAR_STRING } };
static const bool varies[] = { true, true, true };

static void teardown(void)
{
    dc_explanation_fini(&explanation);
    dc_buf_fini(&out);
}

static dc_err_t explain(const char *text)
{
    dc_expr_source_t source = { .text = dc_str_from(text),
                                .vars = vars,
                                .var_count = DC_ARRAY_LEN(vars) };
    dc_explanation_fini(&explanation);
    out.len = 0;
    return dc_explanation_init(&explanation, &source, varies, &diag);
}

static dc_literals_t literals;

static dc_err_t explain_wide(const char *text)
{
    dc_expr_source_t source = { .text = dc_str_from(text),
                                .vars = vars,
                                .var_count = DC_ARRAY_LEN(vars),
                                .literals = &literals };
    dc_explanation_fini(&explanation);
    out.len = 0;
    literals = (dc_literals_t){ 0 };
    return dc_explanation_init(&explanation, &source, varies, &diag);
}

static const char *said(void)
{
    dc_buf_append_char(&out, '\0');
    return out.data;
}

// --- the tree ----------------------------------------------------------------------------------

// Append the tree as a list in parentheses; what was folded as TEXT=VALUE.
static void put_tree(const dc_syntax_node_t *node, bool has_folded)
{
    if (has_folded && node->is_folded) {
        dc_buf_append(&out, explanation.syntax.text.data + node->span.column, node->span.width);
        dc_buf_append_char(&out, '=');
        dc_value_print(&node->value, &out);
        return;
    }
    bool is_leaf = !node->first && node->kind != DC_SYNTAX_CALL;
    if (!is_leaf) dc_buf_append_char(&out, '(');
    dc_buf_append_str(&out, node->label);
    if (node->is_cut) dc_buf_append_text(&out, "...");
    for (const dc_syntax_node_t *it = node->first; it; it = it->next) {
        dc_buf_append_char(&out, ' ');
        put_tree(it, has_folded);
    }
    if (!is_leaf) dc_buf_append_char(&out, ')');
}

typedef struct tree_case {
    const char *text, *tree;
} tree_case_t;

static const tree_case_t trees[] = {
    { "x", "x" },
    { "1+2*x", "(+ 1 (* 2 x))" },
    { "(1+2)*x", "(* (+ 1 2) x)" },
    { "1-2-x", "(- (- 1 2) x)" },
    { "2^3^x", "(^ 2 (^ 3 x))" },
    { "-2^x", "(- (^ 2 x))" },
    { "2^-x", "(^ 2 (- x))" },
    { "!x == true", "(! (== x true))" },
    { "x > 1 and not x > 2 or false", "(or (and (> x 1) (not (> x 2))) false)" },
    { "x > 0 ? 1 : x < 0 ? 2 : 3", "(?: (> x 0) 1 (?: (< x 0) 2 3))" },
    { "n ?? x ?? 1", "(?? n (?? x 1))" },
    { "if(x > 0, hypot(x, 1), {x})", "(if (> x 0) (hypot x 1) {x})" },
    { "1 | 2 & 3 << x", "(| 1 (& 2 (<< 3 x)))" },
    { "r = 2; f(a, b) = a*b; f(r, x)", "( (r 2) (f a b (* a b)) (f r x))" },
    { "sum(k*x, k, 1, 10)", "(sum (* k x) k 1 10)" },
    { " s + 'a' == \"x\" ", "(== (+ s 'a') \"x\")" },
};

START_TEST(operators_stand_over_their_operands)
{
    const tree_case_t *it = &trees[_i];
    dc_err_t err = explain(it->text);
    ck_assert_msg(!err, "%s: %s", it->text, diag.message);
    put_tree(explanation.syntax.root, false);
    ck_assert_str_eq(said(), it->tree);
}
END_TEST

// A chain of operators is as deep as it is long: the tree is not.
START_TEST(what_lies_too_deep_is_cut_off)
{
    char text[20000] = "x";
    for (size_t i = 1; i + 1 < sizeof text; i += 2) {
        memcpy(text + i, i % 4 == 1 ? "+x" : "-x", 2);
    }
    text[19999] = '\0';
    ck_assert_int_eq(explain(text), DC_OK);
    ck_assert_uint_le(explanation.syntax.root->height, DC_SYNTAX_HEIGHT_MAX);
    put_tree(explanation.syntax.root, false);
    ck_assert_ptr_nonnull(strstr(said(), "..."));
}
END_TEST

START_TEST(nested_parentheses_are_no_deeper)
{
    char text[2 * DC_EXPR_DEPTH_MAX + 2];
    memset(text, '(', DC_EXPR_DEPTH_MAX);
    text[DC_EXPR_DEPTH_MAX] = 'x';
    memset(text + DC_EXPR_DEPTH_MAX + 1, ')', DC_EXPR_DEPTH_MAX);
    text[2 * DC_EXPR_DEPTH_MAX + 1] = '\0';
    ck_assert_int_eq(explain(text), DC_OK);
    put_tree(explanation.syntax.root, false);
    ck_assert_str_eq(said(), "x");
}
END_TEST

// Append the tree as an expression, with parentheses around all operators.
static void put_expression(const dc_syntax_node_t *node)
{
    bool is_operator = node->kind == DC_SYNTAX_OPERATOR;
    bool is_condition = is_operator && dc_str_eq(node->label, DC_STR("?:"));
    bool is_prefix = is_operator && node->first == node->last;
    bool is_leaf = node->kind == DC_SYNTAX_LITERAL || node->kind == DC_SYNTAX_NAME;
    if (!is_operator) dc_buf_append_str(&out, node->label);
    if (!is_leaf) dc_buf_append_char(&out, '(');
    if (is_prefix) dc_buf_append_str(&out, node->label);
    for (const dc_syntax_node_t *it = node->first; it; it = it->next) {
        dc_str_t between = is_condition ? DC_STR("?") : is_operator ? node->label : DC_STR(",");
        if (is_condition && it == node->last) between = DC_STR(":");
        dc_buf_append_char(&out, ' ');
        if (it != node->first) dc_buf_append_str(&out, between);
        dc_buf_append_char(&out, ' ');
        put_expression(it);
    }
    if (!is_leaf) dc_buf_append_char(&out, ')');
}

static void put_definition(const dc_syntax_node_t *node)
{
    dc_buf_append_str(&out, node->label);
    for (const dc_syntax_node_t *it = node->first; it != node->last; it = it->next) {
        dc_buf_append_text(&out, it == node->first ? "(" : ", ");
        dc_buf_append_str(&out, it->label);
    }
    if (node->first != node->last) dc_buf_append_char(&out, ')');
    dc_buf_append_text(&out, " = ");
    put_expression(node->last);
    dc_buf_append_text(&out, "; ");
}

static void put_text(const dc_syntax_node_t *root)
{
    bool has_definitions = root->kind == DC_SYNTAX_TEXT;
    for (const dc_syntax_node_t *it = root->first; has_definitions && it->next; it = it->next) {
        put_definition(it);
    }
    put_expression(has_definitions ? root->last : root);
}

static dc_err_t evaluate(dc_engine_t *engine, dc_str_t text, dc_budget_t *budget, dc_buf_t *result)
{
    dc_value_t value;
    dc_diag_t fault;
    dc_err_t err = dc_engine_eval(engine, text, NULL, NULL, 0, (dc_eval_options_t){ .ieee = true },
                                  budget, &value, &fault);
    result->len = 0;
    if (err) {
        dc_buf_append_text(result, dc_err_name(err));
    } else {
        dc_value_print(&value, result);
    }
    dc_buf_append_char(result, '\0');
    return err;
}

// One expression made at random: its tree, written down again, means the same, and it takes the
// steps that were foretold.
static void check_random(dc_engine_t *engine, uint64_t seed, size_t *exact_count)
{
    dc_tree_t tree;
    dc_buf_t text = { 0 };
    dc_buf_t expected = { 0 };
    dc_buf_t result = { 0 };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_tree_init(&tree, seed);
    dc_tree_print(&tree, false, &text);
    dc_buf_append_char(&text, '\0');
    ck_assert_int_eq(explain(text.data), DC_OK);
    dc_err_t err = evaluate(engine, dc_str_from(text.data), &budget, &expected);
    double steps = (double)budget.steps_used;
    if (!err) {
        ck_assert_msg(explanation.steps_min <= steps, "%.0f > %.0f: %s", explanation.steps_min,
                      steps, text.data);
        bool is_met = !explanation.is_exact || explanation.steps_min >= steps;
        ck_assert_msg(is_met, "%.0f < %.0f: %s", explanation.steps_min, steps, text.data);
        *exact_count += explanation.is_exact;
    }
    put_text(explanation.syntax.root);
    evaluate(engine, dc_buf_str(&out), &budget, &result);
    ck_assert_msg(strcmp(result.data, expected.data) == 0, "%s is %s, but %s is %s", text.data,
                  expected.data, said(), result.data);
    dc_buf_fini(&text);
    dc_buf_fini(&expected);
    dc_buf_fini(&result);
    dc_tree_fini(&tree);
}

START_TEST(tree_and_cost_are_those_of_the_engine)
{
    dc_engine_t *engine = dc_engine_new();
    size_t exact_count = 0;
    for (uint64_t i = 0; i < TREES_PER_LOOP; i++) {
        check_random(engine, (uint64_t)_i * TREES_PER_LOOP + i, &exact_count);
    }
    ck_assert_uint_gt(exact_count, TREES_PER_LOOP / 10);
    dc_engine_destroy(&engine);
}
END_TEST

static void put_listed(dc_listed_t listed)
{
    switch (listed.kind) {
    case DC_LISTED_REGISTER: dc_buf_append_char(&out, '%'); break;
    case DC_LISTED_NAME: dc_buf_append_str(&out, listed.name); break;
    case DC_LISTED_CONSTANT: dc_value_print(&listed.value, &out); break;
    }
}

// Append the code, one instruction after the other.
static void put_code(void)
{
    dc_listing_t listing;
    dc_listing_line_t line;
    ck_assert(
        dc_listing_init(&listing, &explanation.code, &explanation.syntax, &explanation.arena));
    while (dc_listing_next(&listing, &line)) {
        dc_buf_printf(&out, "%s", line.op);
        if (line.callee.len) dc_buf_printf(&out, " %.*s", (int)line.callee.len, line.callee.data);
        for (uint32_t i = 0; i < line.operand_count; i++) {
            dc_buf_append_char(&out, ' ');
            put_listed(dc_listing_operand(&listing, &line, i));
        }
        if (line.has_target) dc_buf_printf(&out, " ->%u", line.target);
        dc_buf_printf(&out, " '%.*s'; ", (int)line.text.len, line.text.data);
    }
}

// Texts that are damaged: whatever translates is explained, and nothing else.
START_TEST(what_does_not_translate_is_not_explained)
{
    static const char bytes[] = "()+-*/^?:;=,{}'\" .0123456789xkfpq\n\x80";
    dc_engine_t *engine = dc_engine_new();
    dc_buf_t text = { 0 };
    srandom((unsigned)_i + 1);
    for (size_t round = 0; round < TREES_PER_LOOP; round++) {
        dc_tree_t tree;
        dc_tree_init(&tree, (uint64_t)_i * TREES_PER_LOOP + round);
        text.len = 0;
        dc_tree_print(&tree, false, &text);
        dc_tree_fini(&tree);
        for (long damage = random() % 4; damage >= 0; damage--) {
            text.data[(size_t)random() % text.len] = bytes[(size_t)random() % (sizeof bytes - 1)];
        }
        dc_buf_append_char(&text, '\0');
        dc_var_t declared[] = { vars[0], vars[1], vars[2] };
        dc_code_t *code = NULL;
        dc_diag_t fault;
        dc_err_t err = dc_engine_compile(engine, dc_str_from(text.data), declared,
                                         DC_ARRAY_LEN(declared), &code, &fault);
        dc_code_destroy(&code);
        ck_assert_msg(explain(text.data) == err, "%s: %s", text.data, diag.message);
        if (err) continue;
        dc_split_t split;
        put_code();
        for (uint32_t i = 0; i < explanation.code.reduction_count; i++) {
            if (dc_explanation_split(&explanation, i, &split)) ck_assert(split.text.len);
        }
    }
    dc_buf_fini(&text);
    dc_engine_destroy(&engine);
}
END_TEST

// --- what was folded ---------------------------------------------------------------------------

static const tree_case_t folded[] = {
    { "2*pi*x", "(* 2*pi=6.283185307179586 x)" },
    { "x*2*pi", "(* (* x 2) pi)" },
    { "x + (2+3)*4", "(+ x (2+3)*4=20)" },
    { "sqrt(2) + x", "(+ sqrt(2)=1.4142135623730951 x)" },
    { "x > 0 ? 1+1 : 2+2", "(?: (> x 0) 1+1=2 2+2=4)" },
    { "'a' + 'b' == s", "(== 'a' + 'b'=\"ab\" s)" },
    { "1/0 + x", "(+ (/ 1 0) x)" }, // not finite: found by running
    { "1/0 + 2*3", "(+ (/ 1 0) 2*3=6)" },
    { "max(1,2,3,4,5,6,7,8,9) + x", "(+ (max 1 2 3 4 5 6 7 8 9) x)" }, // too many arguments
    { "r = 2*3; r*r*x", "( (r 2*3=6) (* r*r=36 x))" },
    { "r = x; r*r", "( (r x) (* r r))" },
    { "r = 1/0; r*2", "( (r (/ 1 0)) (* r 2))" },
    { "f(e) = e*2 + 2*e; f(1)", "( (f e (+ (* e 2) (* 2 e))) (f 1))" }, // a parameter
    { "f(a) = a + 2*e; f(1)", "( (f a (+ a 2*e=5.43656365691809)) (f 1))" },
    { "sum(e*2, e, 1, 2*5)", "(sum (* e 2) e 1 2*5=10)" }, // bound by the reduction
    { "sum(e*2, e, 1, 9) + e*2", "(+ (sum (* e 2) e 1 9) e*2=5.43656365691809)" },
    { "true ? 2*x : 3", "(?: true (* 2 x) 3)" },
};

START_TEST(what_was_folded_has_its_value)
{
    ck_assert_int_eq(explain(folded[_i].text), DC_OK);
    put_tree(explanation.syntax.root, true);
    ck_assert_str_eq(said(), folded[_i].tree);
}
END_TEST

START_TEST(constants_of_the_caller_are_folded)
{
    dc_var_t let = { .name = DC_STR("k"), .type = DC_VAR_NUMBER };
    dc_value_t three = { .type = DC_TYPE_NUMBER, .number = 3 };
    dc_expr_source_t source = {
        .text = DC_STR("k*k + 1/0"), .vars = &let, .values = &three, .var_count = 1
    };
    ck_assert_int_eq(dc_explanation_init(&explanation, &source, NULL, &diag), DC_OK);
    out.len = 0;
    put_tree(explanation.syntax.root, true);
    ck_assert_str_eq(said(), "(+ k*k=9 (/ 1 0))");
}
END_TEST

// --- types and faults --------------------------------------------------------------------------

START_TEST(types_follow_from_use)
{
    ck_assert_int_eq(explain("n ?? x > 1"), DC_OK);
    ck_assert_int_eq(explanation.code.type, DC_TYPE_BOOL);
    ck_assert(explanation.code.variables[1].is_used && explanation.code.variables[1].nullable);
    ck_assert_int_eq(explanation.code.variables[1].type, DC_TYPE_BOOL);
    ck_assert_int_eq(explanation.code.variables[0].type, DC_TYPE_NUMBER);
    ck_assert(!explanation.code.variables[2].is_used);
}
END_TEST

START_TEST(text_in_error_is_not_explained)
{
    ck_assert_int_eq(explain("1 + * x"), DC_ERR_SYNTAX);
    ck_assert_uint_eq(diag.column, 4);
    ck_assert_int_eq(explain(""), DC_ERR_EMPTY);
    char text[DC_EXPR_BYTES_MAX + 2];
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(explain(text), DC_ERR_TOO_LONG);
}
END_TEST

// --- cost --------------------------------------------------------------------------------------

typedef struct cost_case {
    const char *text;
    double steps;
    bool is_exact;
    int block_ops; // -1: not in blocks
} cost_case_t;

static const cost_case_t costs[] = {
    { "1+2*3", 2, true, -1 },
    { "2*3*x", 2, true, 1 },
    { "x > 0 ? x : -x", 5, true, 3 }, // all of it is charged, whichever side is chosen
    { "f(a) = a*a; f(x) + 1", 6, true, 1 },
    { "f(a) = a*a; x > 0 ? f(x) : 0", 8, false, 5 },  // the call comes on top
    { "f(a) = a > 0 ? a : 0; f(x)", 6, false, 3 },    // at least what all rows take
    { "s + 'a' == 'b' ? 1 : 0", 6, false, -1 },       // and what its length takes
    { "sum(k*k, k, 1, 1000)", 2002, true, -1 },       //
    { "sum(k*k, k, 1, x)", 2, false, -1 },            // not known before it runs
    { "any(k > 10, k, 1, 1000000)", 514, false, -1 }, // may end in its first block
    { "sum(sum(j, j, 1, 10), k, 1, 100)", 1302, true, -1 },
};

START_TEST(cost_is_known_before_it_runs)
{
    const cost_case_t *it = &costs[_i];
    ck_assert_int_eq(explain(it->text), DC_OK);
    ck_assert_double_eq(explanation.steps_min, it->steps);
    ck_assert_int_eq(explanation.is_exact, it->is_exact);
    ck_assert_int_eq(explanation.has_blocks ? (int)explanation.block_ops : -1, it->block_ops);
}
END_TEST

// --- code --------------------------------------------------------------------------------------

static const tree_case_t codes[] = {
    { "1+1", "" },
    { "true ? 1 : sum(k, k, 1, 9)", "" },
    { "2*x+1", "mul 2 x '2*x'; add % 1 '2*x+1'; end % '2*x+1'; " },
    { "x > 0 ? true : false", "gt x 0 'x > 0'; jump-false % ->4 ''; move true ''; jump ->5 ''; "
                              "move false ''; end % 'x > 0 ? true : false'; " },
    { "x > 0 ? 'a' : s", "gt x 0 'x > 0'; jump-false % ->4 ''; move \"a\" ''; jump ->5 ''; "
                         "move s ''; end % 'x > 0 ? 'a' : s'; " },
    { "s == 'a' ? 1 : n ?? 2", "eq-string s \"a\" 's == 'a''; jump-false % ->4 ''; move 1 ''; "
                               "jump ->8 ''; move n ''; jump-value % ->7 ''; move 2 ''; "
                               "move % ''; end % 's == 'a' ? 1 : n ?? 2'; " },
    { "max(x,1,2,3)*2", "max x 1 2 3 'max(x,1,2,3)'; mul % 2 'max(x,1,2,3)*2'; "
                        "end % 'max(x,1,2,3)*2'; " },
    { "f(a, b) = b ? a : 'c'; f('d', x > 1)",
      "jump ->6 ''; jump-false b ->4 ''; move a ''; jump ->5 ''; move \"c\" ''; "
      "return % 'b ? a : 'c''; gt x 1 'x > 1'; call f \"d\" % 'f('d', x > 1)'; "
      "end % 'f('d', x > 1)'; " },
    { "sum(k*x, k, 1, 10, 2)", "jump ->3 ''; mul k x 'k*x'; yield % 'k*x'; "
                               "sum k 1 10 2 ->1 'sum(k*x, k, 1, 10, 2)'; "
                               "end % 'sum(k*x, k, 1, 10, 2)'; " },
    { "x + null", "fault-null 'null'; add x % 'x + null'; end % 'x + null'; " },
    { "x < inf", "literal inf 'inf'; lt x % 'x < inf'; end % 'x < inf'; " },
};

START_TEST(code_is_listed_with_its_text)
{
    ck_assert_int_eq(explain(codes[_i].text), DC_OK);
    put_code();
    ck_assert_str_eq(said(), codes[_i].tree);
}
END_TEST

// Numbers are as they are written; nothing is folded, and what they take depends on how long they
// are.
START_TEST(wide_code_is_listed_with_its_digits)
{
    ck_assert_int_eq(explain_wide("0.10*x + 1/3 + pi"), DC_OK);
    put_code();
    ck_assert_str_eq(said(), "mul 0.10 x '0.10*x'; div 1 3 '1/3'; add % % '0.10*x + 1/3'; "
                             "add % pi '0.10*x + 1/3 + pi'; end % '0.10*x + 1/3 + pi'; ");
    ck_assert(!explanation.is_exact);
    ck_assert(!explanation.has_blocks);
}
END_TEST

START_TEST(wide_reductions_are_not_split)
{
    dc_split_t split;
    ck_assert_int_eq(explain_wide("sum(k*k*k + x, k, 1, 1e9)"), DC_OK);
    ck_assert_uint_eq(explanation.code.reduction_count, 1);
    ck_assert(!dc_explanation_split(&explanation, 0, &split));
}
END_TEST

// --- split -------------------------------------------------------------------------------------

typedef struct split_case {
    const char *text;
    uint32_t index;
    bool is_split, is_known, is_at_once;
    uint64_t terms, part_terms, part_count;
} split_case_t;

static const split_case_t splits[] = {
    { "sum(k, k, 1, 1)", 0, true, true, false, 1, 1, 1 },
    { "sum(k, k, 1, 0)", 0, true, true, false, 0, 0, 1 },
    { "sum(k, k, 1, 64)", 0, true, true, false, 64, 1, 64 },
    { "sum(k, k, 1, 65)", 0, true, true, false, 65, 2, 33 },
    { "sum(1/k^2, k, 1, 1e9)", 0, true, true, true, 1000000000, 16777216, 60 },
    { "sum(k, k, 1, 1e8)", 0, true, true, true, 100000000, 2097152, 48 },
    { "sum(k, k, 1, 1e8-1)", 0, true, true, false, 99999999, 2097152, 48 },
    { "any(k < 0, k, 1, 1e9)", 0, true, true, false, 1000000000, 1000000000, 1 },
    { "prod(k, k, 1, 256)", 0, true, true, false, 256, 256, 1 },
    { "prod(k, k, 1, 1e4)", 0, true, true, false, 10000, 256, 40 },
    { "mean(k, k, 0, 1, 0.1)", 0, true, true, false, 11, 1, 11 },
    { "sum(k, k, 1, x)", 0, true, false, false, 0, 0, 0 },
    { "sum(k, k, 1, 1e18)", 0, true, false, false, 0, 0, 0 },
    { "sum(k, k, 1, 9, 0)", 0, true, false, false, 0, 0, 0 },
    { "true ? x : sum(k, k, 1, 9)", 0, false, false, false, 0, 0, 0 }, // never computed
    { "integrate(k, k, 0, 1)", 0, true, false, false, 0, 0, 0 },
    { "sum(sum(j, j, 1, k), k, 1, 1000)", 0, false, false, false, 0, 0, 0 }, // a part of the next
    { "any(sum(j, j, 1, 100) > k, k, 1, 9)", 0, true, true, false, 100, 2, 50 }, // split by itself
    { "integrate(sum(j*x, j, 1, 100), x, 0, 1)", 0, true, true, false, 100, 2, 50 },
    { "sum(sum(j, j, 1, k), k, 1, 1000)", 1, true, true, false, 1000, 16, 63 },
};

START_TEST(ranges_are_cut_into_64_parts_at_most)
{
    const split_case_t *it = &splits[_i];
    dc_split_t split;
    ck_assert_int_eq(explain(it->text), DC_OK);
    ck_assert_int_eq(dc_explanation_split(&explanation, it->index, &split), it->is_split);
    if (!it->is_split) return;
    ck_assert_int_eq(split.is_known, it->is_known);
    ck_assert_uint_eq(split.range.count, it->terms);
    ck_assert_uint_eq(split.part_terms, it->part_terms);
    ck_assert_uint_eq(split.part_count, it->part_count);
    ck_assert_int_eq(split.is_at_once, it->is_at_once);
}
END_TEST

START_TEST(terms_run_in_blocks_where_they_can)
{
    dc_split_t split;
    ck_assert_int_eq(explain("sum(k*k*k + x, k, 1, 10)"), DC_OK);
    ck_assert(dc_explanation_split(&explanation, 0, &split));
    ck_assert(split.has_blocks && split.block_ops == 2);
    ck_assert_int_eq(explain("sum(k, k, 1, 10)"), DC_OK);
    ck_assert(dc_explanation_split(&explanation, 0, &split));
    ck_assert(split.has_blocks && split.block_ops == 0);
    ck_assert_int_eq(explain("sum(number(string(k)), k, 1, 10)"), DC_OK);
    ck_assert(dc_explanation_split(&explanation, 0, &split));
    ck_assert(!split.has_blocks);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("explanation");
    TCase *tcase = tcase_create("explanation");
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, operators_stand_over_their_operands, 0, DC_ARRAY_LEN(trees));
    tcase_add_test(tcase, what_lies_too_deep_is_cut_off);
    tcase_add_test(tcase, nested_parentheses_are_no_deeper);
    tcase_add_loop_test(tcase, tree_and_cost_are_those_of_the_engine, 0, LOOPS);
    tcase_add_loop_test(tcase, what_does_not_translate_is_not_explained, 0, LOOPS);
    tcase_add_loop_test(tcase, what_was_folded_has_its_value, 0, DC_ARRAY_LEN(folded));
    tcase_add_test(tcase, constants_of_the_caller_are_folded);
    tcase_add_test(tcase, types_follow_from_use);
    tcase_add_test(tcase, text_in_error_is_not_explained);
    tcase_add_loop_test(tcase, cost_is_known_before_it_runs, 0, DC_ARRAY_LEN(costs));
    tcase_add_loop_test(tcase, code_is_listed_with_its_text, 0, DC_ARRAY_LEN(codes));
    tcase_add_test(tcase, wide_code_is_listed_with_its_digits);
    tcase_add_test(tcase, wide_reductions_are_not_split);
    tcase_add_loop_test(tcase, ranges_are_cut_into_64_parts_at_most, 0, DC_ARRAY_LEN(splits));
    tcase_add_test(tcase, terms_run_in_blocks_where_they_can);
    suite_add_tcase(suite, tcase);
    return suite;
}
