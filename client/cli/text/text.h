// text — what somebody else wrote, on a person's terminal: safe to print, and counted in
// characters.
#ifndef DC_CLIENT_CLI_TEXT_TEXT_H
#define DC_CLIENT_CLI_TEXT_TEXT_H

#include "common/buf.h"

// Append `text` such that no terminal takes it for a command: control characters (C0, DEL, C1),
// line breaks included, and bytes that are not UTF-8 become `?`, one for one character or byte. A
// tab becomes a blank.
void dc_text_put_safe(dc_buf_t *out, dc_str_t text);

// Whether dc_text_put_safe would change nothing.
bool dc_text_is_safe(dc_str_t text);

// How many characters there are before byte `offset`: bytes that are not UTF-8 count one each.
size_t dc_text_column(dc_str_t text, size_t offset);

// How many bytes the first `count` characters have, counted likewise; all if there are not so many.
size_t dc_text_offset(dc_str_t text, size_t count);

// Append, each on a line of its own and four blanks in, `source` and under it the mark for `width`
// bytes at byte `column`: `^`, then `~`. A long source is shown around the mark, at most `columns`
// wide. `mark_on` and `mark_off` switch the terminal's colour of the mark; both may be "".
void dc_text_put_marked(dc_buf_t *out, dc_str_t source, size_t column, size_t width, size_t columns,
                        const char *mark_on, const char *mark_off);

// Append a name as expressions have to write it, and safely: what is no word of letters, digits and
// `_`, or is a word of the language, stands in braces.
void dc_text_put_name(dc_buf_t *out, dc_str_t name);

// Append `text` as a word of the shell: in quotes where it needs them.
void dc_text_put_shell(dc_buf_t *out, dc_str_t text);

#endif
