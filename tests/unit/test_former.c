// What an earlier failure has left in a JSON line.
#include "client/cli/print/former.h"
#include "tests/lib/main.h"

static const struct {
    const char *object;
    size_t first;
    const char *found, *chosen; // of the error; NULL: none
} objects[] = {
    { "{\"x\":1}", 1, NULL, "error" },
    { "{\"x\":1}", 3, NULL, "error3" },
    { "{\"x\":1,\"row\":4,\"error\":{\"code\":\"syntax\",\"column\":1}}", 1, "error", "error" },
    { "{\"error\":{\"code\":\"syntax\"}}", 1, "error", "error" }, // a person took the row away
    { "{\"error\":\"x\",\"error2\":{\"code\":\"type\"}}", 1, "error2", "error2" },
    // Inputs of a user's are not ours: these are the names of columns, or no errors.
    { "{\"error\":{\"code\":\"syntax\"}}", 2, NULL, "error2" },
    { "{\"error\":{\"code\":3}}", 1, NULL, "error2" },
    { "{\"error\":{\"why\":1,\"code\":\"x\"}}", 1, NULL, "error2" },
    { "{\"error\":{}}", 1, NULL, "error2" },
    { "{\"error\":[\"code\"]}", 1, NULL, "error2" },
    { "{\"row\":1}", 1, NULL, "error2" },
    { "{\"row\":1,\"error2\":2}", 1, NULL, "error3" },
    // Names that only look like them.
    { "{\"error1\":{\"code\":\"x\"}}", 1, NULL, "error" },
    { "{\"error02\":{\"code\":\"x\"}}", 1, NULL, "error" },
    { "{\"error2x\":{\"code\":\"x\"}}", 1, NULL, "error" },
    { "{\"errors\":{\"code\":\"x\"}}", 1, NULL, "error" },
    { "{\"error9999999999\":{\"code\":\"x\"}}", 1, NULL, "error" },
    { "{\"more\":{\"error\":{\"code\":\"x\"}}}", 1, NULL, "error" }, // deeper: an input
    // No object.
    { "[\"error\"]", 1, NULL, "error" },
    { "{\"error\":{\"code\":\"syntax\"}", 1, NULL, "error2" },
    { "", 1, NULL, "error" },
};

START_TEST(an_error_of_ours_is_told_by_its_code)
{
    dc_former_t former = { .row = "" };
    dc_str_t object = dc_str_from(objects[_i].object);
    bool is_found = dc_former_find(object, objects[_i].first, &former);
    ck_assert_int_eq(is_found, objects[_i].found != NULL);
    if (is_found) ck_assert_str_eq(former.error, objects[_i].found);
    former = dc_former_choose(object, objects[_i].first);
    ck_assert_str_eq(former.error, objects[_i].chosen);
    // Both words have the same number.
    ck_assert_str_eq(former.error + strlen("error"), former.row + strlen("row"));
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("former");
    TCase *tests = tcase_create("former");
    tcase_add_loop_test(tests, an_error_of_ours_is_told_by_its_code, 0, DC_ARRAY_LEN(objects));
    suite_add_tcase(suite, tests);
    return suite;
}
