// fit — text is made to fit the width of a terminal.
#ifndef DC_CLIENT_CLI_TEXT_FIT_H
#define DC_CLIENT_CLI_TEXT_FIT_H

#include "common/buf.h"

typedef struct dc_fit {
    size_t columns; // of the terminal; SIZE_MAX: any number, since there is none
    bool is_utf8;   // it takes more than ASCII
} dc_fit_t;

// What stands for text that was left out.
const char *dc_fit_dots(const dc_fit_t *self);

// How many characters fit behind the first `column` ones, and at most `most`. So far to the right
// that hardly any fit it is some nonetheless, which a terminal breaks as it likes.
size_t dc_fit_room(const dc_fit_t *self, size_t column, size_t most);

// Append at most `characters` of `text`, the dots counted, with line breaks as blanks and safe to
// print.
void dc_fit_put_short(const dc_fit_t *self, dc_str_t text, size_t characters, dc_buf_t *out);

// Break what was appended to the last line of `out` from byte `start` on at blanks, so that it
// fits; new lines begin with `indent`. What is in front of `start` is as wide as that, or less.
void dc_fit_wrap(const dc_fit_t *self, size_t start, const char *indent, dc_buf_t *out);

#endif
