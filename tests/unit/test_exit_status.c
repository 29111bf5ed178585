// Which status a script gets, where several places must agree.
#include "client/cli/exit_status.h"

#include <errno.h>
#include <sysexits.h>

#include "tests/lib/main.h"

static const struct {
    dc_err_t err;
    int status;
} errors[] = {
    { DC_ERR_NO_BROKER, EX_UNAVAILABLE }, { DC_ERR_VERSION, EX_PROTOCOL },
    { DC_ERR_PROTOCOL, EX_PROTOCOL },     { DC_ERR_INTERNAL, EX_SOFTWARE },
    { DC_ERR_INVALID, EX_SOFTWARE },      { DC_ERR_NOMEM, EX_TEMPFAIL },
    { DC_ERR_NO_WORKER, EX_TEMPFAIL },    { DC_ERR_BUSY, EX_TEMPFAIL },
    { DC_ERR_CANCELLED, EX_TEMPFAIL },    { DC_ERR_DEADLINE, DC_EXIT_DEADLINE },
    { DC_ERR_TOO_LONG, EX_USAGE },        { DC_ERR_TOO_LARGE, EX_DATAERR },
    { DC_ERR_UNKNOWN_BATCH, EX_NOINPUT }, { (dc_err_t)4711, EX_TEMPFAIL },
};

START_TEST(an_error_has_its_status)
{
    ck_assert_int_eq(dc_exit_status(errors[_i].err), errors[_i].status);
}
END_TEST

static const struct {
    int error;
    int status;
    const char *said;
} failures[] = {
    { ENOSPC, EX_IOERR, "dcalc: cannot write a?b: No space left on device\n" },
    { ENOMEM, EX_TEMPFAIL, "dcalc: cannot write a?b: Cannot allocate memory\n" },
    { EPIPE, DC_EXIT_PIPE, "" },
};

START_TEST(what_could_not_be_written_is_told)
{
    dc_console_t console = { 0 };
    int status = dc_exit_status_say_unwritten(&console, "a\nb", failures[_i].error);
    ck_assert_int_eq(status, failures[_i].status);
    dc_buf_append_char(&console.buf, '\0');
    ck_assert_str_eq(console.buf.data, failures[_i].said);
    dc_buf_fini(&console.buf);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("exit status");
    tcase_add_loop_test(tests, an_error_has_its_status, 0, DC_ARRAY_LEN(errors));
    tcase_add_loop_test(tests, what_could_not_be_written_is_told, 0, DC_ARRAY_LEN(failures));
    Suite *all = suite_create("exit status");
    suite_add_tcase(all, tests);
    return all;
}
