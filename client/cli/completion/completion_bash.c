#include "client/cli/completion/completion_part.h"

// Bash parts words at = and at :, so `--color=al` is three and a URL up to five.
static const char helpers[] =
    "# Completion of dcalc, dcalc-broker and dcalc-worker for bash: source <(dcalc completion "
    "bash)\n"
    "_dcalc_words() {\n"
    "    local IFS=$' \\t\\n'\n"
    "    COMPREPLY+=($(compgen -W \"$1\" -- \"$cur\"))\n"
    "}\n"
    "_dcalc_known() {\n"
    "    local program=${COMP_WORDS[0]/#\\~/$HOME}\n"
    "    case $program in *broker | *worker) program=dcalc ;; esac\n"
    "    _dcalc_words \"$(\"$program\" \"${_dcalc_where[@]}\" complete \"$@\" 2>/dev/null)\"\n"
    "}\n"
    "# The name that an expression ends in. The quote in front is not ours; one name closes it.\n"
    "_dcalc_formula() {\n"
    "    local before=${cur%\"${cur##*[^A-Za-z0-9_]}\"} cur=${cur##*[^A-Za-z0-9_]}\n"
    "    _dcalc_known functions\n"
    "    COMPREPLY=(\"${COMPREPLY[@]/#/${before#[\\'\\\"]}}\")\n"
    "    [[ $before == [\\'\\\"]* && ${#COMPREPLY[@]} == 1 ]] && COMPREPLY+=(\"$COMPREPLY(\")\n"
    "    compopt -o nospace 2>/dev/null\n"
    "}\n"
    "_dcalc_paths() {\n"
    "    local IFS=$'\\n'\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    COMPREPLY+=($(compgen \"$1\" -- \"$cur\"))\n"
    "}\n"
    "# What stands at the cursor, and in front of it.\n"
    "_dcalc_begin() {\n"
    "    COMPREPLY=()\n"
    "    cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "}\n";

static const char find_command[] =
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n"
    "        = | :) ((i++)) ;;\n"
    "        --) break ;;\n"
    "        -c | --config | -P | --profile | -b | --broker)\n"
    "            value=${COMP_WORDS[i + 1]} next=$((i + 2))\n"
    "            [[ $value == = ]] && value=${COMP_WORDS[i + 2]} next=$((i + 3))\n"
    "            while [[ ${COMP_WORDS[next]} == : && next -lt COMP_CWORD ]]; do\n"
    "                value+=:${COMP_WORDS[next + 1]} next=$((next + 2))\n"
    "            done\n"
    "            ((next <= COMP_CWORD)) && _dcalc_where+=(\"$word\" \"$value\")\n"
    "            i=$((next - 1))\n"
    "            ;;\n";

static const char end_command[] =
    "            [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))\n"
    "            ((i++))\n"
    "            ;;\n"
    "        -*) ;;\n"
    "        *)\n"
    "            [[ $word =~ ^[a-z][a-z-]*$ ]] && command=$word || command=eval\n"
    "            break\n"
    "            ;;\n"
    "        esac\n"
    "    done\n";

// Append the body of an arm that offers what an argument may be.
static void put_source(dc_completion_source_t source, const dc_buf_t *words, dc_buf_t *out)
{
    switch (source) {
    case DC_COMPLETION_NOTHING: dc_buf_append_text(out, ":"); break;
    case DC_COMPLETION_WORDS:
        dc_buf_printf(out, "_dcalc_words '%.*s'", (int)words->len, words->data);
        break;
    case DC_COMPLETION_KNOWN:
        dc_buf_printf(out, "_dcalc_known %.*s", (int)words->len, words->data);
        break;
    case DC_COMPLETION_FORMULA: dc_buf_append_text(out, "_dcalc_formula"); break;
    case DC_COMPLETION_FILES: dc_buf_append_text(out, "_dcalc_paths -f"); break;
    case DC_COMPLETION_FOLDERS: dc_buf_append_text(out, "_dcalc_paths -d"); break;
    }
}

// `-o | --output`, as patterns of a case.
static void put_patterns(const dc_option_t *option, dc_buf_t *out)
{
    if (option->letter) dc_buf_printf(out, "-%c | ", option->letter);
    dc_buf_printf(out, "--%s", option->name);
}

// A case of the word in front of the cursor: what an option's argument may be.
static void put_arguments(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_append_text(out, "    case $prev in\n");
    for (size_t i = 0; i < table->count; i++) {
        const dc_option_t *option = &table->options[i];
        if (!dc_completion_needs_argument(option)) continue;
        dc_buf_t words = { 0 };
        dc_completion_source_t source = dc_completion_of_option(option, &words);
        dc_buf_append_text(out, "    ");
        put_patterns(option, out);
        dc_buf_append_text(out, ") ");
        put_source(source, &words, out);
        dc_buf_append_text(out, "; return ;;\n");
        dc_buf_fini(&words);
    }
    dc_buf_append_text(out, "    esac\n");
}

static void put_options(const dc_option_table_t *table, uint32_t command, dc_buf_t *out)
{
    dc_buf_append_text(out, "_dcalc_words '");
    for (size_t i = 0; i < table->count; i++) {
        if (!dc_completion_is_offered(&table->options[i], command)) continue;
        dc_completion_put_forms(&table->options[i], " ", out);
    }
    dc_buf_append_text(out, "'");
}

// --- the client --------------------------------------------------------------------------------

static void put_scan(dc_buf_t *out)
{
    dc_buf_append_text(out, find_command);
    bool is_first = true;
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        if (!dc_completion_needs_argument(&dc_cli_options.options[i])) continue;
        dc_buf_append_text(out, is_first ? "        " : " | ");
        put_patterns(&dc_cli_options.options[i], out);
        is_first = false;
    }
    dc_buf_append_text(out, ")\n");
    dc_buf_append_text(out, end_command);
}

static void put_command(const dc_cli_command_info_t *info, dc_buf_t *out)
{
    dc_buf_t words = { 0 };
    dc_completion_source_t source = dc_completion_of_command(info, &words);
    dc_buf_printf(out, "    %s,-*) ", info->name);
    put_options(&dc_cli_options, info->command, out);
    dc_buf_printf(out, " ;;\n    %s,*) ", info->name);
    put_source(source, &words, out);
    dc_buf_append_text(out, " ;;\n");
    dc_buf_fini(&words);
}

static void put_client(dc_buf_t *out)
{
    dc_cli_command_info_t info;
    dc_buf_append_text(out, "_dcalc() {\n"
                            "    local cur prev command= word value next i _dcalc_where=()\n"
                            "    _dcalc_begin\n");
    put_scan(out);
    put_arguments(&dc_cli_options, out);
    dc_buf_append_text(out, "    case $command,$cur in\n    ,-*) ");
    put_options(&dc_cli_options, 0, out);
    dc_buf_append_text(out, " ;;\n    ,*) _dcalc_words '");
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        dc_buf_printf(out, "%s ", info.name);
    }
    // What begins as no command does is an expression.
    dc_buf_append_text(out, "'; ((${#COMPREPLY[@]})) || _dcalc_formula ;;\n");
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        put_command(&info, out);
    }
    dc_buf_append_text(out, "    esac\n}\ncomplete -F _dcalc dcalc dcalc-client\n");
}

// --- broker and worker -------------------------------------------------------------------------

static void put_program(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_printf(out,
                  "_dcalc_%s() {\n"
                  "    local cur prev _dcalc_where=()\n"
                  "    _dcalc_begin\n",
                  table->section);
    put_arguments(table, out);
    dc_buf_append_text(out, "    ");
    put_options(table, 0, out);
    dc_buf_printf(out, "\n}\ncomplete -F _dcalc_%s %s\n", table->section, table->program);
}

void dc_completion_put_bash(dc_buf_t *out)
{
    dc_buf_append_text(out, helpers);
    put_client(out);
    put_program(&dc_broker_options, out);
    put_program(&dc_worker_options, out);
}
