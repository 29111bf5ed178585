// words — a line of the prompt that is a command, cut as a shell cuts it: at blanks, save in
// quotes, single or double, and behind a backslash. Nothing else has a meaning: no pattern, no
// variable, no redirection. Pure.
#ifndef DC_CLIENT_CLI_PROMPT_WORDS_H
#define DC_CLIENT_CLI_PROMPT_WORDS_H

#include "common/arena.h"
#include "common/str.h"

typedef struct dc_words {
    char **items; // in the arena, each ends in NUL; behind the last comes NULL
    size_t count;
} dc_words_t;

// Cut `line`, into memory of `arena`, which can hold 16 bytes for each of the line's. False if a
// quote is open at its end, or memory is short.
bool dc_words_cut(dc_str_t line, dc_arena_t *arena, dc_words_t *words);

#endif
