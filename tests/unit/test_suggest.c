// The nearest known word: what counts as near, and which of several is taken.
#include "common/suggest.h"
#include "tests/lib/main.h"

static const char *const known[] = { "sin",  "sinh",  "sinpi", "asin",  "cos",  "cosh",
                                     "sqrt", "floor", "log1p", "round", "atan2" };

// The suggestion for `word` among the known ones, as text.
static dc_str_t suggest(dc_str_t word)
{
    dc_suggest_t search;
    dc_suggest_init(&search, word);
    for (size_t i = 0; i < DC_ARRAY_LEN(known); i++) {
        dc_suggest_offer(&search, dc_str_from(known[i]));
    }
    return dc_suggest_best(&search);
}

static const struct {
    const char *word, *best;
} suggestions[] = {
    { "sqr", "sqrt" },    // a letter is missing
    { "sqrtt", "sqrt" },  // one is too many
    { "sqrz", "sqrt" },   // one is wrong
    { "sqtr", "sqrt" },   // two neighbours are swapped: one edit
    { "qsrt", "sqrt" },   // also at the beginning
    { "sn", "sin" },      // a third of the longer word's length
    { "sqrt", "sqrt" },   // what is known is its own best
    { "sihn", "sin" },    // the first of two at one edit
    { "folor", "floor" }, // one swap
    { "flr", "" },        // two edits in five
    { "logp1", "log1p" }, //
    { "Sin", "sin" },     // capitals are no edits
    { "SQRT", "sqrt" },   //
    { "SQTR", "sqrt" },   // one swap
    { "xyz", "" },        //
    { "s", "" },          //
    { "", "" },           //
};

START_TEST(word_gets_the_nearest)
{
    dc_str_t best = suggest(dc_str_from(suggestions[_i].word));
    ck_assert_msg(dc_str_eq(best, dc_str_from(suggestions[_i].best)), "%.*s is suggested",
                  (int)best.len, best.len ? best.data : "");
}
END_TEST

START_TEST(first_of_equally_near_is_taken)
{
    dc_suggest_t search;
    dc_suggest_init(&search, DC_STR("cot"));
    dc_suggest_offer(&search, DC_STR("cos"));
    dc_suggest_offer(&search, DC_STR("dot"));
    ck_assert(dc_str_eq(dc_suggest_best(&search), DC_STR("cos")));
}
END_TEST

// "a" is one edit away too, but that is all of it.
START_TEST(short_word_does_not_hide_a_longer_one)
{
    dc_suggest_t search;
    dc_suggest_init(&search, DC_STR("ab"));
    dc_suggest_offer(&search, DC_STR("a"));
    ck_assert_uint_eq(dc_suggest_best(&search).len, 0);
    dc_suggest_offer(&search, DC_STR("abc"));
    ck_assert(dc_str_eq(dc_suggest_best(&search), DC_STR("abc")));
}
END_TEST

START_TEST(swap_is_not_edited_again)
{
    dc_suggest_t search;
    dc_suggest_init(&search, DC_STR("ca"));
    // A swap and an insertion between its letters would be 2 edits; aligned, it is 3.
    dc_suggest_offer(&search, DC_STR("abc"));
    ck_assert_uint_eq(dc_suggest_best(&search).len, 0);
}
END_TEST

START_TEST(long_words_are_passed_over)
{
    char word[100];
    memset(word, 'a', sizeof word);

    dc_suggest_t search;
    dc_suggest_init(&search, dc_str(word, 40));
    dc_suggest_offer(&search, dc_str(word, 41));
    ck_assert_uint_eq(dc_suggest_best(&search).len, 0);
    dc_suggest_offer(&search, dc_str(word, 39));
    ck_assert_uint_eq(dc_suggest_best(&search).len, 39);

    dc_suggest_init(&search, dc_str(word, sizeof word));
    dc_suggest_offer(&search, dc_str(word, 40));
    ck_assert_uint_eq(dc_suggest_best(&search).len, 0);
}
END_TEST

START_TEST(null_views_are_words_without_letters)
{
    dc_suggest_t search;
    dc_suggest_init(&search, dc_str(NULL, 0));
    dc_suggest_offer(&search, DC_STR("a"));
    ck_assert_uint_eq(dc_suggest_best(&search).len, 0);
    dc_suggest_init(&search, DC_STR("a"));
    dc_suggest_offer(&search, dc_str(NULL, 0));
    ck_assert_uint_eq(dc_suggest_best(&search).len, 0);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("suggest");
    TCase *tests = tcase_create("suggest");
    tcase_add_loop_test(tests, word_gets_the_nearest, 0, DC_ARRAY_LEN(suggestions));
    tcase_add_test(tests, first_of_equally_near_is_taken);
    tcase_add_test(tests, short_word_does_not_hide_a_longer_one);
    tcase_add_test(tests, swap_is_not_edited_again);
    tcase_add_test(tests, long_words_are_passed_over);
    tcase_add_test(tests, null_views_are_words_without_letters);
    suite_add_tcase(suite, tests);
    return suite;
}
