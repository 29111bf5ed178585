// man-parts — makes a page of the manual from its source in mdoc(7).
//
// A filter. A line `.\" @NAME@` becomes the part of that name (parts.h), so that a page cannot say
// other things than --help does. In a literal block, between `.Bd -literal` and `.Ed`, all text is
// meant as it stands: what mdoc would take for its own is escaped here. All other lines stay.
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "client/man/parts.h"
#include "common/option_mdoc.h"

#define MARK ".\\\" @"

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

// Append what becomes of a line. False if it names no part.
static bool put_line(const char *line, bool *is_literal, dc_buf_t *out)
{
    if (*is_literal && !begins(line, ".Ed")) {
        dc_mdoc_put_literal(dc_str_from(line), out);
        return true;
    }
    *is_literal = begins(line, ".Bd -literal");
    if (begins(line, MARK)) {
        const char *name = line + strlen(MARK);
        return dc_man_put_part(dc_str(name, strcspn(name, "@\n")), out);
    }
    dc_buf_append_text(out, line);
    return true;
}

int main(void)
{
    char line[1024];
    dc_buf_t out = { 0 };
    int status = 0;
    bool is_literal = false;
    while (!status && fgets(line, sizeof line, stdin)) {
        if (put_line(line, &is_literal, &out)) continue;
        fprintf(stderr, "man-parts: there is no such part: %s", line);
        status = EX_DATAERR;
    }
    if (!status && fwrite(out.data, 1, out.len, stdout) != out.len) status = EX_IOERR;
    dc_buf_fini(&out);
    return status;
}
