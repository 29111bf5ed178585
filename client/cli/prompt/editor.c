#include "client/cli/prompt/editor.h"

#ifdef DC_HAS_LIBEDIT

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include "client/cli/console.h"
#include "client/cli/interrupt.h"
#include "client/cli/prompt/terminal.h"
#include "client/cli/text/screen.h"
#include "common/limits.h"

struct dc_editor {
    dc_editor_hooks_t hooks;
    EditLine *edit;      // NULL: lines are read as they are
    History *history;    // likewise
    const char *prompt;  // of the line that is read
    FILE *out;           // owned: stderr, as a stream that gathers what it gets
    dc_editor_end_t end; // how the line that is read ends
    bool is_cleared;     // it is ending with Ctrl-C
    bool has_byte;       // one that was read is to be read again:
    char byte;
};

// --- waiting for a key -------------------------------------------------------------------------

// Who comes back from being stopped finds the terminal as the shell has it, and an empty row.
static void see_change(dc_editor_t *self)
{
    bool is_back;
    if (!self->edit || !dc_terminal_has_changed(&is_back)) return;
    el_resize(self->edit);
    if (is_back) el_set(self->edit, EL_PREP_TERM, 1);
    if (is_back) el_set(self->edit, EL_REFRESH);
}

// Wait until a key was pressed. False if the line ends otherwise: `end` says how.
static bool await_key(dc_editor_t *self)
{
    const dc_editor_hooks_t *hooks = &self->hooks;
    for (;;) {
        hooks->turn(hooks->context);
        struct pollfd fds[] = {
            { .fd = STDIN_FILENO, .events = POLLIN },
            { .fd = hooks->signal_fd, .events = POLLIN },
            { .fd = hooks->fd(hooks->context), .events = POLLIN },
        };
        poll(fds, DC_ARRAY_LEN(fds), hooks->timeout_ms(hooks->context));
        if (dc_interrupt_take(hooks->signal_fd)) {
            self->end = dc_interrupt_was_terminated() ? DC_EDITOR_TERMINATED : DC_EDITOR_CLEARED;
            return false;
        }
        see_change(self);
        if (fds[0].revents) return true;
    }
}

// Read a byte. False at the end of all input, too.
static bool read_byte(dc_editor_t *self, char *byte)
{
    self->end = DC_EDITOR_CLOSED;
    *byte = self->byte;
    if (self->has_byte) {
        self->has_byte = false;
        return true;
    }
    for (;;) {
        if (!await_key(self)) return false;
        ssize_t count = read(STDIN_FILENO, byte, 1);
        if (count == 1) return true;
        if (count == 0 || errno != EINTR) return false;
    }
}

// --- without libedit ---------------------------------------------------------------------------

static dc_editor_end_t read_plainly(dc_editor_t *self, dc_buf_t *line)
{
    char byte;
    // Whoever sees the prompt sees what is typed.
    dc_terminal_set_quiet(false);
    fputs(self->prompt, self->out);
    fflush(self->out);
    while (read_byte(self, &byte)) {
        if (byte == '\n') self->end = DC_EDITOR_LINE;
        if (byte == '\n') break;
        dc_buf_append_char(line, byte);
    }
    if (self->end != DC_EDITOR_LINE) fputs("\n", self->out);
    fflush(self->out);
    // Enter is awaited before anything of the line comes: Ctrl-D behind half a line is like that.
    if (self->end == DC_EDITOR_CLOSED && line->len) self->end = DC_EDITOR_LINE;
    dc_terminal_set_quiet(true);
    return self->end;
}

// --- with libedit ------------------------------------------------------------------------------

static dc_editor_t *editor_of(EditLine *edit)
{
    void *self = NULL;
    el_get(edit, EL_CLIENTDATA, &self);
    return self;
}

static char *get_prompt(EditLine *edit)
{
    // libedit writes nothing to it.
    union {
        const char *text;
        char *taken;
    } prompt = { editor_of(edit)->prompt };
    return prompt.taken;
}

// What libedit gets for Ctrl-C, which is a signal: a key that shows it behind the line, and one
// that ends the line and takes the cursor behind its last row.
#define KEY_CLEAR L'\003'
#define KEY_END   L'\n'

static unsigned char clear(EditLine *edit, int key)
{
    (void)key;
    el_cursor(edit, INT32_MAX / 2);
    el_insertstr(edit, "^C");
    return CC_REFRESH;
}

static int end_line(dc_editor_t *self, wchar_t *key)
{
    *key = self->end == DC_EDITOR_CLEARED ? KEY_CLEAR : KEY_END;
    self->is_cleared = self->end == DC_EDITOR_CLEARED;
    return 1;
}

// What stands for a byte that is of no character: left out, the line would be another.
#define KEY_UNKNOWN L'\uFFFD'

// The next character that is typed.
static int get_key(EditLine *edit, wchar_t *key)
{
    dc_editor_t *self = editor_of(edit);
    mbstate_t state = { 0 };
    size_t bytes = 0;
    bool is_inside = false;
    *key = KEY_END;
    if (self->is_cleared) return 1;
    do {
        is_inside = bytes == (size_t)-2;
        if (!read_byte(self, &self->byte))
            return self->end == DC_EDITOR_CLOSED ? 0 : end_line(self, key);
        bytes = mbrtowc(key, &self->byte, 1, &state);
    } while (bytes == (size_t)-2); // the character goes on
    self->end = DC_EDITOR_LINE;
    if (bytes != (size_t)-1) return 1;
    // What cut a character short begins one.
    self->has_byte = is_inside;
    *key = KEY_UNKNOWN;
    return 1;
}

// Tab.
static unsigned char complete(EditLine *edit, int key)
{
    (void)key;
    dc_editor_t *self = editor_of(edit);
    const LineInfo *info = el_line(edit);
    dc_str_t line = dc_str(info->buffer, (size_t)(info->lastchar - info->buffer));
    dc_candidates_t found;
    unsigned char answer = CC_ERROR;
    self->hooks.complete(self->hooks.context, line, (size_t)(info->cursor - info->buffer), &found);
    size_t more = found.count ? found.same_bytes - found.typed_bytes : 0;
    dc_buf_t text = { 0 };
    if (more) {
        dc_buf_append(&text, found.names.data + found.typed_bytes, more);
        dc_buf_append_char(&text, '\0');
        if (!text.failed && el_insertstr(edit, text.data) == 0) answer = CC_REFRESH;
    } else if (found.count > 1) {
        dc_buf_append_char(&text, '\n');
        dc_candidates_put(&found, dc_console_columns(), &text);
        fwrite(text.data, 1, text.len, self->out);
        fflush(self->out);
        answer = CC_REDISPLAY;
    } else if (found.count == 1) {
        answer = CC_NORM;
    }
    dc_buf_fini(&text);
    dc_candidates_fini(&found);
    return answer;
}

// In the keys of emacs and of vi, where those are of two kinds in both.
static void bind_key(EditLine *edit, const char *key, const char *command)
{
    el_set(edit, EL_BIND, key, command, NULL);
    el_set(edit, EL_BIND, "-a", key, command, NULL);
}

static void bind_keys(EditLine *edit)
{
    el_set(edit, EL_EDITOR, "emacs");
    el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_set(edit, EL_BIND, "^W", "ed-delete-prev-word", NULL);
    // Ctrl and an arrow, as most terminals say it.
    el_set(edit, EL_BIND, "\\e[1;5C", "em-next-word", NULL);
    el_set(edit, EL_BIND, "\\e[1;5D", "ed-prev-word", NULL);
    // It may choose other keys, and those of vi; these two are the prompt's.
    el_source(edit, NULL);
    // By the wide call: the other one makes copies of the names, and forgets them.
    el_wset(edit, EL_ADDFN, L"dcalc-complete", L"Complete a name", complete);
    el_wset(edit, EL_ADDFN, L"dcalc-clear", L"Drop the line", clear);
    bind_key(edit, "^I", "dcalc-complete");
    bind_key(edit, "^C", "dcalc-clear");
}

static bool open_libedit(dc_editor_t *self)
{
    HistEvent event;
    self->history = history_init();
    self->edit = el_init("dcalc", stdin, self->out, self->out);
    if (!self->history || !self->edit) return false;
    el_set(self->edit, EL_CLIENTDATA, self);
    el_set(self->edit, EL_SIGNAL, 0);
    el_set(self->edit, EL_PROMPT, get_prompt);
    el_set(self->edit, EL_GETCFN, get_key);
    el_set(self->edit, EL_HIST, history, self->history);
    history(self->history, &event, H_SETSIZE, DC_HISTORY_LINES_MAX);
    history(self->history, &event, H_SETUNIQUE, 1);
    bind_keys(self->edit);
    dc_terminal_keep_keys_apart();
    return true;
}

static dc_editor_end_t read_with_libedit(dc_editor_t *self, dc_buf_t *line)
{
    int bytes = 0;
    self->end = DC_EDITOR_CLOSED;
    self->is_cleared = false;
    // It writes the prompt first and then has the terminal echo nothing: what was typed in between
    // would be there twice.
    el_set(self->edit, EL_PREP_TERM, 1);
    const char *text = el_gets(self->edit, &bytes);
    dc_terminal_set_quiet(true);
    if (!text || bytes <= 0) {
        fputs("\n", self->out);
        fflush(self->out);
        return DC_EDITOR_CLOSED;
    }
    bool has_end = text[bytes - 1] == '\n';
    dc_buf_append(line, text, (size_t)bytes - has_end);
    return self->end;
}

// --- life cycle --------------------------------------------------------------------------------

bool dc_editor_is_there(void)
{
    return true;
}

static bool is_movable(void)
{
    const char *name = getenv("TERM");
    return name && *name && dc_screen_is_known();
}

static bool open_stream(dc_editor_t *self)
{
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO);
    self->out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!self->out && fd >= 0) close(fd);
    return self->out;
}

dc_editor_t *dc_editor_new(const dc_editor_hooks_t *hooks)
{
    dc_editor_t *self = calloc(1, sizeof *self);
    if (!self || !dc_terminal_find() || !open_stream(self)) {
        free(self);
        return NULL;
    }
    self->hooks = *hooks;
    // Expressions are UTF-8, whatever is said of the terminal.
    dc_screen_choose_locale(true);
    dc_terminal_watch(true);
    if (is_movable() && !open_libedit(self)) {
        dc_editor_destroy(&self);
        errno = ENOMEM;
    }
    return self;
}

void dc_editor_destroy(dc_editor_t **self_p)
{
    dc_editor_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    if (self->edit) el_end(self->edit);
    if (self->history) history_end(self->history);
    fclose(self->out);
    dc_terminal_watch(false);
    dc_terminal_set_quiet(false);
    free(self);
}

dc_editor_end_t dc_editor_read(dc_editor_t *self, const char *prompt, dc_buf_t *line)
{
    line->len = 0;
    self->prompt = prompt;
    return self->edit ? read_with_libedit(self, line) : read_plainly(self, line);
}

void dc_editor_lend(dc_editor_t *self, bool is_lent)
{
    (void)self;
    dc_terminal_watch(!is_lent);
    dc_terminal_set_quiet(!is_lent);
}

void dc_editor_remember(dc_editor_t *self, dc_str_t line)
{
    HistEvent event;
    dc_buf_t text = { 0 };
    dc_buf_append_str(&text, line);
    dc_buf_append_char(&text, '\0');
    if (self->history && !text.failed) history(self->history, &event, H_ENTER, text.data);
    dc_buf_fini(&text);
}

#endif
