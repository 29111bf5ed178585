// What can be a tag.
#include "common/tag.h"

#include "tests/lib/main.h"

#define TEN "0123456789"

static const struct {
    const char *text;
    const char *flaw; // NULL: it is one
} cases[] = {
    { "gpu", NULL },
    { "ram>64G", NULL },
    { "größe", NULL },
    { TEN TEN TEN TEN TEN TEN "0123", NULL },
    { TEN TEN TEN TEN TEN TEN "01234", "is longer than 64 bytes" },
    { "", "is empty" },
    { "two words", "has a blank or a control character in it" },
    { "a\tb", "has a blank or a control character in it" },
    { "\x7f", "has a blank or a control character in it" },
    { "\xff", "is not UTF-8" },
};

START_TEST(tags_are_words)
{
    const char *flaw = dc_tag_flaw(dc_str_from(cases[_i].text));
    if (cases[_i].flaw) {
        ck_assert_str_eq(flaw, cases[_i].flaw);
    } else {
        ck_assert_ptr_null(flaw);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("tag");
    TCase *tests = tcase_create("tag");
    tcase_add_loop_test(tests, tags_are_words, 0, DC_ARRAY_LEN(cases));
    suite_add_tcase(all, tests);
    return all;
}
