// console — stderr: what is said to the person who started the client.
//
// Messages are gathered in `buf` and written whole. What a terminal can show is found out once:
// colours (NO_COLOR and CLICOLOR_FORCE count), and whether it takes more than ASCII. Its width is
// not, since people change it.
#ifndef DC_CLIENT_CLI_CONSOLE_H
#define DC_CLIENT_CLI_CONSOLE_H

#include "client/cli/hint.h"
#include "common/buf.h"

typedef enum dc_when {
    DC_WHEN_AUTO,
    DC_WHEN_ALWAYS,
    DC_WHEN_NEVER,
    DC_WHEN_JSON, // of progress only
} dc_when_t;

typedef struct dc_console {
    dc_buf_t buf;     // owned: what is to be said
    bool is_terminal; //
    bool can_erase;   // ... which can take back what it shows: bars are drawn there
    bool is_utf8;
    bool is_coloured;
    bool has_bar;       // a progress bar is drawn, and must go before anything is said
    size_t bar_columns; // how wide it is
    dc_hint_t hint;     // owned: what may help where something is missing
} dc_console_t;

void dc_console_init(dc_console_t *self, dc_when_t color);
void dc_console_fini(dc_console_t *self);

// Say what has been gathered.
void dc_console_flush(dc_console_t *self);

// How wide the terminal is now. COLUMNS counts.
size_t dc_console_columns(void);

// How many of these a bar may have, and what a terminal adds to it is in the same line.
size_t dc_console_bar_columns(void);

// Draw `bar` in place of the one before; an empty one takes it away.
void dc_console_draw(dc_console_t *self, dc_str_t bar);

#endif
