// Buffers: what is appended is in, in order, whatever it is; and failure is remembered.
#include "common/buf.h"

#include "tests/lib/main.h"

static dc_buf_t buf;

static void set_up(void)
{
    buf = (dc_buf_t){ 0 };
}

static void tear_down(void)
{
    dc_buf_fini(&buf);
}

static void assert_content(const char *expected)
{
    ck_assert_uint_eq(buf.len, strlen(expected));
    if (buf.len) ck_assert_mem_eq(buf.data, expected, buf.len);
    ck_assert(!buf.failed);
}

START_TEST(what_is_appended_is_in)
{
    dc_buf_append(&buf, "ab", 2);
    dc_buf_append_char(&buf, 'c');
    dc_buf_append_text(&buf, "de");
    dc_buf_append_str(&buf, DC_STR("fg"));
    dc_buf_printf(&buf, "%d-%s", 12, "x");
    assert_content("abcdefg12-x");
    ck_assert(dc_str_eq(dc_buf_str(&buf), DC_STR("abcdefg12-x")));
}
END_TEST

START_TEST(nothing_appended_allocates_nothing)
{
    dc_buf_append(&buf, NULL, 0);
    dc_buf_append_str(&buf, DC_STR(""));
    dc_buf_append_text(&buf, "");
    dc_buf_printf(&buf, "%s", "");
    ck_assert_ptr_null(buf.data);
    assert_content("");
}
END_TEST

START_TEST(any_byte_can_be_appended)
{
    dc_buf_append(&buf, "a\0b", 3);
    dc_buf_append_char(&buf, '\0');
    ck_assert_uint_eq(buf.len, 4);
    ck_assert_mem_eq(buf.data, "a\0b\0", 4);
}
END_TEST

START_TEST(growing_keeps_what_is_in)
{
    for (unsigned i = 0; i < 100000; i++) {
        dc_buf_append_char(&buf, (char)(i % 251));
    }
    ck_assert_uint_eq(buf.len, 100000);
    for (unsigned i = 0; i < 100000; i++) {
        ck_assert_int_eq(buf.data[i], (char)(i % 251));
    }
}
END_TEST

START_TEST(reserved_room_needs_no_growing)
{
    ck_assert(dc_buf_reserve(&buf, 1000));
    char *data = buf.data;
    for (unsigned i = 0; i < 1000; i++) {
        dc_buf_append_char(&buf, 'x');
    }
    ck_assert_ptr_eq(buf.data, data);
}
END_TEST

START_TEST(front_is_dropped_and_rest_moves_up)
{
    dc_buf_append_text(&buf, "abcdef");
    dc_buf_drop_front(&buf, 0);
    assert_content("abcdef");
    dc_buf_drop_front(&buf, 4);
    assert_content("ef");
    dc_buf_append_text(&buf, "g");
    assert_content("efg");
    dc_buf_drop_front(&buf, 3);
    assert_content("");
}
END_TEST

// More than there is, and more than a size can say.
static const size_t impossible[] = { SIZE_MAX / 2, SIZE_MAX - 1, SIZE_MAX };

START_TEST(failure_is_remembered_and_keeps_what_is_in)
{
    dc_buf_append_text(&buf, "abc");
    ck_assert(!dc_buf_reserve(&buf, impossible[_i]));
    ck_assert(buf.failed);
    dc_buf_append_text(&buf, "def");
    dc_buf_printf(&buf, "%d", 1);
    ck_assert_uint_eq(buf.len, 3);
    ck_assert_mem_eq(buf.data, "abc", 3);
}
END_TEST

START_TEST(a_freed_buffer_starts_anew)
{
    dc_buf_append_text(&buf, "abc");
    ck_assert(!dc_buf_reserve(&buf, SIZE_MAX));
    dc_buf_fini(&buf);
    assert_content("");
    dc_buf_append_text(&buf, "x");
    assert_content("x");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("buf");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_is_appended_is_in);
    tcase_add_test(tests, nothing_appended_allocates_nothing);
    tcase_add_test(tests, any_byte_can_be_appended);
    tcase_add_test(tests, growing_keeps_what_is_in);
    tcase_add_test(tests, reserved_room_needs_no_growing);
    tcase_add_test(tests, front_is_dropped_and_rest_moves_up);
    tcase_add_loop_test(tests, failure_is_remembered_and_keeps_what_is_in, 0,
                        DC_ARRAY_LEN(impossible));
    tcase_add_test(tests, a_freed_buffer_starts_anew);
    Suite *all = suite_create("buf");
    suite_add_tcase(all, tests);
    return all;
}
