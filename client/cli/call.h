// call — what a command line wants, once its options are read: which command, with which operands.
//
// A lower-case word is a command and anything else an expression; without either rows come from
// ranges, from stdin, or from a person. What does not go together is refused before anything is
// connected to, in the words of whoever typed it.
#ifndef DC_CLIENT_CLI_CALL_H
#define DC_CLIENT_CLI_CALL_H

#include "client/cli/cli_commands.h"
#include "client/cli/cli_settings.h"
#include "client/cli/console.h"
#include "common/options.h"

typedef struct dc_call {
    dc_cli_settings_t *settings; // borrowed, as the next four
    const dc_options_t *options; //
    dc_console_t *console;       //
    int argc;                    //
    char **argv;                 //
    dc_cli_command_t command;    //
    bool is_implied;             // by expressions, or by what stands on stdin
    bool is_prompt;              // nothing is said, and a person is there who can
    const char **arguments;      // owned array of borrowed strings: operands without the command
    size_t argument_count;       //
} dc_call_t;

// Find out what is wanted: all that is borrowed is there, and the rest of `self` is zero. Settings
// that are not for this command are forgotten. Returns an exit status, not 0 after saying what is
// wrong.
DC_MUST_USE int dc_call_read(dc_call_t *self);
void dc_call_fini(dc_call_t *self);

// Say `format`, in which `word` stands for "%s", made safe. Returns EX_USAGE.
int dc_call_complain(dc_call_t *self, const char *format, const char *word);

#endif
