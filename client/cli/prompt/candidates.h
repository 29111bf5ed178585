// candidates — what a word of the prompt may become when Tab is pressed: functions, constants and
// what was defined; at the beginning of a line commands as well, behind `help` its topics, behind
// `forget` what there is to be forgotten. Pure.
#ifndef DC_CLIENT_CLI_PROMPT_CANDIDATES_H
#define DC_CLIENT_CLI_PROMPT_CANDIDATES_H

#include "client/cli/prompt/notebook.h"

typedef struct dc_candidates {
    dc_buf_t names;     // owned: each with a NUL behind it, sorted; a function has its parenthesis
    size_t count;       //
    size_t typed_bytes; // of each name stand before the cursor already
    size_t same_bytes;  // ... all names have in common
} dc_candidates_t;

// Find what may complete the word before byte `cursor` of `line`. None without a word. The caller
// gives `candidates` back with dc_candidates_fini.
void dc_candidates_find(const dc_notebook_t *notebook, dc_str_t line, size_t cursor,
                        dc_candidates_t *candidates);
void dc_candidates_fini(dc_candidates_t *self);

// Append the names in columns, in lines of at most `columns` characters.
void dc_candidates_put(const dc_candidates_t *self, size_t columns, dc_buf_t *out);

#endif
