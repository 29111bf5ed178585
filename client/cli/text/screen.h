// screen — the whole terminal, for a view that is drawn again and again: by way of ncurses.
//
// There is one, since there is one terminal. While it is open nothing else may write to it. It is
// as it was before when the screen is closed, and also where a signal ends the program: those that
// a program does not survive (SIGSEGV and its like, SIGABRT, SIGQUIT, SIGHUP) first put it back.
// SIGINT and SIGTERM are the caller's to see to; SIGTSTP stops the program as usual, on a terminal
// that is as it was.
#ifndef DC_CLIENT_CLI_TEXT_SCREEN_H
#define DC_CLIENT_CLI_TEXT_SCREEN_H

#include "client/cli/text/frame.h"

// Keys that are no characters.
#define DC_KEY_NONE   (-1)
#define DC_KEY_UP     0x1001
#define DC_KEY_DOWN   0x1002
#define DC_KEY_ENTER  0x1003
#define DC_KEY_ESCAPE 0x1004
#define DC_KEY_OTHER  0x1005 // also that the terminal has another size now

// Take the terminal that stdin and stdout are. False, and nothing changed, if ncurses does not know
// it (TERM), or nothing can be drawn on it.
DC_MUST_USE bool dc_screen_open(bool is_coloured, bool is_utf8);

// Give it back. One that is not open is fine.
void dc_screen_close(void);

// Whether ncurses knows the terminal (TERM), and can move its cursor. Who does not take the whole
// of it may ask too.
bool dc_screen_is_known(void);

// Let C functions read and write characters as the terminal does: `is_utf8` where that is wanted,
// and the system knows such a locale, which is returned; else bytes.
bool dc_screen_choose_locale(bool is_utf8);

// Whether it takes more than ASCII: where that is wanted, and the system knows such a locale.
bool dc_screen_is_utf8(void);

size_t dc_screen_rows(void);
size_t dc_screen_columns(void);

// Show `frame`: what was shown before goes.
void dc_screen_draw(const dc_frame_t *frame);

// The next key that was pressed, a character (ASCII) or one of those above; never waits.
int dc_screen_key(void);

#endif
