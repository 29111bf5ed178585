// Plans: what changes results makes another plan, and is named; what does not, does not.
#include "client/cli/journal/journal_plan.h"

#include "tests/lib/main.h"

typedef struct given {
    const char *header, *template, *let, *types;
    bool ieee, verify;
    dc_numbers_t numbers;
} given_t;

static const given_t usual = { .header = "a,b,c", .template = "a*b+k", .let = "k=3" };

static void make(const given_t *given, dc_buf_t *plan)
{
    dc_buf_t said = { 0 };
    dc_messages_t messages;
    dc_recipe_t recipe;
    dc_messages_init(&messages, &said);
    dc_recipe_init(&recipe, given->numbers, &messages);
    if (given->let) ck_assert_int_eq(dc_constants_add(&recipe.lets, given->let), 0);
    ck_assert_int_eq(dc_recipe_set_header(&recipe, DC_FORMAT_CSV, dc_str_from(given->header),
                                          dc_str_from(given->template)),
                     0);
    if (given->types) ck_assert_int_eq(dc_recipe_set_types(&recipe, given->types), 0);
    ck_assert_int_eq(dc_recipe_finish(&recipe, given->ieee, 30000), 0);
    dc_journal_plan_put(plan, &recipe, given->ieee, given->verify);
    dc_recipe_fini(&recipe);
    dc_buf_fini(&said);
}

static const struct {
    given_t given;
    const char *name, *then, *now; // NULL: it is the same plan
} cases[] = {
    { { .header = "a,b,c", .template = "a*b+k", .let = "k=3" }, NULL, NULL, NULL },
    { { .header = "a,b,c", .template = "a*b+k", .let = "k=1+2" },
      NULL,
      NULL,
      NULL }, // the value counts
    { { .header = "a,b,d", .template = "a*b+k", .let = "k=3" },
      NULL,
      NULL,
      NULL }, // nobody uses it
    { { .header = "a,b,c", .template = "a*b-k", .let = "k=3" }, "--template", "a*b+k", "a*b-k" },
    { { .header = "a,b,c", .template = "a*b+k", .let = "k=true" }, "--let", "k=3", "k=true" },
    { { .header = "a,b,c", .template = "a*b+k", .let = "k=3.0000000000000004" },
      "--let",
      "k=3",
      "k=3.0000000000000004" },
    { { .header = "a,b,c", .template = "a*b+k", .let = "k=3", .ieee = true },
      "--ieee",
      "no",
      "yes" },
    { { .header = "a,b,c",
        .template = "a*b+k",
        .let = "k=3",
        .numbers = { DC_NUMBERS_DECIMAL, 34 } },
      "--numbers",
      "double",
      "decimal=34" },
    { { .header = "a,b,c", .template = "a*b+k", .let = "k=3", .verify = true },
      "--verify",
      "no",
      "yes" },
    { { .header = "b,a,c", .template = "a*b+k", .let = "k=3" },
      "the columns",
      "3, 1 a:number, 2 b:number",
      "3, 1 b:number, 2 a:number" },
    { { .header = "a,b", .template = "a*b+k", .let = "k=3" },
      "the columns",
      "3, 1 a:number, 2 b:number",
      "2, 1 a:number, 2 b:number" },
    { { .header = "a,b,c", .template = "a*b+k", .let = "k=3", .types = "a:int?" },
      "the columns",
      "3, 1 a:number, 2 b:number",
      "3, 1 a:int?, 2 b:number" },
};

START_TEST(what_changes_results_is_named)
{
    dc_buf_t then = { 0 };
    dc_buf_t now = { 0 };
    dc_journal_plan_difference_t difference;
    make(&usual, &then);
    make(&cases[_i].given, &now);
    bool differs = dc_journal_plan_differs(dc_buf_str(&then), dc_buf_str(&now), &difference);
    ck_assert_int_eq(differs, cases[_i].name != NULL);
    if (differs) {
        ck_assert(dc_str_eq(difference.name, dc_str_from(cases[_i].name)));
        ck_assert(dc_str_eq(difference.then, dc_str_from(cases[_i].then)));
        ck_assert(dc_str_eq(difference.now, dc_str_from(cases[_i].now)));
    }
    dc_buf_fini(&then);
    dc_buf_fini(&now);
}
END_TEST

// What is in a file may be anything.
START_TEST(any_bytes_can_be_compared)
{
    dc_journal_plan_difference_t difference;
    ck_assert(dc_journal_plan_differs(DC_STR(""), DC_STR("a"), &difference));
    ck_assert(dc_journal_plan_differs(DC_STR("a\0b"), DC_STR("a\0b\0"), &difference));
    ck_assert(dc_journal_plan_differs(DC_STR("\0\0\0"), DC_STR("\0"), &difference));
    ck_assert(!dc_journal_plan_differs(DC_STR("x"), DC_STR("x"), &difference));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("journal_plan");
    TCase *tests = tcase_create("journal_plan");
    tcase_add_loop_test(tests, what_changes_results_is_named, 0, (int)DC_ARRAY_LEN(cases));
    tcase_add_test(tests, any_bytes_can_be_compared);
    suite_add_tcase(all, tests);
    return all;
}
