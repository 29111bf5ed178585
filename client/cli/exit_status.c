#include "client/cli/exit_status.h"

#include <errno.h>
#include <sysexits.h>

#include "client/cli/text/text.h"

bool dc_exit_status_next(size_t *at, dc_exit_told_t *told)
{
    static const dc_exit_told_t all[] = {
        { 0, "every job computed" },
        { 1, "results delivered, but at least one job failed" },
        { EX_USAGE, "wrong usage, or a template that is in error" },
        { EX_DATAERR, "input unusable as a whole: no header, a quote never closed, too large" },
        { EX_NOINPUT, "input file not readable, or no such batch" },
        { EX_UNAVAILABLE, "no broker, or a processor that cannot compute for dcalc" },
        { EX_SOFTWARE, "a bug in dcalc" },
        { EX_CANTCREAT, "cannot create the output file" },
        { EX_IOERR, "read or write error" },
        { EX_TEMPFAIL, "temporary: no workers, queue full. Trying again may help" },
        { EX_PROTOCOL, "protocol version mismatch" },
        { EX_CONFIG, "bad configuration" },
        { DC_EXIT_DEADLINE, "the deadline has passed; what was not computed says so" },
        { DC_EXIT_INTERRUPTED, "interrupted, or you said no" },
        { DC_EXIT_PIPE, "the reader closed the pipe" },
    };
    if (*at >= DC_ARRAY_LEN(all)) return false;
    *told = all[(*at)++];
    return true;
}

int dc_exit_status(dc_err_t err)
{
    switch ((int)err) {
    case DC_ERR_DEADLINE: return DC_EXIT_DEADLINE;
    case DC_ERR_SKIPPED: return 1;
    case DC_ERR_TOO_LARGE: return EX_DATAERR;
    case DC_ERR_TOO_LONG: return EX_USAGE; // the template, which no worker takes
    case DC_ERR_UNKNOWN_BATCH: return EX_NOINPUT;
    case DC_ERR_ADDRESS:
    case DC_ERR_NO_BROKER: return EX_UNAVAILABLE;
    case DC_ERR_PROTOCOL:
    case DC_ERR_VERSION: return EX_PROTOCOL;
    case DC_ERR_STORE_FAILED:
    case DC_ERR_DAMAGED: return EX_IOERR;
    case DC_ERR_INTERNAL:
    case DC_ERR_INVALID: return EX_SOFTWARE;
    default: return EX_TEMPFAIL;
    }
}

int dc_exit_status_of_errno(int error, int otherwise)
{
    return error == ENOMEM ? EX_TEMPFAIL : otherwise;
}

static void say(dc_console_t *console, const char *deed, const char *what, int error)
{
    dc_buf_printf(&console->buf, "dcalc: cannot %s ", deed);
    dc_text_put_safe(&console->buf, dc_str_from(what));
    dc_buf_printf(&console->buf, ": %s\n", strerror(error));
}

int dc_exit_status_say_uncreated(dc_console_t *console, const char *path, int error)
{
    if (error == EBUSY) {
        dc_buf_append_text(&console->buf, "dcalc: another run writes ");
        dc_text_put_safe(&console->buf, dc_str_from(path));
        dc_buf_append_char(&console->buf, '\n');
        return EX_CANTCREAT;
    }
    if (error == EEXIST) {
        dc_buf_append_text(&console->buf, "dcalc: ");
        dc_text_put_safe(&console->buf, dc_str_from(path));
        dc_buf_append_text(&console->buf, ".part is there, and is not what a run has left\n"
                                          "       move it away, or write elsewhere\n");
        return EX_CANTCREAT;
    }
    say(console, "create", path, error);
    return dc_exit_status_of_errno(error, EX_CANTCREAT);
}

int dc_exit_status_say_unwritten(dc_console_t *console, const char *what, int error)
{
    if (error == EPIPE) return DC_EXIT_PIPE;
    say(console, "write", what, error);
    return dc_exit_status_of_errno(error, EX_IOERR);
}
