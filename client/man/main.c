// man-parts — puts into a manual page what is known from tables.
//
// A filter: a line `.\" @options client@` of the page on stdin becomes the options of that program
// (broker, worker, client), `.\" @environment client@` their variables, `.\" @commands@` the
// client's commands; all others go to stdout as they are. So a page cannot say other things than
// --help does.
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "client/cli/cli_commands.h"
#include "common/option_mdoc.h"
#include "common/tables.h"

static void put_commands(dc_buf_t *out)
{
    dc_cli_command_info_t info;
    dc_buf_append_text(out, ".Bl -tag -width Ds\n");
    for (size_t at = 0; dc_cli_next_command(&at, &info);) {
        dc_str_t arguments = dc_str_from(info.arguments);
        bool is_optional = dc_str_take_char(&arguments, '[');
        if (is_optional) arguments.len--; // its ]
        dc_buf_printf(out, ".It Cm %s", info.name);
        if (arguments.len)
            dc_buf_printf(out, "%s Ar %.*s", is_optional ? " Op" : "", (int)arguments.len,
                          arguments.data);
        dc_buf_append_char(out, '\n');
        dc_mdoc_put_text(info.help, out);
    }
    dc_buf_append_text(out, ".El\n");
}

static const dc_option_table_t *find_table(dc_str_t program)
{
    for (size_t i = 0; dc_tables[i]; i++) {
        if (dc_str_eq(program, dc_str_from(dc_tables[i]->section))) return dc_tables[i];
    }
    return NULL;
}

// Put in what stands between the two @ of a line. False if there is no such part.
static bool put_part(dc_str_t part, dc_buf_t *out)
{
    static const dc_str_t options = { "options ", 8 };
    static const dc_str_t environment = { "environment ", 12 };
    if (dc_str_eq(part, DC_STR("commands"))) {
        put_commands(out);
        return true;
    }
    bool is_options = dc_str_begins(part, options);
    if (!is_options && !dc_str_begins(part, environment)) return false;
    const dc_option_table_t *table =
        find_table(dc_str_behind(part, is_options ? options.len : environment.len));
    if (!table) return false;
    (is_options ? dc_mdoc_put_options : dc_mdoc_put_environment)(table, out);
    return true;
}

int main(void)
{
    static const char mark[] = ".\\\" @";
    char line[1024];
    dc_buf_t out = { 0 };
    int status = 0;
    while (!status && fgets(line, sizeof line, stdin)) {
        const char *start = line + sizeof mark - 1;
        if (strncmp(line, mark, sizeof mark - 1) != 0) {
            dc_buf_append_text(&out, line);
        } else if (!put_part(dc_str(start, strcspn(start, "@\n")), &out)) {
            fprintf(stderr, "man-parts: there is no such part: %s", line);
            status = EX_DATAERR;
        }
    }
    if (!status && fwrite(out.data, 1, out.len, stdout) != out.len) status = EX_IOERR;
    dc_buf_fini(&out);
    return status;
}
