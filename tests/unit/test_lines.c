// Counting and cutting lines, at every length around those of vectors and groups of them.
#include "common/lines.h"
#include "tests/lib/main.h"

#define TEXT_BYTES 20000

static char text[TEXT_BYTES];

// A newline where `i` is a multiple of `distance`, counted from 1.
static void fill(size_t distance)
{
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        text[i] = "abc"[i % 3];
        if ((i + 1) % distance == 0) text[i] = '\n';
    }
}

static const size_t distances[] = { 1, 2, 3, 7, 31, 32, 33, 255, 1024, 5000, TEXT_BYTES + 1 };

START_TEST(newlines_are_counted_whatever_the_length)
{
    size_t distance = distances[_i];
    fill(distance);
    for (size_t len = 0; len < TEXT_BYTES; len += len < 200 ? 1 : 97) {
        ck_assert_uint_eq(dc_lines_count(dc_str(text, len)), len / distance);
    }
    ck_assert_uint_eq(dc_lines_count(dc_str(text, TEXT_BYTES)), TEXT_BYTES / distance);
    // And wherever it begins.
    ck_assert_uint_eq(dc_lines_count(dc_str(text + 1, TEXT_BYTES - 1)),
                      TEXT_BYTES / distance - (distance == 1));
}
END_TEST

START_TEST(a_line_begins_behind_the_newlines_before_it)
{
    size_t distance = distances[_i];
    fill(distance);
    size_t count = TEXT_BYTES / distance;
    for (size_t line = 0; line <= count; line += line < 100 ? 1 : 61) {
        ck_assert_uint_eq(dc_lines_offset(dc_str(text, TEXT_BYTES), line), line * distance);
    }
    ck_assert_uint_eq(dc_lines_offset(dc_str(text, TEXT_BYTES), count + 1), TEXT_BYTES);
    ck_assert_uint_eq(dc_lines_offset(dc_str(NULL, 0), 1), 0);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("lines");
    TCase *tcase = tcase_create("lines");
    tcase_add_loop_test(tcase, newlines_are_counted_whatever_the_length, 0,
                        (int)DC_ARRAY_LEN(distances));
    tcase_add_loop_test(tcase, a_line_begins_behind_the_newlines_before_it, 0,
                        (int)DC_ARRAY_LEN(distances));
    suite_add_tcase(suite, tcase);
    return suite;
}
