#include "client/cli/text/screen.h"

#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

// How long after an escape character the rest of a key's sequence may come: enough for a terminal
// that is not on the other side of the world.
#define ESCAPE_DELAY_MS 50

// What ends a program that has no handler for it.
static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGHUP };

static struct {
    SCREEN *screen; // NULL: it is not open
    bool is_coloured, is_utf8;
    struct termios before;
    char restore[128]; // what a terminal is told to be as before, for when nobody is left to ask
    size_t restore_bytes;
} self;

// --- what a signal leaves behind ---------------------------------------------------------------

static void append_capability(const char *name)
{
    const char *text = tigetstr(name);
    if (!text || (intptr_t)text == -1) return; // it has none, or there is none of this name
    size_t bytes = strlen(text);
    if (bytes > sizeof self.restore - self.restore_bytes) return;
    memcpy(self.restore + self.restore_bytes, text, bytes);
    self.restore_bytes += bytes;
}

// Only what may be done in a handler. The signal acts as it would have.
static void restore_and_end(int signal_number)
{
    ssize_t ignored = write(STDOUT_FILENO, self.restore, self.restore_bytes);
    (void)ignored;
    tcsetattr(STDIN_FILENO, TCSANOW, &self.before);
    raise(signal_number);
}

static void watch_signals(void)
{
    struct sigaction action = { .sa_handler = restore_and_end, .sa_flags = (int)SA_RESETHAND };
    self.restore_bytes = 0;
    append_capability("sgr0");
    append_capability("rmkx");
    append_capability("cnorm");
    append_capability("rmcup");
    for (size_t i = 0; i < DC_ARRAY_LEN(fatal_signals); i++) {
        sigaction(fatal_signals[i], &action, NULL);
    }
}

static void ignore_signals(void)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(fatal_signals); i++) {
        signal(fatal_signals[i], SIG_DFL);
    }
}

// --- life cycle --------------------------------------------------------------------------------

// ncurses writes what the locale can: one that the system does not have is none.
bool dc_screen_choose_locale(bool is_utf8)
{
    if (!is_utf8) return false;
    if (setlocale(LC_CTYPE, "") && MB_CUR_MAX > 1) return true;
    return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

static void choose_colours(bool is_coloured)
{
    self.is_coloured = is_coloured && has_colors() && start_color() == OK;
    if (!self.is_coloured) return;
    use_default_colors();
    init_pair(DC_STYLE_GOOD, COLOR_GREEN, -1);
    init_pair(DC_STYLE_WARN, COLOR_YELLOW, -1);
    init_pair(DC_STYLE_BAD, COLOR_RED, -1);
}

// newterm forgets to free what it has when it does not know the terminal, so that is asked first.
bool dc_screen_is_known(void)
{
    int result;
    if (setupterm(NULL, STDOUT_FILENO, &result) != OK) return false;
    bool is_movable = cursor_address != NULL;
    del_curterm(cur_term);
    return is_movable;
}

bool dc_screen_open(bool is_coloured, bool is_utf8)
{
    if (tcgetattr(STDIN_FILENO, &self.before) != 0 || !dc_screen_is_known()) return false;
    self.is_utf8 = dc_screen_choose_locale(is_utf8);
    set_escdelay(ESCAPE_DELAY_MS);
    self.screen = newterm(NULL, stdout, stdin);
    if (!self.screen) return false;
    choose_colours(is_coloured);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, true);
    nodelay(stdscr, true);
    curs_set(0);
    watch_signals();
    return true;
}

void dc_screen_close(void)
{
    if (!self.screen) return;
    ignore_signals();
    endwin();
    delscreen(self.screen);
    self.screen = NULL;
}

bool dc_screen_is_utf8(void)
{
    return self.is_utf8;
}

size_t dc_screen_rows(void)
{
    return LINES > 0 ? (size_t)LINES : 1;
}

size_t dc_screen_columns(void)
{
    return COLS > 0 ? (size_t)COLS : 1;
}

// --- drawing and keys --------------------------------------------------------------------------

static attr_t attributes_of(dc_style_t style)
{
    attr_t colour = self.is_coloured ? (attr_t)COLOR_PAIR(style) : A_NORMAL;
    switch (style) {
    case DC_STYLE_PLAIN: return A_NORMAL;
    case DC_STYLE_STRONG: return A_BOLD;
    case DC_STYLE_FAINT: return A_DIM;
    case DC_STYLE_GOOD:
    case DC_STYLE_WARN: return colour;
    case DC_STYLE_BAD: return colour | A_BOLD;
    }
    return A_NORMAL;
}

static void draw_line(const dc_frame_t *frame, size_t row)
{
    const dc_line_t *line = dc_frame_line(frame, row);
    attr_t mark = line->is_marked ? A_REVERSE : A_NORMAL;
    move((int)row, 0);
    for (size_t at = 0; at < line->span_count; at++) {
        const dc_frame_span_t *span = dc_frame_span(frame, line, at);
        attrset((int)(attributes_of(span->style) | mark));
        addnstr(frame->text.data + span->first, (int)span->len);
    }
    attrset(A_NORMAL);
}

void dc_screen_draw(const dc_frame_t *frame)
{
    erase();
    for (size_t row = 0; row < dc_frame_line_count(frame) && row < dc_screen_rows(); row++) {
        draw_line(frame, row);
    }
    refresh();
}

int dc_screen_key(void)
{
    int key = getch();
    switch (key) {
    case ERR: return DC_KEY_NONE;
    case KEY_UP: return DC_KEY_UP;
    case KEY_DOWN: return DC_KEY_DOWN;
    case KEY_ENTER:
    case '\r':
    case '\n': return DC_KEY_ENTER;
    case 27: return DC_KEY_ESCAPE;
    default: return key > 0 && key < 128 ? key : DC_KEY_OTHER;
    }
}
