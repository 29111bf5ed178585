#include "client/man/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/cli/cli_commands.h"
#include "client/cli/cli_help.h"
#include "client/cli/exit_status.h"
#include "common/expr/reference.h"
#include "common/limits.h"
#include "common/option_mdoc.h"
#include "common/tables.h"

#define LIST     ".Bl -tag -width Ds\n"
#define LIST_END ".El\n"

// --- of all programs ---------------------------------------------------------------------------

static const dc_option_table_t *find_table(dc_str_t program)
{
    for (size_t i = 0; dc_tables[i]; i++) {
        if (dc_str_eq(program, dc_str_from(dc_tables[i]->section))) return dc_tables[i];
    }
    return NULL;
}

static void put_options(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_printf(out,
                  "Each option is a variable of the environment as well, and a key in section\n"
                  ".Ql [%s]\n"
                  "of the configuration file,\n"
                  ".Xr dcalc.conf 5 .\n"
                  "Strongest first: option, variable, file.\n",
                  table->section);
    dc_mdoc_put_options(table, out);
}

static void put_environment(const dc_option_table_t *table, dc_buf_t *out)
{
    dc_buf_append_text(
        out, "Each of these variables stands for an option; what is empty counts as unset.\n");
    dc_mdoc_put_environment(table, out);
}

static const struct {
    const char *word;
    void (*put)(const dc_option_table_t *table, dc_buf_t *out);
} of_programs[] = {
    { "options ", put_options },
    { "environment ", put_environment },
    { "keys ", dc_mdoc_put_keys },
};

static bool put_of_program(dc_str_t name, dc_buf_t *out)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(of_programs); i++) {
        dc_str_t word = dc_str_from(of_programs[i].word);
        if (!dc_str_begins(name, word)) continue;
        const dc_option_table_t *table = find_table(dc_str_behind(name, word.len));
        if (table) of_programs[i].put(table, out);
        return table != NULL;
    }
    return false;
}

static void put_files(dc_buf_t *out)
{
    dc_buf_append_text(out, LIST ".It Pa $XDG_CONFIG_HOME/dcalc/dcalc.conf\n"
                                 "The configuration; without that variable it is in\n"
                                 ".Pa ~/.config .\n"
                                 ".It Pa /etc/dcalc/dcalc.conf\n"
                                 "The configuration where there is none of one's own.\n" LIST_END);
}

// --- of the client -----------------------------------------------------------------------------

static void put_commands(dc_buf_t *out)
{
    dc_cli_command_info_t info;
    dc_buf_append_text(out, LIST);
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        dc_str_t arguments = dc_str_from(info.arguments);
        bool is_optional = dc_str_take_char(&arguments, '[');
        if (is_optional) arguments.len--; // its ]
        dc_buf_printf(out, ".It Cm %s", info.name);
        if (arguments.len) {
            dc_buf_printf(out, "%s Ar %.*s", is_optional ? " Op" : "", (int)arguments.len,
                          arguments.data);
        }
        dc_buf_append_char(out, '\n');
        dc_mdoc_put_text(info.help, out);
    }
    dc_buf_append_text(out, LIST_END);
}

static void put_exit_status(dc_buf_t *out)
{
    dc_buf_append_text(out, ".Bl -tag -width 999 -compact\n");
    dc_exit_told_t told;
    for (size_t at = 0; dc_exit_status_next(&at, &told);) {
        dc_buf_printf(out, ".It %d\n", told.status);
        dc_mdoc_put_text(told.help, out);
    }
    dc_buf_append_text(out, LIST_END);
}

static bool put_topic(dc_str_t name, dc_buf_t *out)
{
    char topic[32];
    dc_buf_t text = { 0 };
    snprintf(topic, sizeof topic, "%.*s", (int)name.len, name.data);
    bool is_found = dc_cli_help_topic(topic, &text);
    if (is_found) {
        dc_buf_append_text(out, ".Bd -literal\n");
        dc_mdoc_put_literal(dc_buf_str(&text), out);
        dc_buf_append_text(out, ".Ed\n");
    }
    dc_buf_fini(&text);
    return is_found;
}

// --- of expressions ----------------------------------------------------------------------------

static void put_operators(dc_buf_t *out)
{
    const dc_reference_level_t *level;
    dc_buf_append_text(out, ".Bl -column \"== != < <= > >= in\" \"prefix\" \"bools\"\n");
    for (size_t at = 0; (level = dc_reference_next_level(&at));) {
        dc_buf_append_text(out, ".It Sy \"");
        dc_mdoc_put_words(dc_str_from(level->tokens), out);
        dc_buf_printf(out, "\" Ta %s Ta \"", level->groups);
        dc_mdoc_put_words(dc_str_from(level->help), out);
        dc_buf_append_text(out, "\"\n");
    }
    dc_buf_append_text(out, LIST_END);
}

static void put_function(const dc_reference_function_t *function, dc_buf_t *out)
{
    dc_buf_t text = { 0 };
    dc_buf_printf(&text, "%s", function->help);
    if (function->domain) dc_buf_printf(&text, "; domain: %s", function->domain);
    if (function->error_ulp > 0.5) dc_buf_printf(&text, "; within %g ulp", function->error_ulp);
    dc_buf_append_char(&text, '\0');
    dc_buf_printf(out, ".It Sy \"%s(%.*s)\"\n", function->name, (int)function->args.len,
                  function->args.data);
    if (!text.failed) dc_mdoc_put_text(text.data, out);
    dc_buf_fini(&text);
}

static void put_functions(dc_buf_t *out)
{
    const char *title;
    for (size_t family = 0; (title = dc_reference_family(family)); family++) {
        dc_reference_function_t function;
        dc_buf_printf(out, ".Ss %s\n.Bl -tag -width Ds -compact\n", title);
        for (size_t at = 0; dc_reference_next_function(family, &at, &function);) {
            put_function(&function, out);
        }
        dc_buf_append_text(out, LIST_END);
    }
}

static void put_limits(dc_buf_t *out)
{
    static const struct {
        const char *of;
        uint64_t limit, unit; // shown as so many units
        const char *word;     // which are these
    } limits[] = {
        { "text", DC_EXPR_BYTES_MAX, 1024, " KiB" },
        { "levels inside each other", DC_EXPR_DEPTH_MAX, 1, "" },
        { "reductions inside each other", DC_EXPR_REDUCTIONS_MAX, 1, "" },
        { "calls of local functions inside each other", DC_EXPR_CALLS_MAX, 1, "" },
        { "strings of one evaluation", DC_EXPR_STRINGS_BYTES_MAX, 1 << 20, " MiB" },
        { "row of a table", DC_RECORD_BYTES_MAX, 1024, " KiB" },
        { "steps of a job", DC_STEPS_MAX, 1000000000, " billion" },
        { "time of a job, unless --timeout says otherwise", DC_JOB_TIMEOUT_MS, 1000, " s" },
    };
    dc_buf_append_text(out, ".Bl -tag -width \"reductions inside each other\" -compact\n");
    for (size_t i = 0; i < DC_ARRAY_LEN(limits); i++) {
        dc_buf_printf(out, ".It %s\n%" PRIu64 "%s\n", limits[i].of,
                      limits[i].limit / limits[i].unit, limits[i].word);
    }
    dc_buf_append_text(out, LIST_END);
}

static void put_faults(unsigned first, unsigned last, dc_buf_t *out)
{
    dc_buf_append_text(out, ".Bl -tag -width workers-disagree -compact\n");
    for (unsigned number = first; number <= last; number++) {
        dc_err_t err;
        if (!dc_err_from_number(number, &err)) continue;
        dc_buf_printf(out, ".It Sy %s\n%s\n", dc_err_name(err), dc_err_text(err));
    }
    dc_buf_append_text(out, LIST_END);
}

// -----------------------------------------------------------------------------------------------

static const struct {
    const char *name;
    void (*put)(dc_buf_t *out);
} parts[] = {
    { "files", put_files },
    { "commands", put_commands },
    { "exit-status", put_exit_status },
    { "operators", put_operators },
    { "functions", put_functions },
    { "limits", put_limits },
};

bool dc_man_put_part(dc_str_t name, dc_buf_t *out)
{
    static const dc_str_t topic = { "topic ", 6 };
    static const dc_str_t faults = { "faults ", 7 };
    for (size_t i = 0; i < DC_ARRAY_LEN(parts); i++) {
        if (!dc_str_eq(name, dc_str_from(parts[i].name))) continue;
        parts[i].put(out);
        return true;
    }
    if (dc_str_begins(name, topic)) return put_topic(dc_str_behind(name, topic.len), out);
    if (dc_str_begins(name, faults)) {
        char text[32], *end;
        dc_str_t range = dc_str_behind(name, faults.len);
        snprintf(text, sizeof text, "%.*s", (int)range.len, range.data);
        unsigned long first = strtoul(text, &end, 10);
        unsigned long last = strtoul(end, &end, 10);
        if (*end || last < first) return false;
        put_faults((unsigned)first, (unsigned)last, out);
        return true;
    }
    return put_of_program(name, out);
}
