#include "client/cli/completion/completion_part.h"

static const char helpers[] =
    "#compdef dcalc dcalc-client dcalc-broker dcalc-worker\n"
    "# Completion of dcalc, dcalc-broker and dcalc-worker for zsh, behind compinit:\n"
    "#     source <(dcalc completion zsh)\n"
    "_dcalc_known() {\n"
    "    local -a known kinds\n"
    "    # _arguments puts options of compadd in front.\n"
    "    kinds=(${@[(I)-*]:+${@[(I)-*]}})\n"
    "    kinds=(${(s: :)${@[-1]}})\n"
    "    known=(${(f)\"$(dcalc $_dcalc_where complete $kinds 2>/dev/null)\"})\n"
    "    compadd -a known\n"
    "}\n"
    "# The name that an expression ends in.\n"
    "_dcalc_formula() {\n"
    "    local -a known\n"
    "    known=(${(f)\"$(dcalc complete functions 2>/dev/null)\"})\n"
    "    compset -P '*[^A-Za-z0-9_]'\n"
    "    compadd -S '' -a known\n"
    "}\n";

static const char find_command[] =
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        word=$words[i]\n"
    "        case $word in\n"
    "        (--) break ;;\n"
    "        (-c|--config|-P|--profile|-b|--broker)\n"
    "            ((i + 1 < CURRENT)) && _dcalc_where+=($word $words[i+1])\n"
    "            ((i++)) ;;\n";

static const char end_command[] =
    " ((i++)) ;;\n"
    "        (-*) ;;\n"
    "        (*)\n"
    "            command=eval\n"
    "            [[ $word == [a-z]* && $word != *[^a-z-]* ]] && command=$word\n"
    "            break ;;\n"
    "        esac\n"
    "    done\n";

// `:MESSAGE:ACTION`, the end of a specification.
static void put_action(const char *what, dc_completion_source_t source, const dc_buf_t *words,
                       dc_buf_t *out)
{
    dc_buf_append_char(out, ':');
    // A colon parts, and brackets would belong to a pattern.
    for (; *what; what++) {
        if (!strchr(":[]'", *what)) dc_buf_append_char(out, *what);
    }
    dc_buf_append_char(out, ':');
    switch (source) {
    case DC_COMPLETION_NOTHING: break;
    case DC_COMPLETION_WORDS: dc_buf_printf(out, "(%.*s)", (int)words->len, words->data); break;
    case DC_COMPLETION_KNOWN:
        dc_buf_printf(out, "{_dcalc_known \"%.*s\"}", (int)words->len, words->data);
        break;
    case DC_COMPLETION_FORMULA: dc_buf_append_text(out, "{_dcalc_formula}"); break;
    case DC_COMPLETION_FILES: dc_buf_append_text(out, "_files"); break;
    case DC_COMPLETION_FOLDERS: dc_buf_append_text(out, "_files -/"); break;
    }
}

// An option's specification, each of its forms on its own: `'--output=[text, json]:FORMAT:(...)'`.
static void put_form(const dc_option_t *option, bool is_long, dc_buf_t *out)
{
    bool can_repeat = option->kind == DC_OPTION_LIST || option->kind == DC_OPTION_COUNT;
    dc_buf_append_text(out, "        '");
    if (can_repeat) {
        dc_buf_append_char(out, '*');
    } else if (option->letter) {
        dc_buf_printf(out, "(-%c --%s)", option->letter, option->name);
    }
    if (is_long) {
        dc_buf_printf(out, "--%s", option->name);
    } else {
        dc_buf_printf(out, "-%c", option->letter);
    }
    bool has_argument = dc_option_takes_argument(option);
    if (has_argument)
        dc_buf_append_text(out, option->implied ? (is_long ? "=-" : "-") : (is_long ? "=" : "+"));
    dc_buf_append_char(out, '[');
    dc_completion_put_brief(option->help, out);
    dc_buf_append_char(out, ']');
    if (has_argument) {
        dc_buf_t words = { 0 };
        dc_completion_source_t source = dc_completion_of_option(option, &words);
        if (option->implied) dc_buf_append_char(out, ':');
        put_action(option->argument, source, &words, out);
        dc_buf_fini(&words);
    }
    dc_buf_append_text(out, "'\n");
}

static void put_option(const dc_option_t *option, dc_buf_t *out)
{
    if (option->letter) put_form(option, false, out);
    put_form(option, true, out);
}

// --- the client --------------------------------------------------------------------------------

static void put_command(const dc_cli_command_info_t *info, dc_buf_t *out)
{
    dc_buf_t words = { 0 };
    dc_completion_source_t source = dc_completion_of_command(info, &words);
    // Without a command it is eval.
    dc_buf_printf(out, "    (%s%s) specs+=(\n", info->name,
                  info->command == DC_CLI_EVAL ? "|" : "");
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        if (!option->commands || !dc_completion_is_offered(option, info->command)) continue;
        put_option(option, out);
    }
    if (*info->arguments) {
        dc_buf_append_text(out, "        '*");
        put_action(info->arguments, source, &words, out);
        dc_buf_append_text(out, "'\n");
    }
    dc_buf_append_text(out, "        ) ;;\n");
    dc_buf_fini(&words);
}

static void put_common(dc_buf_t *out)
{
    dc_buf_append_text(out, "    specs=(\n");
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        const dc_option_t *option = &dc_cli_options.options[i];
        if (!option->commands && dc_completion_is_offered(option, 0)) put_option(option, out);
    }
    dc_buf_append_text(out, "    )\n");
}

static void put_client(dc_buf_t *out)
{
    dc_cli_command_info_t info;
    dc_buf_append_text(out, "_dcalc_commands() {\n    local -a commands\n    commands=(\n");
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        dc_buf_printf(out, "        '%s:", info.name);
        dc_completion_put_brief(info.help, out);
        dc_buf_append_text(out, "'\n");
    }
    // What begins as no command does is an expression.
    dc_buf_append_text(out, "    )\n"
                            "    if ((${commands[(I)$PREFIX*]})); then\n"
                            "        _describe command commands\n"
                            "    else\n"
                            "        _dcalc_formula\n"
                            "    fi\n"
                            "}\n"
                            "_dcalc_client() {\n"
                            "    local command= word i\n"
                            "    local -a specs _dcalc_where\n");
    dc_buf_append_text(out, find_command);
    bool is_first = true;
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        if (!dc_completion_needs_argument(&dc_cli_options.options[i])) continue;
        dc_buf_append_text(out, is_first ? "        (" : "|");
        if (dc_cli_options.options[i].letter)
            dc_buf_printf(out, "-%c|", dc_cli_options.options[i].letter);
        dc_buf_printf(out, "--%s", dc_cli_options.options[i].name);
        is_first = false;
    }
    dc_buf_append_char(out, ')');
    dc_buf_append_text(out, end_command);
    put_common(out);
    dc_buf_append_text(out, "    [[ $command == eval ]] || specs+=('1:command:_dcalc_commands')\n"
                            "    case $command in\n");
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        put_command(&info, out);
    }
    dc_buf_append_text(out, "    esac\n    _arguments -s $specs\n}\n");
}

// --- broker and worker -------------------------------------------------------------------------

static void put_program(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_printf(out, "_dcalc_%s() {\n    local -a _dcalc_where\n    _arguments -s \\\n",
                  table->section);
    dc_buf_t specs = { 0 };
    for (size_t i = 0; i < table->count; i++) {
        if (dc_completion_is_offered(&table->options[i], 0)) put_option(&table->options[i], &specs);
    }
    for (size_t i = 0; i + 1 < specs.len; i++) {
        if (specs.data[i] == '\n') dc_buf_append_text(out, " \\");
        dc_buf_append_char(out, specs.data[i]);
    }
    dc_buf_append_text(out, "\n}\n");
    dc_buf_fini(&specs);
}

void dc_completion_put_zsh(dc_buf_t *out)
{
    dc_buf_append_text(out, helpers);
    put_client(out);
    put_program(&dc_broker_options, out);
    put_program(&dc_worker_options, out);
    dc_buf_append_text(out, "_dcalc() {\n"
                            "    case $service in\n"
                            "    (dcalc-broker) _dcalc_broker ;;\n"
                            "    (dcalc-worker) _dcalc_worker ;;\n"
                            "    (*) _dcalc_client ;;\n"
                            "    esac\n"
                            "}\n"
                            "# As a file of $fpath it is called for, otherwise it is made known.\n"
                            "if [[ $funcstack[1] == _dcalc ]]; then\n"
                            "    _dcalc \"$@\"\n"
                            "else\n"
                            "    compdef _dcalc dcalc dcalc-client dcalc-broker dcalc-worker\n"
                            "fi\n");
}
