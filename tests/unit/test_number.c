// Numbers as text: what is read and how much of it, that reading rounds correctly at any length,
// and that printing is shortest and reads back.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/bigint.h"
#include "common/expr/double_bits.h"
#include "common/expr/number.h"
#include "common/expr/pow10.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

#define RANDOM_COUNT 150000

// Any finite double: a quarter each of random bits, short decimals, near powers of two, subnormals.
static double next_double(uint64_t *state)
{
    uint64_t bits = dc_xorshift(state);
    switch (bits % 4) {
    case 0: return (double)(dc_xorshift(state) >> (32 + bits % 32)) / pow(10, (double)(bits % 9));
    case 1: return ldexp(1 + (double)(bits % 7) * 0x1p-52, (int)(bits >> 20) % 1023);
    case 2: return dc_double_of_bits(dc_xorshift(state) >> (12 + bits % 40));
    default: break;
    }
    double number = dc_double_of_bits(dc_xorshift(state));
    return isfinite(number) ? number : 1;
}

// --- the table of powers -----------------------------------------------------------------------

// 5^|n| by long multiplication; n >= 0: its first 128 bits. n < 0: the significand times 5^-n is
// the power of two it was divided from, but for a rest that is less than 5^-n.
static void assert_power(int exponent)
{
    dc_pow10_t power = dc_pow10(exponent);
    ck_assert(power.high >> 63);
    dc_bigint_t low, high, exact;
    dc_bigint_set(&low, power.high);
    dc_bigint_shift_left(&low, 64);
    dc_bigint_mul_add(&low, 1, power.low);
    high = low;
    dc_bigint_mul_add(&high, 1, 1);
    dc_bigint_set(&exact, 1);
    int log2;
    if (exponent >= 0) {
        dc_bigint_mul_pow5(&exact, (unsigned)exponent);
        unsigned bits = (unsigned)dc_bigint_bit_count(&exact);
        dc_bigint_shift_left(&exact, bits < 128 ? 128 - bits : 0);
        dc_bigint_shift_left(&low, bits > 128 ? bits - 128 : 0);
        dc_bigint_shift_left(&high, bits > 128 ? bits - 128 : 0);
        log2 = (int)bits - 1 + exponent;
    } else {
        dc_bigint_mul_pow5(&low, (unsigned)-exponent);
        dc_bigint_mul_pow5(&high, (unsigned)-exponent);
        unsigned bits = (unsigned)dc_bigint_bit_count(&high);
        dc_bigint_shift_left(&exact, bits - 1);
        log2 = 127 + exponent - ((int)bits - 1);
    }
    ck_assert_int_eq(dc_pow10_log2(exponent), log2);
    ck_assert_int_le(dc_bigint_cmp(&low, &exact), 0);
    ck_assert_int_gt(dc_bigint_cmp(&high, &exact), 0);
    ck_assert_int_eq(dc_pow10_is_exact(exponent), dc_bigint_cmp(&low, &exact) == 0);
}

START_TEST(powers_of_ten_are_their_first_128_bits)
{
    for (int exponent = DC_POW10_MIN; exponent <= DC_POW10_MAX; exponent++) {
        assert_power(exponent);
    }
}
END_TEST

// --- what is read ------------------------------------------------------------------------------

static const struct {
    const char *text;
    size_t len; // of the literal
    double number;
} literals[] = {
    { "12", 2, 12 },         { "0", 1, 0 },
    { "007", 3, 7 },         { "1.5", 3, 1.5 },
    { ".5", 2, 0.5 },        { "1.", 2, 1 },
    { "1.e3", 4, 1000 },     { "1e-3", 4, 0.001 },
    { "1E5", 3, 1e5 },       { "1e+5", 4, 1e5 },
    { "1_000_000", 9, 1e6 }, { "1_000.000_1", 11, 1000.0001 },
    { "1e1_0", 5, 1e10 },    { "12345678_9", 10, 123456789 }, // eight digits are read at once
    { "0x1F", 4, 31 },                                        //
    { "0xfF", 4, 255 },                                       //
    { "0x1_0", 5, 16 },                                       //
    { "0b101", 5, 5 },                                        //
    { "0b1_1", 5, 3 },                                        //
    { "12abc", 2, 12 },  // what follows is not the number's business
    { "1..2", 2, 1 },    //
    { "1.2.3", 3, 1.2 }, //
    { "1e", 1, 1 },      // no exponent without digits
    { "1e+", 1, 1 },     //
    { "1e-x", 1, 1 },    //
    { "1e_5", 1, 1 },    //
    { "1__0", 1, 1 },    // an underscore stands between two digits
    { "1_", 1, 1 },      //
    { "1_.5", 1, 1 },    //
    { "1._5", 2, 1 },    //
    { "1_e5", 1, 1 },    //
    { "1e5_", 3, 1e5 },  //
    { "0x", 1, 0 },      // without digits it is a zero, and a name
    { "0xg", 1, 0 },     //
    { "0x_1", 1, 0 },    //
    { "0b2", 1, 0 },     //
    { "0b12", 3, 1 },    //
    { "0X1F", 1, 0 },    // small letters only
    { "0x1.8", 3, 1 },   //
    { "", 0, -1 },       // nothing starts here
    { ".", 0, -1 },      //
    { "._1", 0, -1 },    //
    { "e5", 0, -1 },     //
    { "_1", 0, -1 },     //
    { "-1", 0, -1 },     // signs are operators
    { "+1", 0, -1 },     //
    { "inf", 0, -1 },    // names
    { " 1", 0, -1 },     //
};

START_TEST(literal_is_read_as_far_as_it_goes)
{
    // A copy of exactly its length, so that reading beyond it is found.
    size_t len = strlen(literals[_i].text);
    char *text = malloc(len + 1);
    ck_assert_ptr_nonnull(text);
    char *copy = len ? memcpy(text + 1, literals[_i].text, len) : text;
    double number = -1;
    ck_assert_uint_eq(dc_number_read(dc_str(copy, len), &number), literals[_i].len);
    ck_assert_uint_eq(dc_double_bits(number), dc_double_bits(literals[_i].number));
    free(text);
}
END_TEST

static const struct {
    const char *text;
    double number;
} cells[] = {
    { "1", 1 },           { " 1\t", 1 },    { "-1.5", -1.5 },    { "+2", 2 },
    { "1e3\r\n", 1000 },  { "-0", -0.0 },   { "inf", INFINITY }, { "-inf", -INFINITY },
    { "+inf", INFINITY }, { "-0x10", -16 },
};

START_TEST(cell_is_read_whole)
{
    double number = 99;
    ck_assert(dc_number_from_text(dc_str_from(cells[_i].text), &number));
    ck_assert_uint_eq(dc_double_bits(number), dc_double_bits(cells[_i].number));
}
END_TEST

START_TEST(cell_may_be_nan)
{
    double number = 99;
    ck_assert(dc_number_from_text(DC_STR(" nan"), &number));
    ck_assert(isnan(number));
}
END_TEST

static const char *const bad_cells[] = {
    "",   " ",  "-",        "+",   "--1", "- 1", "1 2", "1,5", "1x",      "x",
    "1e", "0x", "infinity", "Inf", "NaN", "1_",  ".",   "$1",  "\u00a01",
};

START_TEST(cell_that_is_no_number_changes_nothing)
{
    double number = 99;
    ck_assert(!dc_number_from_text(dc_str_from(bad_cells[_i]), &number));
    ck_assert_double_eq(number, 99);
}
END_TEST

START_TEST(null_view_is_no_number)
{
    double number = 99;
    ck_assert_uint_eq(dc_number_read(dc_str(NULL, 0), &number), 0);
    ck_assert(!dc_number_from_text(dc_str(NULL, 0), &number));
    ck_assert_double_eq(number, 99);
}
END_TEST

// --- how it is rounded -------------------------------------------------------------------------

// The points halfway to the least normal number, which has an even significand, and to the least
// number of all, and what is just below the first.
static const char halfway_to_normal[] =
    "2.225073858507201136057409796709131975934819546351645648023426109724822222021076945516529523"
    "90813508791414915891303962110687008643869459464552765720740782062174337998814106326732925355"
    "22868813721490129811224514518898490572223072852551331557550159143974763979834118019993239625"
    "48289017107081850690630666655994938275772572015763062690663332647565300009245888316433037779"
    "79186961204949739037782970490505108060994073026293712895895000358379996720725430436028407889"
    "57717961509455167482434710307026091446215722898802581825451803257070188608721131280795122334"
    "26288368622321503775666622503982534335974568884423900265498198385487948292206894721689831099"
    "69836584681402285424333066033985088644580400103493397042756718644338377048603786162277173854"
    "562306587467901408672332763671875e-308";
static const char below_halfway_to_normal[] =
    "2.225073858507201136057409796709131975934819546351645648023426109724822222021076945516529523"
    "90813508791414915891303962110687008643869459464552765720740782062174337998814106326732925355"
    "22868813721490129811224514518898490572223072852551331557550159143974763979834118019993239625"
    "48289017107081850690630666655994938275772572015763062690663332647565300009245888316433037779"
    "79186961204949739037782970490505108060994073026293712895895000358379996720725430436028407889"
    "57717961509455167482434710307026091446215722898802581825451803257070188608721131280795122334"
    "26288368622321503775666622503982534335974568884423900265498198385487948292206894721689831099"
    "69836584681402285424333066033985088644580400103493397042756718644338377048603786162277173854"
    "5623065874679014086723327636718749e-308";
static const char halfway_to_least[] =
    "2.470328229206232720882843964341106861825299013071623822127928412503377536351043759326499181"
    "80817996189898282347722858865463328355177969898199387398005390939063150356595155702263922908"
    "58392449105184435931802849936536152500319370457678249219365623669863658480757001585769269903"
    "70631192827955855133292783433840935197801553124659726357957462276646527282722005637400648549"
    "99770965994704540208281662262378573934507363390079677619305775067401763246736009689513405355"
    "37458516661134223766678604162159680461914467291840300530057530849048765391711386591646239524"
    "91262365388187963623937328042389101867234849766823508986338858792562830275599565752445550725"
    "51893136908362547791869486679949683240497058210285131854513962138377228261454376934125320985"
    "91327667236328125e-324";

static const struct {
    const char *text;
    uint64_t bits;
} roundings[] = {
    { "2.2250738585072011e-308", 0x000fffffffffffff }, // sent some readers into endless loops
    { "2.2250738585072012e-308", 0x0010000000000000 },
    { "2.2250738585072014e-308", 0x0010000000000000 },
    { halfway_to_normal, 0x0010000000000000 },
    { below_halfway_to_normal, 0x000fffffffffffff },
    { "9007199254740993", 0x4340000000000000 },   // 2^53 + 1 is a tie: to even
    { "9007199254740993.0", 0x4340000000000000 }, //
    { "9007199254740993.00000000000000000000000000000001", 0x4340000000000001 },
    { "9007199254740992.99999999999999999999999999999999", 0x4340000000000000 },
    { "9007199254740995", 0x4340000000000002 }, // tie, to even above
    { "0x20000000000001", 0x4340000000000000 }, // likewise in base 16
    { "0x20000000000003", 0x4340000000000002 }, //
    { "0x200000000000010000000000000001", 0x4740000000000001 },
    { "0x200000000000010000000000000000", 0x4740000000000000 },
    { "0b100000000000000000000000000000000000000000000000000011", 0x4340000000000002 },
    { "1e23", 0x44b52d02c7e14af6 },             // not what 1e22 * 10 gives
    { "8.5e22", 0x44b1ffdbf6b2b2eb },           //
    { "1448997445238699", 0x4314976c0803feac }, //
    { "179769313486231580793728971405301e276", 0x7fefffffffffffff },
    { "1.7976931348623157e308", 0x7fefffffffffffff },   // the largest
    { "1.7976931348623158e308", 0x7fefffffffffffff },   //
    { "1.7976931348623159e308", 0x7ff0000000000000 },   // past the point halfway to 2^1024
    { "1.797693134862315807e308", 0x7fefffffffffffff }, //
    { "1.797693134862315808e308", 0x7ff0000000000000 }, //
    { "1e309", 0x7ff0000000000000 },
    { "1e999999999999999999999999", 0x7ff0000000000000 },
    { "0e999999999999999999999999", 0 },
    { "1e-999999999999999999999999", 0 },
    { "5e-324", 1 },                  // the least
    { "4.9406564584124654e-324", 1 }, //
    { "2.4703282292062327e-324", 0 }, // just below half of it
    { "2.4703282292062328e-324", 1 }, // just above
    { halfway_to_least, 0 },
    { "1e-325", 0 },
    { "0.000000000000000000000000000000000000000001e42", 0x3ff0000000000000 },
    { "123456789012345678901234567890", 0x45f8ee90ff6c373e },
    { "3.14159265358979323846264338327950288419716939937510582097494459", 0x400921fb54442d18 },
    { "6929495644600919.5", 0x43389e56ee5e7a58 },    // ties at less than 2^53
    { "3.7455744005952583e15", 0x432a9d28ff412a75 }, //
    { "10000000000000000000000000000000000000000e-40", 0x3ff0000000000000 },
    { "0.1", 0x3fb999999999999a },
};

START_TEST(reading_rounds_correctly)
{
    double number = -1;
    dc_str_t text = dc_str_from(roundings[_i].text);
    ck_assert_uint_eq(dc_number_read(text, &number), text.len);
    ck_assert_uint_eq(dc_double_bits(number), roundings[_i].bits);
}
END_TEST

// Write a word into a text, without its NUL.
static void put(char *at, const char *word)
{
    while (*word) {
        *at++ = *word++;
    }
}

// The last of 65,000 digits decides a tie.
START_TEST(long_text_is_read_exactly)
{
    static char text[65536];
    memset(text, '0', sizeof text);
    put(text, "9007199254740993.");
    double number;
    ck_assert_uint_eq(dc_number_read(dc_str(text, sizeof text), &number), sizeof text);
    ck_assert_double_eq(number, 9007199254740992);
    text[sizeof text - 1] = '1';
    ck_assert_uint_eq(dc_number_read(dc_str(text, sizeof text), &number), sizeof text);
    ck_assert_double_eq(number, 9007199254740994);
}
END_TEST

START_TEST(zeros_and_exponent_cancel)
{
    static char text[65536];
    memset(text, '0', sizeof text);
    text[1] = '.';
    put(text + 65526, "1e65525   ");
    double number;
    ck_assert_uint_eq(dc_number_read(dc_str(text, sizeof text), &number), 65533);
    ck_assert_double_eq(number, 1);

    memset(text, '0', sizeof text);
    text[0] = '1';
    put(text + 60000, "e-59999");
    ck_assert_uint_eq(dc_number_read(dc_str(text, 60007), &number), 60007);
    ck_assert_double_eq(number, 1);
}
END_TEST

START_TEST(long_text_in_base_16_is_read_exactly)
{
    static char text[65536];
    double number;
    memset(text, '0', sizeof text);
    text[1] = 'x';
    text[2] = '1';
    ck_assert_uint_eq(dc_number_read(dc_str(text, 3 + 255), &number), 3 + 255);
    ck_assert_double_eq(number, 0x1p1020);
    ck_assert_uint_eq(dc_number_read(dc_str(text, 3 + 256), &number), 3 + 256);
    ck_assert_double_eq(number, INFINITY);
    ck_assert_uint_eq(dc_number_read(dc_str(text, sizeof text), &number), sizeof text);
    ck_assert_double_eq(number, INFINITY);
}
END_TEST

// The point halfway to the next double, exactly, and a digit to either side of it.
START_TEST(halfway_points_are_decided_exactly)
{
    uint64_t state = 11;
    char text[1200];
    for (int i = 0; i < 8000; i++) {
        double low = fabs(next_double(&state));
        double high = dc_double_of_bits(dc_double_bits(low) + 1);
        if (!isfinite(high)) continue;
        // A long double holds the sum exactly: it has 64 bits, and more exponents.
        long double halfway = ((long double)low + (long double)high) / 2;
        int len = snprintf(text, sizeof text, "%.*Le", 780, halfway);
        ck_assert_int_lt(len, (int)sizeof text);
        double even = dc_double_bits(low) & 1 ? high : low;
        double number;
        ck_assert(dc_number_from_text(dc_str(text, (size_t)len), &number));
        ck_assert_uint_eq(dc_double_bits(number), dc_double_bits(even));
        // The last digit before the exponent is a zero beyond the halfway point's own digits.
        char *last = strchr(text, 'e') - 1;
        ck_assert_int_eq(*last, '0');
        *last = '1';
        ck_assert(dc_number_from_text(dc_str(text, (size_t)len), &number));
        ck_assert_uint_eq(dc_double_bits(number), dc_double_bits(high));
    }
}
END_TEST

// glibc's strtod rounds correctly; here the locale is C.
START_TEST(random_decimals_read_as_strtod_does)
{
    uint64_t state = 12;
    char text[80];
    for (int i = 0; i < RANDOM_COUNT; i++) {
        uint64_t random = dc_xorshift(&state);
        int len = snprintf(text, sizeof text, "%.*e", (int)(random % 40), next_double(&state));
        double number;
        ck_assert(dc_number_from_text(dc_str(text, (size_t)len), &number));
        ck_assert_msg(dc_double_bits(number) == dc_double_bits(strtod(text, NULL)), "%s", text);
    }
}
END_TEST

// --- printing ----------------------------------------------------------------------------------

static const struct {
    double number;
    const char *text;
} prints[] = {
    { 0, "0" },
    { -0.0, "0" },
    { 1, "1" },
    { -1, "-1" },
    { 16, "16" },
    { 0.1, "0.1" },
    { -0.1, "-0.1" },
    { 1.5, "1.5" },
    { 100, "100" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 4.35, "4.35" },
    { 123456.789, "123456.789" },
    { 99999999, "99999999" },   // one step of eight digits
    { 100000000, "100000000" }, // two
    { 9007199254740991, "9007199254740991" },
    { 0x1p53, "9007199254740992" },
    { 0x1p54, "18014398509481984" },
    { 0x1p60, "1152921504606847000" }, // shortest digits, then zeros
    { 123456789012345680000.0, "123456789012345680000" },
    { 999999999999999900000.0, "999999999999999900000" },
    { 1e20, "100000000000000000000" },
    { 1e21, "1e21" }, // from here with an exponent, without a plus
    { 1.5e21, "1.5e21" },
    { 1e22, "1e22" },
    { 1e23, "1e23" }, // a tie: both ends count for an even significand
    { 1e-5, "0.00001" },
    { 0.000001, "0.000001" },
    { 1.25e-6, "0.00000125" },
    { 9.999999e-7, "9.999999e-7" }, // from here with an exponent
    { 1e-7, "1e-7" },
    { -1.25e-10, "-1.25e-10" },
    { 1e100, "1e100" },
    { 1e-100, "1e-100" },
    { 5e-324, "5e-324" }, // the least
    { 1e-323, "1e-323" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    { 2.225073858507201e-308, "2.225073858507201e-308" },
    { 1.7976931348623157e308, "1.7976931348623157e308" },
    { -1.7976931348623157e308, "-1.7976931348623157e308" },
    { -2.2250738585072014e-308, "-2.2250738585072014e-308" }, // the longest of all
    { 9.5367431640625e-7, "9.5367431640625e-7" },
    { 5.684341886080802e-14,
      "5.684341886080802e-14" }, // 2^-44: the nearest of these is 16 digits' best
    { 6.653062250012736e-111, "6.653062250012736e-111" }, // 2^-366: 16 digits, though the nearest
                                                          // 16 to it don't read back
    { INFINITY, "inf" },
    { -INFINITY, "-inf" },
    { NAN, "nan" },
};

START_TEST(number_is_printed_as_ecmascript_does)
{
    char text[DC_NUMBER_TEXT_MAX + 1];
    size_t len = dc_number_print(prints[_i].number, text);
    text[len] = '\0';
    ck_assert_str_eq(text, prints[_i].text);
}
END_TEST

START_TEST(nan_has_no_sign)
{
    char text[DC_NUMBER_TEXT_MAX];
    ck_assert_uint_eq(dc_number_print(-NAN, text), 3);
    ck_assert_mem_eq(text, "nan", 3);
}
END_TEST

// Digits without leading and trailing zeros, sign, point and exponent.
static size_t significant_digits(const char *text, size_t len, char *digits)
{
    size_t count = 0, until_last = 0;
    for (size_t i = 0; i < len && text[i] != 'e'; i++) {
        if (text[i] < '0' || text[i] > '9' || (text[i] == '0' && count == 0)) continue;
        digits[count++] = text[i];
        if (text[i] != '0') until_last = count;
    }
    digits[until_last] = '\0';
    return until_last;
}

// Print `number`, and check all that is promised of the text: it reads back, no shorter one does,
// and it is the nearest of its length.
static void assert_shortest(double number)
{
    char text[DC_NUMBER_TEXT_MAX + 16], digits[40];
    memset(text, '#', sizeof text);
    size_t len = dc_number_print(number, text);
    ck_assert_uint_le(len, DC_NUMBER_TEXT_MAX);
    ck_assert_int_eq(text[DC_NUMBER_TEXT_MAX], '#');
    double back;
    ck_assert(dc_number_from_text(dc_str(text, len), &back));
    ck_assert_msg(dc_double_bits(back) == dc_double_bits(number), "%a is printed as %.*s", number,
                  (int)len, text);

    // printf gives the nearest decimal of any length. If that reads back for fewer digits, ours is
    // too long; if it does for as many, ours must be the same.
    size_t count = significant_digits(text, len, digits);
    char nearest[40], nearest_digits[40];
    if (count > 1) {
        snprintf(nearest, sizeof nearest, "%.*e", (int)count - 2, number);
        ck_assert_msg(strtod(nearest, NULL) != number, "%s is shorter", nearest);
    }
    int nearest_len = snprintf(nearest, sizeof nearest, "%.*e", (int)count - 1, number);
    if (strtod(nearest, NULL) == number) {
        significant_digits(nearest, (size_t)nearest_len, nearest_digits);
        ck_assert_str_eq(digits, nearest_digits);
    }
}

START_TEST(random_numbers_are_printed_shortest)
{
    uint64_t state = 13;
    for (int i = 0; i < RANDOM_COUNT; i++) {
        double number = next_double(&state);
        if (number != 0) assert_shortest(i % 2 ? number : -number);
    }
}
END_TEST

START_TEST(powers_of_two_are_printed_shortest)
{
    for (int i = -1074; i < 1024; i++) {
        assert_shortest(ldexp(1, i));
        assert_shortest(nextafter(ldexp(1, i), INFINITY));
        if (i > -1074) assert_shortest(nextafter(ldexp(1, i), 0));
    }
}
END_TEST

START_TEST(powers_of_ten_are_one_digit)
{
    char text[16], digits[40], printed[DC_NUMBER_TEXT_MAX];
    for (int i = -323; i <= 308; i++) {
        int len = snprintf(text, sizeof text, "1e%d", i);
        double number;
        ck_assert_uint_eq(dc_number_read(dc_str(text, (size_t)len), &number), (size_t)len);
        ck_assert_uint_eq(dc_double_bits(number), dc_double_bits(strtod(text, NULL)));
        size_t printed_len = dc_number_print(number, printed);
        ck_assert_uint_eq(significant_digits(printed, printed_len, digits), 1);
        ck_assert_str_eq(digits, "1");
    }
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("number");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, powers_of_ten_are_their_first_128_bits);
    tcase_add_loop_test(tests, literal_is_read_as_far_as_it_goes, 0, DC_ARRAY_LEN(literals));
    tcase_add_loop_test(tests, cell_is_read_whole, 0, DC_ARRAY_LEN(cells));
    tcase_add_test(tests, cell_may_be_nan);
    tcase_add_loop_test(tests, cell_that_is_no_number_changes_nothing, 0, DC_ARRAY_LEN(bad_cells));
    tcase_add_test(tests, null_view_is_no_number);
    tcase_add_loop_test(tests, reading_rounds_correctly, 0, DC_ARRAY_LEN(roundings));
    tcase_add_test(tests, long_text_is_read_exactly);
    tcase_add_test(tests, zeros_and_exponent_cancel);
    tcase_add_test(tests, long_text_in_base_16_is_read_exactly);
    tcase_add_test(tests, halfway_points_are_decided_exactly);
    tcase_add_test(tests, random_decimals_read_as_strtod_does);
    tcase_add_loop_test(tests, number_is_printed_as_ecmascript_does, 0, DC_ARRAY_LEN(prints));
    tcase_add_test(tests, nan_has_no_sign);
    tcase_add_test(tests, random_numbers_are_printed_shortest);
    tcase_add_test(tests, powers_of_two_are_printed_shortest);
    tcase_add_test(tests, powers_of_ten_are_one_digit);
    suite_add_tcase(suite, tests);
    return suite;
}
