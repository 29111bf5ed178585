// errand — a command of the command line that is typed at the prompt: this program is started once
// more, with those words, and awaited.
//
// So it does what it does in the shell, to the last option: it has the terminal, takes Ctrl-C
// itself, and what becomes of it does not touch the prompt. It has the prompt's settings where they
// were given as options (as variables, see `dcalc help environment`), and its broker: also the
// private one. What --let has bound it has as options, with the values that the names have by now,
// unless the line has its own.
#ifndef DC_CLIENT_CLI_PROMPT_ERRAND_H
#define DC_CLIENT_CLI_PROMPT_ERRAND_H

#include "client/cli/cli_settings.h"
#include "client/cli/prompt/notebook.h"
#include "client/cli/prompt/words.h"

typedef struct dc_errand {
    const dc_cli_settings_t *settings; // the prompt's; borrowed, as is all
    const dc_options_t *options;       // where they are from
    const char *program;               // how this one was called
    const dc_notebook_t *notebook;     // what its variables are by now
    const char *url;                   // of the broker
    bool is_private;                   // which is the prompt's own
    int signal_fd;                     // dc_interrupt_begin's: SIGTERM is handed on
    // What is to be done meanwhile: see client/cli/prompt/editor.h.
    void *context;
    int fd;
    int (*timeout_ms)(void *context);
    void (*turn)(void *context);
} dc_errand_t;

// Run the command, and wait for its end. Returns 0, or an errno if it cannot be started. What it
// found wrong it has said.
DC_MUST_USE int dc_errand_run(const dc_errand_t *self, const dc_words_t *words, dc_arena_t *arena);

#endif
