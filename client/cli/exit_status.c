#include "client/cli/exit_status.h"

#include <errno.h>
#include <sysexits.h>

#include "client/cli/text/text.h"

int dc_exit_status(dc_err_t err)
{
    switch ((int)err) {
    case DC_ERR_DEADLINE: return DC_EXIT_DEADLINE;
    case DC_ERR_SKIPPED: return 1;
    case DC_ERR_UNKNOWN_BATCH: return EX_NOINPUT;
    case DC_ERR_ADDRESS:
    case DC_ERR_NO_BROKER: return EX_UNAVAILABLE;
    case DC_ERR_PROTOCOL:
    case DC_ERR_VERSION: return EX_PROTOCOL;
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
    say(console, "create", path, error);
    return dc_exit_status_of_errno(error, EX_CANTCREAT);
}

int dc_exit_status_say_unwritten(dc_console_t *console, const char *what, int error)
{
    if (error == EPIPE) return DC_EXIT_PIPE;
    say(console, "write", what, error);
    return dc_exit_status_of_errno(error, EX_IOERR);
}
