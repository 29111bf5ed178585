#include "client/cli/input/row_range.h"

#include <sysexits.h>

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/limits.h"

// Rows that nobody has yet: beyond, numbers would not be exact elsewhere.
#define ROW_MAX ((uint64_t)DC_INTEGER_MAX)

static bool take_number(const char **at, uint64_t *number)
{
    const char *start = *at;
    uint64_t value = 0;
    for (; **at >= '0' && **at <= '9' && value < ROW_MAX; ++*at) {
        value = value * 10 + (uint64_t)(**at - '0');
    }
    *number = value;
    return *at > start && value > 0 && value < ROW_MAX;
}

static bool read_rows(const char *text, dcalc_range_t *jobs)
{
    uint64_t first, last;
    if (!take_number(&text, &first)) return false;
    last = first;
    if (*text == '-') {
        text++;
        if (!*text) {
            last = ROW_MAX;
        } else if (!take_number(&text, &last)) {
            return false;
        }
    }
    if (*text || last < first) return false;
    *jobs = (dcalc_range_t){ first - 1, last == ROW_MAX ? UINT64_MAX : last };
    return true;
}

int dc_row_range_read(const char *text, dcalc_range_t *jobs, dc_buf_t *said)
{
    if (!text || read_rows(text, jobs)) return 0;
    dc_buf_append_text(said, "dcalc: --jobs: '");
    dc_text_put_safe(said, dc_str_from(text));
    dc_buf_append_text(said, "' is not of the form 10-20, 17 or 1000-, counted from 1\n");
    return EX_USAGE;
}

int dc_row_range_check(const dcalc_range_t *jobs, uint64_t number, uint64_t count, dc_buf_t *said)
{
    if (jobs->first == 0 || jobs->first < count) return 0;
    dc_buf_printf(said, "dcalc: --jobs: b%llu has ", (unsigned long long)number);
    dc_numfmt_put_counted(said, count, " job\n", " jobs\n");
    return EX_USAGE;
}
