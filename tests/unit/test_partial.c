// Reductions over parts of a range: wherever it is split, the result is the same to the bit; and
// texts of parts, of which any may be hostile.
#include <math.h>

#include "common/expr/partial.h"
#include "common/limits.h"
#include "tests/lib/main.h"

#define TERMS 2000

static double values[TERMS];
static const dc_number_range_t range = { .first = 10, .step = 0.5, .count = TERMS };

// Terms of many sizes and both signs; for bools about one in a hundred is false.
static void fill(dc_reduce_t kind)
{
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < TERMS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        double fraction = (double)(state >> 11) * 0x1p-53;
        values[i] = ldexp(fraction - 0.5, (int)(state % 41) - 20);
        if (kind == DC_REDUCE_PROD) values[i] = 1 + values[i] * 1e-9;
        if (dc_reduce_infos[kind].of_bools) values[i] = state % 100 != 0;
    }
}

static void add(dc_partial_t *partial, uint64_t end)
{
    while (partial->next < end) {
        uint32_t count = (uint32_t)dc_min_u64(end - partial->next, 100);
        dc_partial_add(partial, values + partial->next, count);
    }
}

static dc_partial_t part(dc_reduce_t kind, uint64_t first, uint64_t end)
{
    dc_partial_t partial;
    dc_partial_init(&partial, kind, first);
    add(&partial, end);
    return partial;
}

static double finish(const dc_partial_t *partial)
{
    double result = 0;
    ck_assert_int_eq(dc_partial_finish(partial, &range, &result), DC_OK);
    return result;
}

static void check_same(const dc_partial_t *a, const dc_partial_t *b)
{
    double x = finish(a);
    double y = finish(b);
    ck_assert_mem_eq(&x, &y, sizeof x);
    ck_assert_uint_eq(a->strange, b->strange);
    ck_assert_uint_eq(a->chosen, b->chosen);
}

// The same part, by way of its text.
static dc_partial_t travel(const dc_partial_t *partial)
{
    dc_buf_t text = { 0 };
    dc_partial_put(partial, &text);
    for (size_t i = 0; i < text.len; i++) {
        ck_assert_msg(text.data[i] > ' ' && text.data[i] < 0x7F && text.data[i] != ',',
                      "byte %zu of %.*s", i, (int)text.len, text.data);
    }
    dc_partial_t got;
    ck_assert(dc_partial_get(&got, dc_buf_str(&text)));
    dc_buf_fini(&text);
    return got;
}

static void check_splits(dc_reduce_t kind)
{
    dc_partial_t whole = part(kind, 0, TERMS);
    for (uint64_t border = 0; border <= TERMS; border += DC_BLOCK_ROWS) {
        dc_partial_t left = part(kind, 0, border);
        dc_partial_t right = part(kind, border, TERMS);
        left = travel(&left);
        right = travel(&right);
        ck_assert(dc_partial_merge(&left, &right));
        check_same(&whole, &left);
        for (uint64_t second = border; second <= TERMS; second += DC_BLOCK_ROWS) {
            dc_partial_t first = part(kind, 0, border);
            dc_partial_t middle = part(kind, border, second);
            dc_partial_t last = part(kind, second, TERMS);
            ck_assert(dc_partial_merge(&middle, &last));
            ck_assert(dc_partial_merge(&first, &middle));
            check_same(&whole, &first);
        }
    }
}

START_TEST(splits_do_not_show)
{
    fill((dc_reduce_t)_i);
    check_splits((dc_reduce_t)_i);
}
END_TEST

START_TEST(splits_do_not_show_where_terms_are_strange)
{
    fill((dc_reduce_t)_i);
    if (dc_reduce_infos[_i].of_bools) return;
    values[700] = (double)INFINITY;
    values[1900] = -(double)INFINITY;
    check_splits((dc_reduce_t)_i);
    dc_partial_t whole = part((dc_reduce_t)_i, 0, TERMS);
    ck_assert_uint_eq(whole.strange, 700);
    values[300] = (double)NAN;
    check_splits((dc_reduce_t)_i);
    whole = part((dc_reduce_t)_i, 0, TERMS);
    ck_assert_uint_eq(whole.strange, 300);
    ck_assert(isnan(finish(&whole)));
}
END_TEST

START_TEST(first_of_equals_counts)
{
    const double ties[] = { 3, 1, 2, -0.0, 0, 3 };
    const struct {
        dc_reduce_t kind;
        uint64_t chosen;
    } rows[] = { { DC_REDUCE_LEAST, 3 },
                 { DC_REDUCE_ARGMIN, 3 },
                 { DC_REDUCE_GREATEST, 0 },
                 { DC_REDUCE_ARGMAX, 0 } };
    for (size_t i = 0; i < DC_ARRAY_LEN(rows); i++) {
        dc_partial_t partial;
        dc_partial_init(&partial, rows[i].kind, 0);
        dc_partial_add(&partial, ties, DC_ARRAY_LEN(ties));
        ck_assert_uint_eq(partial.chosen, rows[i].chosen);
    }
}
END_TEST

// Also where it is in another part.
START_TEST(first_of_equal_parts_counts)
{
    for (size_t i = 0; i < TERMS; i++) {
        values[i] = i % 256 == 7 ? 5 : i % 256 == 9 ? -5 : 0;
    }
    for (int kind = DC_REDUCE_LEAST; kind <= DC_REDUCE_ARGMAX; kind++) {
        check_splits((dc_reduce_t)kind);
        dc_partial_t whole = part((dc_reduce_t)kind, 0, TERMS);
        bool is_least = kind == DC_REDUCE_LEAST || kind == DC_REDUCE_ARGMIN;
        ck_assert_uint_eq(whole.chosen, is_least ? 9 : 7);
    }
}
END_TEST

START_TEST(any_and_all_are_decided_by_the_first)
{
    for (size_t i = 0; i < TERMS; i++) {
        values[i] = i == 300 || i == 900;
    }
    dc_partial_t any = part(DC_REDUCE_ANY, 0, 256);
    ck_assert(!dc_partial_is_decided(&any));
    add(&any, TERMS);
    ck_assert(dc_partial_is_decided(&any));
    ck_assert_uint_eq(any.chosen, 300);
    dc_partial_t all = part(DC_REDUCE_ALL, 256, TERMS);
    ck_assert_uint_eq(all.chosen, 256);
    dc_partial_t count = part(DC_REDUCE_COUNT, 0, TERMS);
    ck_assert(!dc_partial_is_decided(&count));
    ck_assert_double_eq(finish(&count), 2);
}
END_TEST

START_TEST(what_is_no_neighbour_is_not_merged)
{
    fill(DC_REDUCE_SUM);
    dc_partial_t left = part(DC_REDUCE_SUM, 0, 256);
    dc_partial_t far = part(DC_REDUCE_SUM, 512, 768);
    dc_partial_t other = part(DC_REDUCE_MEAN, 256, 512);
    dc_partial_t before = left;
    ck_assert(!dc_partial_merge(&left, &far));
    ck_assert(!dc_partial_merge(&left, &other));
    ck_assert(!dc_partial_merge(&left, &left));
    check_same(&left, &before);
    ck_assert_uint_eq(left.next, 256);
}
END_TEST

START_TEST(nothing_has_no_extreme_and_no_mean)
{
    for (int kind = DC_REDUCE_SUM; kind <= DC_REDUCE_ARGMAX; kind++) {
        dc_partial_t partial = part((dc_reduce_t)kind, 0, 0);
        double result;
        dc_err_t err = dc_partial_finish(&partial, &range, &result);
        bool needs_some = kind == DC_REDUCE_MEAN || kind >= DC_REDUCE_LEAST;
        ck_assert_int_eq(err, needs_some ? DC_ERR_NO_TERMS : DC_OK);
    }
}
END_TEST

// Each text with any byte changed, and each cut, is either refused or a part that can be used.
START_TEST(broken_texts_are_refused_or_used)
{
    fill((dc_reduce_t)_i);
    dc_partial_t partial = part((dc_reduce_t)_i, 256, 700);
    dc_buf_t text = { 0 };
    dc_partial_put(&partial, &text);
    static const char bytes[] = { '0', '9', 'f', 'g', ':', ',', '-', '@', '\0', '\xFF', '\n' };
    for (size_t at = 0; at < text.len; at++) {
        dc_partial_t got = partial;
        double result;
        ck_assert(!dc_partial_get(&got, dc_str(text.data, at)) || at > 100);
        char kept = text.data[at];
        for (size_t i = 0; i < DC_ARRAY_LEN(bytes); i++) {
            text.data[at] = bytes[i];
            if (!dc_partial_get(&got, dc_buf_str(&text))) continue;
            dc_partial_t left = part((dc_reduce_t)_i, 0, 256);
            (void)!dc_partial_merge(&left, &got);
            (void)!dc_partial_finish(&left, &range, &result);
        }
        text.data[at] = kept;
    }
    dc_buf_fini(&text);
}
END_TEST

START_TEST(other_texts_are_refused)
{
    static const char *const texts[] = {
        "",
        "sum",
        "sum:",
        "diff:0000000000000000:0000000000000000:ffffffffffffffff:ffffffffffffffff:"
        "0000000000000000:0000000000000000:",
        // Ends before it begins; a chosen term outside; more hits than terms; not at a block.
        "any:0000000000000100:0000000000000000:ffffffffffffffff:ffffffffffffffff:"
        "0000000000000000:0000000000000000:",
        "any:0000000000000000:0000000000000100:ffffffffffffffff:0000000000000100:"
        "0000000000000000:0000000000000000:",
        "count:0000000000000000:0000000000000100:ffffffffffffffff:ffffffffffffffff:"
        "0000000000000101:0000000000000000:",
        "any:0000000000000200:0000000000000100:ffffffffffffffff:ffffffffffffffff:"
        "0000000000000000:0000000000000000:",
        "any:0000000000000000:0000000000000100:ffffffffffffffff:ffffffffffffffff:"
        "0000000000000000:0000000000000000:x",
        "any:0000000000000000:ffffffffffffffff:ffffffffffffffff:ffffffffffffffff:"
        "0000000000000000:0000000000000000:",
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(texts); i++) {
        dc_partial_t partial;
        ck_assert_msg(!dc_partial_get(&partial, dc_str_from(texts[i])), "%s", texts[i]);
    }
}
END_TEST

// --- ranges ------------------------------------------------------------------------------------

static const struct {
    double a, b, step;
    double count; // negative: not a range
} ranges[] = {
    { 1, 10, 1, 10 },
    { 1, 0, 1, 0 },
    { 1, -5, 1, 0 },
    { 10, 1, -3, 4 },
    { 0, 1, 0.1, 11 },
    { 0, 0.3, 0.1, 4 },
    { 0, 1 - 0x1p-49, 1, 1 }, // not quite there
    { 0, 1 - 0x1p-52, 1, 2 }, // there, as near as doubles tell
    { 1, 0x1p53, 1, 0x1p53 },
    { 0, 0x1p53, 1, -1 },
    { -1e308, 1e308, 1, -1 },
    { 0, 1, 0, -1 },
    { 0, 1, -0.0, -1 },
    { 0, 1, (double)NAN, -1 },
    { (double)INFINITY, 1, 1, -1 },
    { 0, (double)INFINITY, 1, -1 },
    { 0, 1, (double)INFINITY, -1 },
    { 5, 5, 1e300, 1 },
    { 0, 5e-324, 5e-324, 2 },
};

START_TEST(range_has_so_many_numbers)
{
    dc_number_range_t got;
    double terms;
    dc_err_t err = dc_range_init(&got, ranges[_i].a, ranges[_i].b, ranges[_i].step, &terms);
    ck_assert_int_eq(err != DC_OK, ranges[_i].count < 0);
    if (err) return;
    ck_assert_double_eq((double)got.count, ranges[_i].count);
    ck_assert_double_eq(terms, ranges[_i].count);
}
END_TEST

START_TEST(numbers_of_a_range_have_no_history)
{
    dc_number_range_t tenths = { .first = 0.3, .step = 0.1, .count = 1000 };
    double x[DC_BLOCK_ROWS];
    dc_range_fill(&tenths, 512, DC_BLOCK_ROWS, x);
    for (uint32_t i = 0; i < DC_BLOCK_ROWS; i++) {
        ck_assert_double_eq(x[i], fma(512 + i, 0.1, 0.3));
        ck_assert_double_eq(x[i], dc_range_at(&tenths, 512 + i));
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("partial");
    TCase *parts = tcase_create("parts");
    tcase_add_loop_test(parts, splits_do_not_show, DC_REDUCE_SUM, DC_REDUCE_ARGMAX + 1);
    tcase_add_loop_test(parts, splits_do_not_show_where_terms_are_strange, DC_REDUCE_SUM,
                        DC_REDUCE_ARGMAX + 1);
    tcase_add_test(parts, first_of_equals_counts);
    tcase_add_test(parts, first_of_equal_parts_counts);
    tcase_add_test(parts, any_and_all_are_decided_by_the_first);
    tcase_add_test(parts, what_is_no_neighbour_is_not_merged);
    tcase_add_test(parts, nothing_has_no_extreme_and_no_mean);
    suite_add_tcase(all, parts);
    TCase *texts = tcase_create("texts");
    tcase_add_loop_test(texts, broken_texts_are_refused_or_used, DC_REDUCE_SUM,
                        DC_REDUCE_ARGMAX + 1);
    tcase_add_test(texts, other_texts_are_refused);
    suite_add_tcase(all, texts);
    TCase *numbers = tcase_create("ranges");
    tcase_add_loop_test(numbers, range_has_so_many_numbers, 0, (int)DC_ARRAY_LEN(ranges));
    tcase_add_test(numbers, numbers_of_a_range_have_no_history);
    suite_add_tcase(all, numbers);
    return all;
}
