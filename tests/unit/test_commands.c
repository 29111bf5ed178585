// The names of commands: what is one, and what was meant by what is none.
#include "client/cli/cli_commands.h"

#include "common/tables.h"
#include "tests/lib/main.h"

static const struct {
    const char *word, *command; // NULL: nothing is near
} meant[] = {
    { "ps", "list" },
    { "squeue", "list" },
    { "jobs", "list" },
    { "kill", "cancel" },
    { "stop", "cancel" },
    { "scancel", "cancel" },
    { "revoke", "cancel" },
    { "logs", "attach" },
    { "tail", "attach" },
    { "watch", "attach" },
    { "follow", "attach" },
    { "submit", "batch" },
    { "run", "batch" },
    { "sbatch", "batch" },
    { "nodes", "workers" },
    { "sinfo", "workers" },
    { "resubmit", "retry" },
    { "rerun", "retry" },
    { "get", "results" },
    { "fetch", "results" },
    { "cat", "results" },
    { "staus", "status" },
    { "cancle", "cancel" },
    { "wokers", "workers" },
    { "complet", "completion" }, // and not the hidden one
    { "xyzzy", NULL },
};

START_TEST(words_of_neighbours_and_misspelt_ones_are_understood)
{
    const char *command = dc_cli_suggest_command(meant[_i].word);
    if (meant[_i].command) {
        ck_assert_str_eq(command, meant[_i].command);
    } else {
        ck_assert_ptr_null(command);
    }
}
END_TEST

static const struct {
    const char *operand;
    bool is_word;
} operands[] = {
    { "list", true }, { "pi", true },    { "after-any", true }, { "a-", true },  { "", false },
    { "-a", false },  { "2*pi", false }, { "Pi", false },       { "a1", false }, { "a b", false },
    { "x+1", false }, { "f(x)", false }, { "pi ", false },      { "ä", false },
};

START_TEST(a_word_of_small_letters_is_a_command_and_nothing_else)
{
    ck_assert_int_eq(dc_cli_is_word(operands[_i].operand), operands[_i].is_word);
}
END_TEST

START_TEST(each_command_has_a_bit_a_word_and_a_sentence)
{
    dc_cli_command_info_t info;
    uint32_t seen = 0;
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        dc_cli_command_t found;
        ck_assert_uint_eq(seen & info.command, 0);
        seen |= info.command;
        ck_assert(dc_cli_is_word(info.name));
        ck_assert(dc_cli_find_command(info.name, &found));
        ck_assert_int_eq(found, info.command);
        ck_assert_ptr_nonnull(strchr(info.help, '.'));
        ck_assert_str_eq(dc_cli_command_name(info.command), info.name);
    }
    // Options are only of commands that there are.
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        ck_assert_uint_eq(dc_cli_options.options[i].commands & ~seen, 0);
    }
}
END_TEST

// What a table must have for help, completion, configuration and manual to say something sensible.
START_TEST(each_option_of_each_program_is_declared_whole)
{
    for (size_t t = 0; dc_tables[t]; t++) {
        const dc_option_table_t *table = dc_tables[t];
        for (size_t i = 0; i < table->count; i++) {
            const dc_option_t *option = &table->options[i];
            bool is_hidden = option->flags & DC_OPTION_HIDDEN;
            size_t index;
            ck_assert(dc_option_find(table, option->name, &index) && index == i);
            if (option->letter) ck_assert(dc_option_find_letter(table, option->letter, &index));
            if (option->letter) ck_assert_uint_eq(index, i);
            ck_assert_msg(is_hidden || option->help, "--%s has no help", option->name);
            ck_assert_msg(!option->help || option->help[strlen(option->help) - 1] != '.',
                          "--%s: its help ends in a point", option->name);
            ck_assert_msg(!dc_option_takes_argument(option) == !option->argument,
                          "--%s: the name of its argument", option->name);
            ck_assert_msg((option->kind == DC_OPTION_CHOICE) == !!option->choices,
                          "--%s: its choices", option->name);
        }
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("commands");
    TCase *tests = tcase_create("commands");
    tcase_add_loop_test(tests, words_of_neighbours_and_misspelt_ones_are_understood, 0,
                        DC_ARRAY_LEN(meant));
    tcase_add_loop_test(tests, a_word_of_small_letters_is_a_command_and_nothing_else, 0,
                        DC_ARRAY_LEN(operands));
    tcase_add_test(tests, each_command_has_a_bit_a_word_and_a_sentence);
    tcase_add_test(tests, each_option_of_each_program_is_declared_whole);
    suite_add_tcase(all, tests);
    return all;
}
