#include "client/cli/text/moment.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "common/quantity.h"

#define MINUTES_A_DAY (24 * 60)

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted) return false;
    ++*at;
    return true;
}

static bool take_word(const char **at, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0) return false;
    *at += len;
    return true;
}

static bool take_number(const char **at, size_t digits_min, size_t digits_max, int *number)
{
    const char *start = *at;
    *number = 0;
    while ((size_t)(*at - start) < digits_max && isdigit((unsigned char)**at)) {
        *number = *number * 10 + (*(*at)++ - '0');
    }
    return (size_t)(*at - start) >= digits_min;
}

// There is no 30th of February, which the C library takes for a day in March.
static bool is_day(const struct tm *date)
{
    struct tm same = { .tm_year = date->tm_year, .tm_mon = date->tm_mon, .tm_mday = date->tm_mday };
    timegm(&same);
    return same.tm_mon == date->tm_mon && same.tm_mday == date->tm_mday;
}

// `2026-11-24`.
static bool take_date(const char **at, struct tm *date)
{
    int year, month, day;
    bool is_read = take_number(at, 4, 4, &year) && take_char(at, '-') &&
                   take_number(at, 2, 2, &month) && take_char(at, '-') &&
                   take_number(at, 2, 2, &day);
    if (!is_read) return false;
    *date = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
    return is_day(date);
}

// `18:30` or `18:30:15`.
static bool take_time(const char **at, struct tm *date)
{
    bool is_read = take_number(at, 1, 2, &date->tm_hour) && take_char(at, ':') &&
                   take_number(at, 2, 2, &date->tm_min);
    if (!is_read || (take_char(at, ':') && !take_number(at, 2, 2, &date->tm_sec))) return false;
    return date->tm_hour < 24 && date->tm_min < 60 && date->tm_sec < 60;
}

// `Z`, or how far local time is ahead of UTC: `+01:00`.
static bool take_offset(const char **at, int *minutes)
{
    int hours;
    *minutes = 0;
    if (take_char(at, 'Z')) return true;
    bool is_behind = **at == '-';
    if (!take_char(at, '+') && !take_char(at, '-')) return false;
    if (!take_number(at, 2, 2, &hours) || !take_char(at, ':') || !take_number(at, 2, 2, minutes))
        return false;
    *minutes += hours * 60;
    if (is_behind) *minutes = -*minutes;
    return *minutes > -MINUTES_A_DAY && *minutes < MINUTES_A_DAY;
}

static time_t from_local(struct tm *date)
{
    date->tm_isdst = -1; // whatever holds then
    return mktime(date);
}

static time_t end_of(struct tm *day)
{
    day->tm_mday++;
    return from_local(day);
}

static bool read_iso(const char *text, time_t *moment)
{
    struct tm date;
    int ahead_minutes;
    if (!take_date(&text, &date)) return false;
    if (!*text) {
        *moment = end_of(&date);
        return true;
    }
    if (!take_char(&text, 'T') && !take_char(&text, ' ')) return false;
    if (!take_time(&text, &date)) return false;
    if (!*text) {
        *moment = from_local(&date);
        return true;
    }
    if (!take_offset(&text, &ahead_minutes) || *text) return false;
    *moment = timegm(&date) - ahead_minutes * 60L;
    return true;
}

// `18:30`, `tomorrow 07:00`, `tomorrow`.
static bool read_day(const char *text, time_t now, time_t *moment)
{
    struct tm today;
    if (!localtime_r(&now, &today)) return false;
    struct tm date = { .tm_year = today.tm_year, .tm_mon = today.tm_mon, .tm_mday = today.tm_mday };
    bool is_tomorrow = take_word(&text, "tomorrow");
    bool is_named = is_tomorrow || take_word(&text, "today");
    if (is_tomorrow) date.tm_mday++;
    if (is_named && !*text) {
        *moment = end_of(&date);
        return true;
    }
    if (is_named && !take_char(&text, ' ')) return false;
    if (!take_time(&text, &date) || *text) return false;
    *moment = from_local(&date);
    return true;
}

bool dc_moment_read(const char *text, uint64_t now_ms, uint64_t *moment_ms)
{
    uint64_t duration_ms;
    if (dc_duration_read(text, &duration_ms)) {
        if (duration_ms == DC_DURATION_INF) return false;
        *moment_ms = now_ms + duration_ms; // which has at most 53 bits
        return true;
    }
    time_t moment;
    bool is_read = read_iso(text, &moment) || read_day(text, (time_t)(now_ms / 1000), &moment);
    // What was before 1970 has passed, whenever it was.
    if (is_read) *moment_ms = moment > 0 ? (uint64_t)moment * 1000 : 0;
    return is_read;
}
