// Lines of the prompt that are commands: which ones, their words, and what completes a word.

#include "client/cli/prompt/candidates.h"
#include "client/cli/prompt/verb.h"
#include "client/cli/prompt/words.h"
#include "tests/lib/main.h"

static dc_notebook_t *notebook;

static void set_up(void)
{
    notebook = dc_notebook_new();
    ck_assert_ptr_nonnull(notebook);
}

static void tear_down(void)
{
    dc_notebook_destroy(&notebook);
}

static void set(const char *name)
{
    ck_assert_int_eq(dc_notebook_set_variable(notebook, dc_str_from(name), DC_STR("1")), DC_OK);
}

// --- verbs -------------------------------------------------------------------------------------

static const struct {
    const char *line;
    dc_verb_t verb;
    const char *rest;
} lines[] = {
    { "help", DC_VERB_HELP, "" },
    { "  help  functions ", DC_VERB_HELP, "functions" },
    { "vars", DC_VERB_VARS, "" },
    { "forget a b", DC_VERB_FORGET, "a b" },
    { "quit", DC_VERB_QUIT, "" },
    { "exit()", DC_VERB_QUIT, "()" },
    { "list", DC_VERB_COMMAND, "" },
    { "list -o json", DC_VERB_COMMAND, "-o json" },
    { "status b17", DC_VERB_COMMAND, "b17" },
    { "batch ./a.csv -t 'x*2'", DC_VERB_COMMAND, "./a.csv -t 'x*2'" },
    { "batch /tmp/a.csv", DC_VERB_COMMAND, "/tmp/a.csv" },
    { "list = 3", DC_VERB_NONE, "" }, // a definition
    { "list == 3", DC_VERB_NONE, "" },
    { "list - 3", DC_VERB_NONE, "" },
    { "list*3", DC_VERB_NONE, "" },
    { "top(x) = 3", DC_VERB_NONE, "" },
    { "lists", DC_VERB_NONE, "" },
    { "rate", DC_VERB_NONE, "" },
    { "eval 2+3", DC_VERB_NONE, "" },
    { "completion bash", DC_VERB_NONE, "" },
    { "", DC_VERB_NONE, "" },
    { "2+3", DC_VERB_NONE, "" },
};

START_TEST(a_line_is_a_command_or_none)
{
    dc_str_t rest;
    ck_assert_int_eq(dc_verb_find(notebook, dc_str_from(lines[_i].line), &rest), lines[_i].verb);
    if (lines[_i].verb != DC_VERB_NONE) {
        ck_assert(dc_str_eq(rest, dc_str_from(lines[_i].rest)));
    }
}
END_TEST

START_TEST(what_was_defined_goes_before_commands)
{
    dc_str_t rest;
    set("list");
    ck_assert_int_eq(dc_verb_find(notebook, DC_STR("list"), &rest), DC_VERB_NONE);
    ck_assert_int_eq(dc_verb_find(notebook, DC_STR("workers"), &rest), DC_VERB_COMMAND);
    dc_notebook_forget_all(notebook);
    ck_assert_int_eq(dc_verb_find(notebook, DC_STR("list"), &rest), DC_VERB_COMMAND);
}
END_TEST

// --- words -------------------------------------------------------------------------------------

static const struct {
    const char *line;
    const char *words; // with a bar behind each; NULL: a quote is open
} cuts[] = {
    { "", "" },
    { "  ", "" },
    { "list", "list|" },
    { " batch  a.csv\t-t x ", "batch|a.csv|-t|x|" },
    { "-t 'x * 2'", "-t|x * 2|" },
    { "-t \"x * 2\"", "-t|x * 2|" },
    { "-t 'x == \"a\"'", "-t|x == \"a\"|" },
    { "-t \"x == \\\"a\\\"\"", "-t|x == \"a\"|" },
    { "a\\ b 'c\\d'", "a b|c\\d|" },
    { "''", "|" },
    { "a''b", "ab|" },
    { "$HOME * > x", "$HOME|*|>|x|" }, // this is no shell
    { "a\\", "a\\|" },
    { "'a", NULL },
    { "a \"b", NULL },
};

START_TEST(words_are_cut_as_in_a_shell)
{
    dc_arena_t arena;
    dc_words_t words;
    dc_buf_t joined = { 0 };
    dc_arena_init(&arena, 1 << 16);
    bool is_cut = dc_words_cut(dc_str_from(cuts[_i].line), &arena, &words);
    ck_assert_int_eq(is_cut, cuts[_i].words != NULL);
    for (size_t i = 0; is_cut && i < words.count; i++) {
        dc_buf_printf(&joined, "%s|", words.items[i]);
    }
    if (is_cut) ck_assert_ptr_null(words.items[words.count]);
    if (is_cut) ck_assert(dc_str_eq(dc_buf_str(&joined), dc_str_from(cuts[_i].words)));
    dc_buf_fini(&joined);
    dc_arena_fini(&arena);
}
END_TEST

// --- completion --------------------------------------------------------------------------------

static const struct {
    const char *line; // up to the cursor
    const char *names;
    size_t typed, same;
} completions[] = {
    { "sq", "sqrt(|", 2, 5 },
    { "2*sq", "sqrt(|", 2, 5 },
    { "sinh(ta", "tan(|tanh(|tau|", 2, 2 },
    { "1 + ra", "rad(|random_walk(|rate|", 2, 2 },
    { "2*rad(ph", "phi|", 2, 3 },
    { "work", "workers|", 4, 7 }, // at the beginning only
    { "1+work", "", 0, 0 },
    { "forg", "forget|", 4, 6 },
    { "forget ra", "random_walk(|rate|", 2, 2 },
    { "help exit-c", "exit-codes|", 6, 10 },
    { "help work", "workers|", 4, 7 },
    { "status sq", "", 0, 0 },
    { "vars", "vars|", 4, 4 },
    { "grö", "größe|", 4, 7 },
    { "0x", "", 0, 0 },
    { "", "", 0, 0 },
    { "2+", "", 0, 0 },
    { "nosuch", "", 0, 0 },
};

START_TEST(a_word_is_completed)
{
    dc_candidates_t found;
    dc_statement_t walk = { .kind = DC_STATEMENT_FUNCTION,
                            .text = DC_STR("random_walk(x) = x"),
                            .name = DC_STR("random_walk") };
    walk.body = dc_str_behind(walk.text, walk.text.len - 1);
    set("rate");
    set("größe");
    ck_assert_int_eq(dc_notebook_set_function(notebook, &walk), DC_OK);
    dc_str_t line = dc_str_from(completions[_i].line);
    dc_candidates_find(notebook, line, line.len, &found);
    dc_buf_t joined = { 0 };
    const char *name = found.names.data;
    for (size_t i = 0; i < found.count; i++, name += strlen(name) + 1) {
        dc_buf_printf(&joined, "%s|", name);
    }
    dc_buf_append_char(&joined, '\0');
    ck_assert_str_eq(joined.data, completions[_i].names);
    ck_assert_uint_eq(found.typed_bytes, completions[_i].typed);
    ck_assert_uint_eq(found.same_bytes, completions[_i].same);
    dc_buf_fini(&joined);
    dc_candidates_fini(&found);
}
END_TEST

START_TEST(what_stands_behind_the_cursor_stays)
{
    dc_candidates_t found;
    dc_candidates_find(notebook, DC_STR("2*sqx + 1"), 4, &found);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_str_eq(found.names.data, "sqrt(");
    dc_candidates_fini(&found);
}
END_TEST

START_TEST(names_stand_in_columns_that_fit)
{
    dc_candidates_t found;
    dc_buf_t out = { 0 };
    dc_candidates_find(notebook, DC_STR("2*si"), 4, &found);
    dc_candidates_put(&found, 80, &out);
    dc_buf_append_text(&out, "---\n");
    dc_candidates_put(&found, 18, &out);
    dc_buf_append_text(&out, "---\n");
    dc_candidates_put(&found, 3, &out);
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, "sign(   sin(    sinh(   sinpi(\n"
                               "---\n"
                               "sign(   sin(\n"
                               "sinh(   sinpi(\n"
                               "---\n"
                               "sign(\nsin(\nsinh(\nsinpi(\n");
    dc_buf_fini(&out);
    dc_candidates_fini(&found);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("prompt words");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, a_line_is_a_command_or_none, 0, DC_ARRAY_LEN(lines));
    tcase_add_test(tests, what_was_defined_goes_before_commands);
    tcase_add_loop_test(tests, words_are_cut_as_in_a_shell, 0, DC_ARRAY_LEN(cuts));
    tcase_add_loop_test(tests, a_word_is_completed, 0, DC_ARRAY_LEN(completions));
    tcase_add_test(tests, what_stands_behind_the_cursor_stays);
    tcase_add_test(tests, names_stand_in_columns_that_fit);
    Suite *all = suite_create("prompt words");
    suite_add_tcase(all, tests);
    return all;
}
