#include "common/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// A line that is longer is cut: with PIPE_BUF at 4096, write(2) keeps such a line in one piece.
#define LINE_BYTES_MAX 2048

static const char *const level_names[] = {
    [DC_LOG_ERROR] = "error",
    [DC_LOG_WARN] = "warn",
    [DC_LOG_INFO] = "info",
    [DC_LOG_DEBUG] = "debug",
};

static atomic_int level_max = DC_LOG_INFO;

void dc_log_set_level(dc_log_level_t level)
{
    atomic_store_explicit(&level_max, (int)level, memory_order_relaxed);
}

bool dc_log_is_on(dc_log_level_t level)
{
    return (int)level <= atomic_load_explicit(&level_max, memory_order_relaxed);
}

// The one use of wall time: a person compares log lines of several hosts. Nothing is decided by it.
static size_t put_time(char *line, size_t capacity)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(line, capacity, "%Y-%m-%dT%H:%M:%S", &utc);
    len += (size_t)snprintf(line + len, capacity - len, ".%03dZ ", (int)(now.tv_nsec / 1000000));
    return len;
}

// What a peer has chosen (a name, say) may neither break the line nor steer a terminal.
static void replace_controls(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F) text[i] = '?';
    }
}

void dc_log(dc_log_level_t level, const char *format, ...)
{
    if (!dc_log_is_on(level)) return;
    char line[LINE_BYTES_MAX];
    size_t len = put_time(line, sizeof line);
    len += (size_t)snprintf(line + len, sizeof line - len, "%s ", level_names[level]);
    va_list args;
    va_start(args, format);
    int wish = vsnprintf(line + len, sizeof line - len, format, args);
    va_end(args);
    size_t text = wish < 0 ? 0 : dc_min_size((size_t)wish, sizeof line - len - 1);
    replace_controls(line + len, text);
    line[len + text] = '\n';
    // Who reads stderr may be gone; there is nobody left to tell.
    ssize_t written = write(STDERR_FILENO, line, len + text + 1);
    (void)written;
}
