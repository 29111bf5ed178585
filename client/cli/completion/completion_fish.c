#include "client/cli/completion/completion_part.h"

static const char head[] =
    "# Completion of dcalc, dcalc-broker and dcalc-worker for fish: dcalc completion fish | "
    "source\n"
    "# The command that is being typed; eval for an expression; nothing before either.\n"
    "function __dcalc_command\n"
    "    set -l skip 0\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if test $skip = 1\n"
    "            set skip 0\n"
    "            continue\n"
    "        end\n"
    "        switch $word\n"
    "            case";

static const char tail[] =
    "\n"
    "                set skip 1\n"
    "            case '-*'\n"
    "            case '*'\n"
    "                string match -qr '^[a-z][a-z-]*$' -- $word; or set word eval\n"
    "                echo $word\n"
    "                return\n"
    "        end\n"
    "    end\n"
    "end\n"
    "function __dcalc_is\n"
    "    contains -- \"$(__dcalc_command)\" $argv\n"
    "end\n"
    "# The words that dcalc knows, of the broker and the profile that this line names.\n"
    "function __dcalc_known\n"
    "    set -l where\n"
    "    set -l words (commandline -opc)[2..-1]\n"
    "    for i in (seq (count $words))\n"
    "        set -l value $words[(math $i + 1)]\n"
    "        if contains -- $words[$i] -c --config -P --profile -b --broker; and count $value "
    ">/dev/null\n"
    "            set -a where $words[$i] $value\n"
    "        end\n"
    "    end\n"
    "    dcalc $where complete $argv 2>/dev/null\n"
    "end\n"
    "# The name that an expression ends in; nothing for what one of these begins with.\n"
    "function __dcalc_formula\n"
    "    set -l word (string replace -r '^[\\'\"]' '' -- (commandline -ct))\n"
    "    set -q argv[1]; and string match -q -- \"$word*\" $argv; and return\n"
    "    set -l before (string replace -r '[A-Za-z0-9_]*$' '' -- $word)\n"
    "    printf '%s\\n' \"$before\"(dcalc complete functions 2>/dev/null)\n"
    "end\n"
    "complete -c dcalc -f\n";

static void put_source(dc_completion_source_t source, const dc_buf_t *words, dc_buf_t *out)
{
    switch (source) {
    case DC_COMPLETION_NOTHING: break;
    case DC_COMPLETION_WORDS: dc_buf_printf(out, " -a '%.*s'", (int)words->len, words->data); break;
    case DC_COMPLETION_KNOWN:
        dc_buf_printf(out, " -a '(__dcalc_known %.*s)'", (int)words->len, words->data);
        break;
    case DC_COMPLETION_FORMULA: dc_buf_append_text(out, " -a '(__dcalc_formula)'"); break;
    case DC_COMPLETION_FILES: dc_buf_append_text(out, " -F"); break;
    case DC_COMPLETION_FOLDERS:
        dc_buf_append_text(out, " -a '(__fish_complete_directories)'");
        break;
    }
}

static void put_brief(const char *help, dc_buf_t *out)
{
    dc_buf_append_text(out, " -d '");
    dc_completion_put_brief(help, out);
    dc_buf_append_text(out, "'\n");
}

// The rest of a line that is about an option.
static void put_option(const dc_option_t *option, dc_buf_t *out)
{
    if (option->letter) dc_buf_printf(out, " -s %c", option->letter);
    dc_buf_printf(out, " -l %s", option->name);
    if (dc_option_takes_argument(option)) {
        dc_buf_t words = { 0 };
        dc_completion_source_t source = dc_completion_of_option(option, &words);
        // An argument that may be left out never stands apart.
        if (!option->implied)
            dc_buf_append_text(out, source == DC_COMPLETION_FILES ? " -r" : " -x");
        put_source(source, &words, out);
        dc_buf_fini(&words);
    }
    put_brief(option->help, out);
}

// --- the client --------------------------------------------------------------------------------

static void put_function(dc_buf_t *out)
{
    dc_buf_append_text(out, head);
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        bool is_skipped = dc_option_takes_argument(option) && !option->implied;
        if (!is_skipped || option->flags & DC_OPTION_HIDDEN) continue;
        dc_buf_append_char(out, ' ');
        dc_completion_put_forms(option, " ", out);
        out->len--;
    }
    dc_buf_append_text(out, tail);
}

static void put_client_option(const dc_option_t *option, dc_buf_t *out)
{
    dc_cli_command_info_t info;
    dc_buf_append_text(out, "complete -c dcalc");
    if (option->commands) {
        // Before a command is typed it is eval.
        bool is_evals = option->commands & DC_CLI_EVAL;
        dc_buf_printf(out, " -n '__dcalc_is%s", is_evals ? " \"\"" : "");
        for (size_t at = 0; dc_cli_next_command(&at, &info);) {
            if (option->commands & info.command) dc_buf_printf(out, " %s", info.name);
        }
        dc_buf_append_char(out, '\'');
    }
    put_option(option, out);
}

static void put_command(const dc_cli_command_info_t *info, dc_buf_t *out)
{
    dc_buf_t words = { 0 };
    dc_completion_source_t source = dc_completion_of_command(info, &words);
    dc_buf_printf(out, "complete -c dcalc -n '__dcalc_is \"\"' -a %s", info->name);
    put_brief(info->help, out);
    if (source != DC_COMPLETION_NOTHING) {
        dc_buf_printf(out, "complete -c dcalc -n '__dcalc_is %s'", info->name);
        put_source(source, &words, out);
        dc_buf_append_char(out, '\n');
    }
    dc_buf_fini(&words);
}

static void put_client(dc_buf_t *out)
{
    dc_cli_command_info_t info;
    put_function(out);
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        put_command(&info, out);
    }
    dc_buf_append_text(out, "complete -c dcalc -n '__dcalc_is \"\"' -a '(__dcalc_formula");
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        dc_buf_printf(out, " %s", info.name);
    }
    dc_buf_append_text(out, ")'\n");
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        if (!(option->flags & DC_OPTION_HIDDEN)) put_client_option(option, out);
    }
    dc_buf_append_text(out, "complete -c dcalc-client -w dcalc\n");
}

// --- broker and worker -------------------------------------------------------------------------

static void put_program(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_printf(out, "complete -c %s -f\n", table->program);
    for (size_t i = 0; i < table->count; i++) {
        if (!dc_completion_is_offered(&table->options[i], 0)) continue;
        dc_buf_printf(out, "complete -c %s", table->program);
        put_option(&table->options[i], out);
    }
}

void dc_completion_put_fish(dc_buf_t *out)
{
    put_client(out);
    put_program(&dc_broker_options, out);
    put_program(&dc_worker_options, out);
}
