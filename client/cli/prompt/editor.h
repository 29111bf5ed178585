// editor — a line of text from a person at a terminal: by way of libedit, which has history, moves
// in it and keys as in other shells (~/.editrc counts).
//
// The terminal is stdin, and stderr where it is written to: what is typed is conversation. While a
// line is read the terminal is the editor's; behind that it is as it was, but does not echo, since
// a progress bar may be there: what is typed meanwhile is the next line's, Ctrl-D too. It is as it
// was before when the editor is destroyed, and also where a signal ends the program, as with
// client/cli/text/screen.h.
//
// A terminal that cannot move its cursor (TERM=dumb, or none that is known) is read line by line as
// it is, without a byte of control.
#ifndef DC_CLIENT_CLI_PROMPT_EDITOR_H
#define DC_CLIENT_CLI_PROMPT_EDITOR_H

#include "client/cli/prompt/candidates.h"
#include "common/err.h"

typedef struct dc_editor dc_editor_t;

// What happens while a line is awaited. All of it is borrowed.
typedef struct dc_editor_hooks {
    void *context;
    // Find what may complete the word before `cursor`.
    void (*complete)(void *context, dc_str_t line, size_t cursor, dc_candidates_t *candidates);
    // Something else is to be done: when `fd` is readable (-1: there is none), and when
    // `timeout_ms` says so (-1: not).
    int (*fd)(void *context);
    int (*timeout_ms)(void *context);
    void (*turn)(void *context);
    int signal_fd; // dc_interrupt_begin's
} dc_editor_hooks_t;

// How the reading of a line ended.
typedef enum dc_editor_end {
    DC_EDITOR_LINE,       // with Enter
    DC_EDITOR_CLEARED,    // with Ctrl-C: the line is nobody's
    DC_EDITOR_CLOSED,     // with Ctrl-D in an empty line, or there is no terminal any more
    DC_EDITOR_TERMINATED, // with SIGTERM
} dc_editor_end_t;

// Whether this program was built with one.
bool dc_editor_is_there(void);

// The caller owns it. NULL, and errno set, if there is none to be had.
dc_editor_t *dc_editor_new(const dc_editor_hooks_t *hooks);

// Destroy it and set `*self_p` to NULL; NULL is fine.
void dc_editor_destroy(dc_editor_t **self_p);

// Show `prompt`, and read a line into `line`, whatever was in there; without its end.
dc_editor_end_t dc_editor_read(dc_editor_t *self, const char *prompt, dc_buf_t *line);

// Let `line` be one that a person can go back to.
void dc_editor_remember(dc_editor_t *self, dc_str_t line);

// Let the terminal be as it was before the editor, for another program; and no more.
void dc_editor_lend(dc_editor_t *self, bool is_lent);

#endif
