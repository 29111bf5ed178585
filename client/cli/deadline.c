#include "client/cli/deadline.h"

#include <sysexits.h>
#include <time.h>

#include "client/cli/text/moment.h"
#include "client/cli/text/text.h"
#include "common/clock.h"

static int complain(const char *text, const char *reason, dc_buf_t *said)
{
    dc_buf_append_text(said, "dcalc: --deadline: '");
    dc_text_put_safe(said, dc_str_from(text));
    dc_buf_printf(said, "' %s\n", reason);
    return EX_USAGE;
}

// Who is late by hours has another time zone in mind: so the date is told.
static int complain_passed(const char *text, uint64_t now_ms, dc_buf_t *said)
{
    char reason[64] = "has passed";
    time_t now = (time_t)(now_ms / 1000);
    struct tm date;
    if (localtime_r(&now, &date)) {
        strftime(reason, sizeof reason, "has passed: it is %Y-%m-%d %H:%M:%S now", &date);
    }
    return complain(text, reason, said);
}

int dc_deadline_read(const char *text, uint64_t *left_ms, dc_buf_t *said)
{
    uint64_t moment_ms, now_ms = dc_clock_date_ms();
    *left_ms = 0;
    if (!text || strcmp(text, "none") == 0) return 0;
    if (!dc_moment_read(text, now_ms, &moment_ms)) {
        return complain(
            text, "is not a time, such as 5m, 18:30, tomorrow 07:00, 2026-11-24T18:30, none", said);
    }
    if (moment_ms <= now_ms) return complain_passed(text, now_ms, said);
    *left_ms = moment_ms - now_ms;
    return 0;
}
