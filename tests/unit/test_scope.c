// The names of a text: which one is meant where, whatever names there are.

#include "common/expr/scope.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

static dc_scope_t scope;

static void setup(void)
{
    scope = (dc_scope_t){ 0 };
}

static void push(dc_symbol_t *symbol, dc_str_t name, dc_symbol_kind_t kind)
{
    memset(symbol, 0xA5, sizeof *symbol); // the scope reads no more than what is set
    symbol->name = name;
    symbol->kind = kind;
    dc_scope_push(&scope, symbol);
}

static dc_symbol_t *find(const char *name)
{
    return dc_scope_find(&scope, dc_str_from(name), false);
}

START_TEST(later_name_hides_the_earlier_one)
{
    dc_symbol_t outer, inner, other;
    push(&outer, DC_STR("a"), DC_SYMBOL_VARIABLE);
    push(&other, DC_STR("ab"), DC_SYMBOL_LOCAL);
    push(&inner, DC_STR("a"), DC_SYMBOL_PARAMETER);
    ck_assert_ptr_eq(find("a"), &inner);
    dc_scope_pop_to(&scope, 2);
    ck_assert_ptr_eq(find("a"), &outer);
    ck_assert_ptr_eq(find("ab"), &other);
    dc_scope_pop_to(&scope, 0);
    ck_assert_ptr_null(find("a"));
}
END_TEST

START_TEST(function_and_value_may_have_one_name)
{
    dc_symbol_t value, function;
    push(&value, DC_STR("a"), DC_SYMBOL_LOCAL);
    ck_assert_ptr_null(dc_scope_find(&scope, DC_STR("a"), true));
    push(&function, DC_STR("a"), DC_SYMBOL_FUNCTION);
    ck_assert_ptr_eq(dc_scope_find(&scope, DC_STR("a"), true), &function);
    ck_assert_ptr_eq(find("a"), &value);
}
END_TEST

// A program may declare any names: empty ones, such that go on with zeros, and not in UTF-8.
START_TEST(any_bytes_are_a_name)
{
    static const dc_str_t names[] = { { "", 0 },     { "\0", 1 },     { "\0\0", 2 },
                                      { "a", 1 },    { "a\0", 2 },    { "a\0b", 3 },
                                      { "\xFF", 1 }, { "\xFE", 1 },   { "\xFF\0", 2 },
                                      { "\x80", 1 }, { "\x7F\0", 2 }, { "\x7F", 1 } };
    dc_symbol_t symbols[DC_ARRAY_LEN(names)];
    for (size_t i = 0; i < DC_ARRAY_LEN(names); i++) {
        ck_assert_ptr_null(dc_scope_find(&scope, names[i], false));
        push(&symbols[i], names[i], DC_SYMBOL_VARIABLE);
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(names); i++)
        ck_assert_ptr_eq(dc_scope_find(&scope, names[i], false), &symbols[i]);
}
END_TEST

// --- any order of all calls --------------------------------------------------------------------

#define SYMBOLS 200
#define TURNS   500

// Names of few letters, so that there are few of them and many begin alike.
static dc_str_t random_name(uint64_t *random, char *room)
{
    size_t len = dc_xorshift_below(random, 6);
    for (size_t i = 0; i < len; i++) {
        room[i] = (char)('a' + dc_xorshift_below(random, 2));
    }
    return dc_str(room, len);
}

// The last of a list that has the name; NULL if there is none.
static const dc_symbol_t *find_plainly(const dc_symbol_t *symbols, size_t count, dc_str_t name,
                                       bool is_function)
{
    for (size_t i = count; i-- > 0;) {
        bool fits = (symbols[i].kind == DC_SYMBOL_FUNCTION) == is_function;
        if (fits && dc_str_eq(symbols[i].name, name)) return &symbols[i];
    }
    return NULL;
}

static void check_all_names(const dc_symbol_t *symbols, size_t count)
{
    char name[5];
    for (unsigned bits = 0; bits < 32 * 6; bits++) {
        dc_str_t word = dc_str(name, bits % 6);
        for (size_t i = 0; i < word.len; i++)
            name[i] = bits / 6 >> i & 1 ? 'b' : 'a';
        for (int kind = 0; kind < 2; kind++) {
            ck_assert_ptr_eq(dc_scope_find(&scope, word, kind),
                             find_plainly(symbols, count, word, kind));
        }
    }
}

START_TEST(finds_what_a_list_would)
{
    static dc_symbol_t symbols[SYMBOLS];
    static char rooms[SYMBOLS][8];
    uint64_t random = (uint64_t)_i + 1;
    for (int turn = 0; turn < TURNS; turn++) {
        size_t count = scope.count;
        if (count < SYMBOLS && dc_xorshift_below(&random, 8)) {
            dc_symbol_kind_t kind = (dc_symbol_kind_t)dc_xorshift_below(&random, 4);
            push(&symbols[count], random_name(&random, rooms[count]), kind);
        } else {
            dc_scope_pop_to(&scope, dc_xorshift_below(&random, (uint32_t)count + 1));
        }
        if (turn % 16 == 0) check_all_names(symbols, scope.count);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("scope");
    TCase *names = tcase_create("names");
    tcase_add_checked_fixture(names, setup, NULL);
    tcase_add_test(names, later_name_hides_the_earlier_one);
    tcase_add_test(names, function_and_value_may_have_one_name);
    tcase_add_test(names, any_bytes_are_a_name);
    tcase_add_loop_test(names, finds_what_a_list_would, 0, 10);
    suite_add_tcase(all, names);
    return all;
}
