#include "client/cli/console.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/cli/text/text.h"

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN     20
#define ECHO_COLUMNS    2 // ^C, which the terminal puts behind the bar

#define ERASE_LINE  "\r\033[K"
#define ERASE_BELOW "\r\033[J" // and all lines below

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value && strcmp(value, "0") != 0;
}

// The first of these that is set decides, as in setlocale.
static bool find_utf8(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < DC_ARRAY_LEN(variables); i++) {
        const char *value = getenv(variables[i]);
        if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

static bool is_dumb(void)
{
    const char *terminal = getenv("TERM");
    return terminal && strcmp(terminal, "dumb") == 0;
}

// Whatever its value is, and be it empty. Who sets it wants text and nothing else, so no bars are
// drawn either.
static bool is_plain_wished(void)
{
    return getenv("NO_COLOR") != NULL;
}

static bool find_colour(bool is_terminal, dc_when_t color)
{
    if (color != DC_WHEN_AUTO) return color == DC_WHEN_ALWAYS;
    if (is_plain_wished()) return false;
    if (is_set("CLICOLOR_FORCE")) return true;
    return is_terminal && getenv("TERM") && !is_dumb();
}

size_t dc_console_columns(void)
{
    struct winsize size;
    const char *variable = getenv("COLUMNS");
    long columns = variable ? strtol(variable, NULL, 10) : 0;
    if (columns <= 0 && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
    if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
    if (columns <= 0) return COLUMNS_DEFAULT;
    return columns < COLUMNS_MIN ? COLUMNS_MIN : (size_t)columns;
}

size_t dc_console_bar_columns(void)
{
    return dc_console_columns() - ECHO_COLUMNS;
}

void dc_console_init(dc_console_t *self, dc_when_t color)
{
    *self = (dc_console_t){ .is_terminal = isatty(STDERR_FILENO) == 1 };
    self->can_erase = self->is_terminal && !is_dumb() && !is_plain_wished();
    self->is_utf8 = find_utf8();
    self->is_coloured = find_colour(self->is_terminal, color);
}

void dc_console_fini(dc_console_t *self)
{
    dc_console_draw(self, DC_STR(""));
    dc_console_flush(self);
    dc_buf_fini(&self->buf);
    dc_hint_fini(&self->hint);
}

// There is nobody to tell that telling failed.
static void write_all(dc_str_t text)
{
    while (text.len) {
        ssize_t count = write(STDERR_FILENO, text.data, text.len);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text = dc_str(text.data + count, text.len - (size_t)count);
    }
}

// Terminals that have become narrower break what is too long into several lines, or cut it off; who
// does the former mostly leaves word.
static bool breaks_lines(void)
{
    static const char *const variables[] = { "TMUX", "VTE_VERSION", "KITTY_WINDOW_ID",
                                             "KONSOLE_VERSION", "WT_SESSION" };
    for (size_t i = 0; i < DC_ARRAY_LEN(variables); i++) {
        if (getenv(variables[i])) return true;
    }
    return false;
}

// Go to the beginning of the bar, and take it away.
static void put_erase(const dc_console_t *self, dc_buf_t *out)
{
    size_t columns = dc_console_columns();
    bool is_broken = self->has_bar && self->bar_columns > columns && breaks_lines();
    if (is_broken) dc_buf_printf(out, "\033[%zuA", (self->bar_columns - 1) / columns);
    dc_buf_append_text(out, is_broken ? ERASE_BELOW : ERASE_LINE);
}

void dc_console_flush(dc_console_t *self)
{
    if (self->buf.len == 0) return;
    if (self->has_bar) {
        dc_buf_t erase = { 0 };
        put_erase(self, &erase);
        write_all(dc_buf_str(&erase));
        dc_buf_fini(&erase);
    }
    self->has_bar = false;
    write_all(dc_buf_str(&self->buf));
    self->buf.len = 0;
}

void dc_console_draw(dc_console_t *self, dc_str_t bar)
{
    if (bar.len == 0 && !self->has_bar) return;
    dc_buf_t text = { 0 };
    // What went over into the next line could not be taken back.
    bar.len = dc_text_offset(bar, dc_console_bar_columns() - 1);
    put_erase(self, &text);
    dc_buf_append_str(&text, bar);
    write_all(dc_buf_str(&text));
    dc_buf_fini(&text);
    self->has_bar = bar.len > 0;
    self->bar_columns = dc_text_column(bar, bar.len);
}
