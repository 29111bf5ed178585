// Numbers for people: rounded results, counts, rates, times.
#include "client/cli/text/numfmt.h"
#include "tests/lib/main.h"

static dc_buf_t out;

static void tear_down(void)
{
    dc_buf_fini(&out);
}

static void assert_out(const char *expected)
{
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, expected);
}

static const struct {
    const char *text;
    int digits;
    const char *rounded;
} roundings[] = {
    { "3.141592653589793", 3, "3.14" },
    { "1198.5712", 6, "1198.57" },
    { "749.21399999", 6, "749.214" },
    { "1000", 3, "1000" }, // zeros before the point stay
    { "1234", 2, "1200" },
    { "0.1", 17, "0.10000000000000001" }, // what was asked for
    { "2", 6, "2" },
    { "-2.5", 1, "-2" }, // the value is exactly between two: to even, as printf has it
    { "0.000001234", 2, "0.0000012" },
    { "1.234e-7", 2, "1.2e-7" },
    { "999999", 3, "1000000" },
    { "123456789012345680000", 3, "123000000000000000000" },
    { "1e21", 3, "1e21" },
    { "1.24e300", 2, "1.2e300" },
    { "0", 3, "0" },
    { "inf", 3, "inf" },
    { "-inf", 3, "-inf" },
    { "nan", 3, "nan" },
    { "true", 3, "true" },
    { "null", 3, "null" },
    { "\"1.23456\"", 3, "\"1.23456\"" }, // a string is none of our numbers
};

START_TEST(results_are_rounded)
{
    dc_numfmt_put_rounded(&out, dc_str_from(roundings[_i].text), roundings[_i].digits);
    assert_out(roundings[_i].rounded);
}
END_TEST

static const struct {
    const char *text, *format, *printed;
} formats[] = {
    { "3.141592653589793", "%.3f", "3.142" },
    { "2", "%.2f", "2.00" },
    { "-1198.5712", "%12.4e", " -1.1986e+03" },
    { "7", "%-5g", "7    " },
    { "7", "%+05.1f", "+07.0" },
    { "0.1", "%a", "0x1.999999999999ap-4" },
    { "1e21", "%.0F", "1000000000000000000000" },
    { "0.5", "%G", "0.5" },
    { "-inf", "%8.2f", "-inf" },
    { "nan", "%f", "nan" },
    { "true", "%f", "true" },
    { "[1,2]", "%f", "[1,2]" },
    { "\"1.5\"", "%f", "\"1.5\"" },
};

START_TEST(a_format_is_that_of_printf_for_one_number)
{
    dc_number_style_t style = { .digits = 2, .format = formats[_i].format };
    ck_assert(dc_numfmt_is_format(style.format));
    dc_numfmt_put_styled(&out, dc_str_from(formats[_i].text), &style);
    assert_out(formats[_i].printed);
}
END_TEST

static const char *const no_formats[] = { "",       "%",      "3",     "%s",   "%n",   "%d",
                                          "%*f",    "%.*f",   "%lf",   "%Lf",  "%f%f", "%f%n",
                                          "x%f",    "%f EUR", "%%",    "%1$f", "%'f",  "%100f",
                                          "%.100f", "%.3",    "%..3f", "%5-f" };

START_TEST(no_other_text_is_a_format)
{
    ck_assert(!dc_numfmt_is_format(no_formats[_i]));
}
END_TEST

START_TEST(the_widest_number_fits)
{
    dc_number_style_t style = { .format = "%+#99.99f" };
    dc_numfmt_put_styled(&out, DC_STR("-1.7976931348623157e308"), &style);
    ck_assert_uint_eq(out.len, 1 + 309 + 1 + 99);
}
END_TEST

START_TEST(without_a_style_numbers_stay)
{
    dc_number_style_t style = { 0 };
    ck_assert(dc_number_style_is_none(&style));
    dc_numfmt_put_styled(&out, DC_STR("0.30000000000000004"), &style);
    assert_out("0.30000000000000004");
}
END_TEST

static const struct {
    uint64_t count;
    const char *text;
} counts[] = {
    { 0, "0" },
    { 999, "999" },
    { 1204, "1,204" },
    { 1000000, "1,000,000" },
    { 12345678, "12,345,678" },
    { UINT64_MAX, "18,446,744,073,709,551,615" },
};

START_TEST(counts_have_commas)
{
    dc_numfmt_put_count(&out, counts[_i].count);
    assert_out(counts[_i].text);
}
END_TEST

START_TEST(one_thing_has_another_word_than_several)
{
    dc_numfmt_put_counted(&out, 0, " row, ", " rows, ");
    dc_numfmt_put_counted(&out, 1, " row, ", " rows, ");
    dc_numfmt_put_counted(&out, 2000, " row", " rows");
    assert_out("0 rows, 1 row, 2,000 rows");
}
END_TEST

static const struct {
    double count;
    const char *text;
} shorts[] = {
    { 0, "0" },       { 0.333, "0.33" },    { 2, "2" },         { 2.54, "2.5" },
    { 9.96, "10" },   { 999, "999" },       { 1000, "1.0k" },   { 9949, "9.9k" },
    { 40000, "40k" }, { 184400, "184k" },   { 999499, "999k" }, { 999500, "1.00M" },
    { 1e6, "1.00M" }, { 12.34e6, "12.3M" }, { 123e6, "123M" },  { 4.5e9, "4.50G" },
};

START_TEST(rates_are_short)
{
    dc_numfmt_put_short(&out, shorts[_i].count);
    assert_out(shorts[_i].text);
}
END_TEST

static const struct {
    void (*put)(dc_buf_t *out, double seconds);
    double seconds;
    const char *text;
} times[] = {
    { dc_numfmt_put_seconds, 0.15, "0.15 s" },
    { dc_numfmt_put_seconds, 5.43, "5.4 s" },
    { dc_numfmt_put_seconds, 38.2, "38 s" },
    { dc_numfmt_put_seconds, 720, "12 min" },
    { dc_numfmt_put_seconds, 12000, "3 h 20 min" },
    { dc_numfmt_put_seconds, 14399.9, "4 h" },
    { dc_numfmt_put_seconds, 15121, "4 h 12 min" },
    { dc_numfmt_put_latency, 0.00021, "0.2 ms" },
    { dc_numfmt_put_latency, 0.012, "12 ms" },
    { dc_numfmt_put_latency, 1.5, "1.5 s" },
    { dc_numfmt_put_age, 20.9, "20s" },
    { dc_numfmt_put_age, 125, "2m" },
    { dc_numfmt_put_age, 7300, "2h" },
    { dc_numfmt_put_age, 200000, "2d" },
    { dc_numfmt_put_left, 0, "0s" },
    { dc_numfmt_put_left, 19.6, "20s" },
    { dc_numfmt_put_left, 59.9, "1m" },
    { dc_numfmt_put_left, 270, "4m30s" },
    { dc_numfmt_put_left, 3599.9, "1h" },
    { dc_numfmt_put_left, 5399, "1h30m" },
    { dc_numfmt_put_left, 86370, "1d" },
    { dc_numfmt_put_left, 129600, "1d12h" },
    { dc_numfmt_put_left, 7 * 86400 - 2, "7d" },
    { dc_numfmt_put_left, 7 * 86400 - 2000, "6d23h" },
};

START_TEST(times_have_units)
{
    times[_i].put(&out, times[_i].seconds);
    assert_out(times[_i].text);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("numfmt");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_loop_test(tests, results_are_rounded, 0, DC_ARRAY_LEN(roundings));
    tcase_add_loop_test(tests, a_format_is_that_of_printf_for_one_number, 0, DC_ARRAY_LEN(formats));
    tcase_add_loop_test(tests, no_other_text_is_a_format, 0, DC_ARRAY_LEN(no_formats));
    tcase_add_test(tests, the_widest_number_fits);
    tcase_add_test(tests, without_a_style_numbers_stay);
    tcase_add_loop_test(tests, counts_have_commas, 0, DC_ARRAY_LEN(counts));
    tcase_add_test(tests, one_thing_has_another_word_than_several);
    tcase_add_loop_test(tests, rates_are_short, 0, DC_ARRAY_LEN(shorts));
    tcase_add_loop_test(tests, times_have_units, 0, DC_ARRAY_LEN(times));
    Suite *all = suite_create("numfmt");
    suite_add_tcase(all, tests);
    return all;
}
