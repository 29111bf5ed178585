// The lexer: which bytes are which tokens, and that numbers are read the same on the fast way.
#include <stdio.h>

#include "common/expr/lexer.h"
#include "common/expr/number.h"
#include "common/utf8.h"
#include "tests/lib/main.h"

#define TEXT_MAX 64

static dc_diag_t diag;

// A padded copy of `text` in static memory, and a lexer at its beginning.
static dc_lexer_t lexer_of(const char *text)
{
    static char padded[TEXT_MAX + DC_LEXER_PADDING];
    size_t len = strlen(text);
    ck_assert_uint_le(len, TEXT_MAX);
    memset(padded, 0, sizeof padded);
    memcpy(padded, text, len + 1);
    dc_lexer_t lexer;
    dc_lexer_init(&lexer, dc_str(padded, len), &diag);
    return lexer;
}

static const struct {
    const char *text;
    dc_token_kind_t kinds[6];
} rows[] = {
    { "", { DC_TOKEN_END } },
    { " \t\r\n", { DC_TOKEN_END } },
    { "( ) [ ]", { DC_TOKEN_LPAREN, DC_TOKEN_RPAREN, DC_TOKEN_LBRACKET, DC_TOKEN_RBRACKET } },
    { ", ; : =", { DC_TOKEN_COMMA, DC_TOKEN_SEMICOLON, DC_TOKEN_COLON, DC_TOKEN_ASSIGN } },
    { "? ?? ???", { DC_TOKEN_QUESTION, DC_TOKEN_COALESCE, DC_TOKEN_COALESCE, DC_TOKEN_QUESTION } },
    { "|| or | |", { DC_TOKEN_OR, DC_TOKEN_OR, DC_TOKEN_BITOR, DC_TOKEN_BITOR } },
    { "&& and & &", { DC_TOKEN_AND, DC_TOKEN_AND, DC_TOKEN_BITAND, DC_TOKEN_BITAND } },
    { "! not !=", { DC_TOKEN_NOT, DC_TOKEN_NOT, DC_TOKEN_NE } },
    { "== = =~ ==", { DC_TOKEN_EQ, DC_TOKEN_ASSIGN, DC_TOKEN_MATCH, DC_TOKEN_EQ } },
    { "< <= << in", { DC_TOKEN_LT, DC_TOKEN_LE, DC_TOKEN_SHL, DC_TOKEN_IN } },
    { "> >= >>", { DC_TOKEN_GT, DC_TOKEN_GE, DC_TOKEN_SHR } },
    { "+ - ~ %", { DC_TOKEN_PLUS, DC_TOKEN_MINUS, DC_TOKEN_TILDE, DC_TOKEN_PERCENT } },
    { "* ** / //", { DC_TOKEN_STAR, DC_TOKEN_POWER, DC_TOKEN_SLASH, DC_TOKEN_FLOORDIV } },
    { "^~(-", { DC_TOKEN_POWER, DC_TOKEN_TILDE, DC_TOKEN_LPAREN, DC_TOKEN_MINUS } },
    { "a<-b", { DC_TOKEN_NAME, DC_TOKEN_LT, DC_TOKEN_MINUS, DC_TOKEN_NAME } },
    { "1.5e3+.5", { DC_TOKEN_NUMBER, DC_TOKEN_PLUS, DC_TOKEN_NUMBER } },
    { "or1 _in iN", { DC_TOKEN_NAME, DC_TOKEN_NAME, DC_TOKEN_NAME } },
    { "é a2 变量 α_1", { DC_TOKEN_NAME, DC_TOKEN_NAME, DC_TOKEN_NAME, DC_TOKEN_NAME } },
    { "{a b}{c}", { DC_TOKEN_BRACED, DC_TOKEN_BRACED } },
    { "'a\\'' \"b'\"", { DC_TOKEN_STRING, DC_TOKEN_STRING } },
    { "#", { DC_TOKEN_BAD } },
    { "1x", { DC_TOKEN_NUMBER, DC_TOKEN_NAME } },
    { "1.2.3", { DC_TOKEN_BAD } },
};

START_TEST(bytes_are_tokens)
{
    dc_lexer_t lexer = lexer_of(rows[_i].text);
    dc_token_t token;
    for (size_t i = 0; i < DC_ARRAY_LEN(rows[_i].kinds); i++) {
        dc_lexer_next(&lexer, &token);
        ck_assert_int_eq(token.kind, rows[_i].kinds[i]);
        if (token.kind <= DC_TOKEN_BAD) return;
    }
    dc_lexer_next(&lexer, &token);
    ck_assert_int_eq(token.kind, DC_TOKEN_END);
}
END_TEST

START_TEST(tokens_know_their_place)
{
    dc_lexer_t lexer = lexer_of(" ab  <=12.5");
    dc_token_t token;
    dc_lexer_next(&lexer, &token);
    ck_assert_uint_eq(token.column, 1);
    ck_assert_uint_eq(token.end, 3);
    dc_lexer_next(&lexer, &token);
    ck_assert_uint_eq(token.column, 5);
    ck_assert_uint_eq(token.end, 7);
    dc_lexer_next(&lexer, &token);
    ck_assert_uint_eq(token.column, 7);
    ck_assert_uint_eq(token.end, 11);
    ck_assert_double_eq(token.number, 12.5);
}
END_TEST

static void check_number(const char *text)
{
    dc_lexer_t lexer = lexer_of(text);
    dc_token_t token;
    dc_lexer_next(&lexer, &token);
    double expected;
    ck_assert_uint_eq(dc_number_read(dc_str_from(text), &expected), strlen(text));
    ck_assert_msg(token.kind == DC_TOKEN_NUMBER, "%s: %s", text, diag.message);
    ck_assert_uint_eq(token.end, strlen(text));
    // None is NaN or -0, so equal ones have equal bits.
    ck_assert_msg(token.number == expected, "%s is %.17g, not %.17g", text, token.number, expected);
}

// Every count of digits on each side of the point, with digits that carry.
START_TEST(short_numbers_are_read_alike)
{
    static const char *const digits[] = { "9999999999999999", "1234567890123456",
                                          "0000000000000001", "5000000000000000" };
    char text[TEXT_MAX];
    for (int whole = 1; whole <= 16; whole++) {
        for (int fraction = 0; fraction <= 16; fraction++) {
            for (size_t i = 0; i < DC_ARRAY_LEN(digits); i++) {
                const char *first = digits[i];
                const char *second = digits[(i + (size_t)whole) % DC_ARRAY_LEN(digits)];
                snprintf(text, sizeof text, "%.*s.%.*s", whole, first, fraction, second);
                check_number(text);
                snprintf(text, sizeof text, "%.*s", whole, first);
                check_number(text);
            }
        }
    }
}
END_TEST

START_TEST(other_numbers_are_read_alike)
{
    static const char *const texts[] = { "1e5",  "1.5e-3", "12E+2", "1_000", "1_0.2_5", "0x1F",
                                         "0b11", "1.e3",   ".5",    "1e400", "5." };
    for (size_t i = 0; i < DC_ARRAY_LEN(texts); i++) {
        check_number(texts[i]);
    }
}
END_TEST

static bool goes_there_and_back(uint32_t character)
{
    bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
    char encoded[4];
    uint32_t decoded = 0;
    size_t count = dc_utf8_encode(character, encoded);
    for (size_t cut = 1; cut < count; cut++) {
        if (dc_utf8_decode(dc_str(encoded, cut), &decoded)) return false;
    }
    size_t used = dc_utf8_decode(dc_str(encoded, count), &decoded);
    return is_surrogate ? used == 0 : used == count && decoded == character;
}

// Encoding what was decoded gives the bytes again, for every character there is. One assertion for
// them all: a million would take longer than what they look at.
START_TEST(utf8_there_and_back)
{
    uint32_t character = 0;
    while (character <= 0x10FFFF && goes_there_and_back(character)) {
        character++;
    }
    ck_assert_uint_eq(character, 0x110000);
}
END_TEST

START_TEST(letters_are_letters)
{
    static const uint32_t yes[] = { 0xAA, 0xE9, 0x3B1, 0x416, 0x5D0, 0x4E00, 0xAC00 };
    static const uint32_t no[] = { 0xA0,   0xD7,   0xF7,    0x2003, 0x2212,  0x2264,
                                   0x3000, 0xFEFF, 0x1F600, 0xE000, 0x10FFFF };
    for (size_t i = 0; i < DC_ARRAY_LEN(yes); i++) {
        ck_assert_msg(dc_utf8_is_letter(yes[i]), "U+%04X", yes[i]);
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(no); i++) {
        ck_assert_msg(!dc_utf8_is_letter(no[i]), "U+%04X", no[i]);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("expr_lexer");
    TCase *tokens = tcase_create("tokens");
    tcase_add_loop_test(tokens, bytes_are_tokens, 0, (int)DC_ARRAY_LEN(rows));
    tcase_add_test(tokens, tokens_know_their_place);
    tcase_add_test(tokens, short_numbers_are_read_alike);
    tcase_add_test(tokens, other_numbers_are_read_alike);
    suite_add_tcase(all, tokens);
    TCase *characters = tcase_create("characters");
    tcase_set_timeout(characters, 60);
    tcase_add_test(characters, utf8_there_and_back);
    tcase_add_test(characters, letters_are_letters);
    suite_add_tcase(all, characters);
    return all;
}
