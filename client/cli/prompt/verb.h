// verb — lines of the prompt that are no mathematics: which ones, and what they ask for.
//
//   help [TOPIC]        vars        forget NAME... | all        quit, exit, Ctrl-D
//   list, status b17, workers, top, batch FILE -t EXPR, ...: a command of the command line
//
// In the shell a lower-case word is a command, whatever follows. Here it may be a variable too. So
// a line is a command where it begins with such a word, nothing of that name was defined, and what
// follows is no operator: `list` lists batches, and `list = 3` defines a variable, which hides that
// command until it is forgotten. `eval` is not needed here, and `completion` is for shells. Pure.
#ifndef DC_CLIENT_CLI_PROMPT_VERB_H
#define DC_CLIENT_CLI_PROMPT_VERB_H

#include "client/cli/prompt/notebook.h"

typedef enum dc_verb {
    DC_VERB_NONE, // statements
    DC_VERB_HELP,
    DC_VERB_VARS,
    DC_VERB_FORGET,
    DC_VERB_QUIT,
    DC_VERB_COMMAND, // of the command line, options and all
} dc_verb_t;

// What `line` asks for. Behind the verb, in `*rest`, stands what it is to be done with.
dc_verb_t dc_verb_find(const dc_notebook_t *notebook, dc_str_t line, dc_str_t *rest);

// The next verb's name: `*at` is 0 before the first. NULL if there are no more.
const char *dc_verb_next(size_t *at);

#endif
