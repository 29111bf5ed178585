#include "common/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log_json.h"

// A line that is longer is cut: with PIPE_BUF at 4096, write(2) keeps such a line in one piece.
#define LINE_BYTES_MAX 2048

// `2026-11-23T10:00:00.123Z`, and room for years that nobody sees.
#define TIME_BYTES_MAX 48

// For people, for the journal (syslog's numbers), and what turns a level's colour on.
static const struct {
    const char *name, *prefix, *colour;
} levels[] = {
    [DC_LOG_ERROR] = { "error", "<3>", "\033[31m" },
    [DC_LOG_WARN] = { "warn", "<4>", "\033[33m" },
    [DC_LOG_INFO] = { "info", "<6>", "" },
    [DC_LOG_DEBUG] = { "debug", "<7>", "\033[2m" },
};
#define COLOUR_END "\033[0m"

static atomic_int level_max = DC_LOG_INFO;

// Which are set before there are threads that log.
static dc_log_format_t line_format = DC_LOG_PLAIN;
static bool has_colours;

// Whether stderr is the journal's: it says so by the file that it is.
static bool is_journal(void)
{
    struct stat file;
    char name[64];
    const char *stream = getenv("JOURNAL_STREAM");
    if (!stream || fstat(STDERR_FILENO, &file)) return false;
    snprintf(name, sizeof name, "%ju:%ju", (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
    return strcmp(stream, name) == 0;
}

static bool is_coloured(void)
{
    const char *terminal = getenv("TERM");
    if (!isatty(STDERR_FILENO) || getenv("NO_COLOR")) return false;
    return terminal && strcmp(terminal, "dumb") != 0;
}

void dc_log_set_format(dc_log_format_t format)
{
    line_format = format;
    has_colours = false;
    if (format != DC_LOG_AUTO) return;
    line_format = is_journal() ? DC_LOG_JOURNAL : DC_LOG_PLAIN;
    has_colours = line_format == DC_LOG_PLAIN && is_coloured();
}

void dc_log_set_level(dc_log_level_t level)
{
    atomic_store_explicit(&level_max, (int)level, memory_order_relaxed);
}

bool dc_log_is_on(dc_log_level_t level)
{
    return (int)level <= atomic_load_explicit(&level_max, memory_order_relaxed);
}

// The one use of wall time: a person compares log lines of several hosts. Nothing is decided by it.
static void put_time(char time[TIME_BYTES_MAX])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(time, TIME_BYTES_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(time + len, TIME_BYTES_MAX - len, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

// What a peer has chosen (a name, say) may neither break the line nor steer a terminal.
static void replace_controls(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F) text[i] = '?';
    }
}

// What stands before the text of a line. Returns how many bytes it has.
static size_t put_head(char *line, dc_log_level_t level, const char *time)
{
    const char *name = levels[level].name;
    bool is_marked = has_colours && *levels[level].colour;
    if (line_format == DC_LOG_JOURNAL) {
        return (size_t)snprintf(line, LINE_BYTES_MAX, "%s", levels[level].prefix);
    }
    return (size_t)snprintf(line, LINE_BYTES_MAX, "%s %s%s%s ", time,
                            is_marked ? levels[level].colour : "", name,
                            is_marked ? COLOUR_END : "");
}

// Who reads stderr may be gone; there is nobody left to tell.
static void write_line(const char *line, size_t len)
{
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written;
}

// False where memory is short: the line is then as good as another.
static bool write_json(dc_log_level_t level, const char *time, dc_str_t text)
{
    dc_buf_t line = { 0 };
    dc_log_json_put(&line, time, levels[level].name, text);
    bool is_put = !line.failed;
    if (is_put) write_line(line.data, line.len);
    dc_buf_fini(&line);
    return is_put;
}

void dc_log(dc_log_level_t level, const char *format, ...)
{
    if (!dc_log_is_on(level)) return;
    char time[TIME_BYTES_MAX];
    char line[LINE_BYTES_MAX];
    put_time(time);
    size_t len = put_head(line, level, time);
    va_list args;
    va_start(args, format);
    int wish = vsnprintf(line + len, sizeof line - len, format, args);
    va_end(args);
    size_t text = wish < 0 ? 0 : dc_min_size((size_t)wish, sizeof line - len - 1);
    replace_controls(line + len, text);
    if (line_format == DC_LOG_JSON && write_json(level, time, dc_str(line + len, text))) return;
    line[len + text] = '\n';
    write_line(line, len + text + 1);
}
