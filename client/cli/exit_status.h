// exit_status — what a script may rely on: which status says what (see `dcalc help exit-codes`).
//
// Most statuses are those of sysexits.h, and chosen where something fails. Here is what several
// places must agree about.
#ifndef DC_CLIENT_CLI_EXIT_STATUS_H
#define DC_CLIENT_CLI_EXIT_STATUS_H

#include "client/cli/console.h"
#include "common/err.h"

// What timeout(1) says when the time is up.
#define DC_EXIT_DEADLINE 124

// What a shell shows for SIGINT and SIGPIPE.
#define DC_EXIT_INTERRUPTED 130
#define DC_EXIT_PIPE        141

// What each of them says, for help and the manual.
typedef struct dc_exit_told {
    int status;
    const char *help; // without a full stop
} dc_exit_told_t;

// The next one, in order: `*at` is 0 before the first. False if there are no more.
bool dc_exit_status_next(size_t *at, dc_exit_told_t *told);

// The status for a batch or a question that failed as a whole.
int dc_exit_status(dc_err_t err);

// The status for an errno: `otherwise`, unless it is memory that was short.
int dc_exit_status_of_errno(int error, int otherwise);

// Say that the file `path` could not be created, and why. Returns the status.
int dc_exit_status_say_uncreated(dc_console_t *console, const char *path, int error);

// Say that `what` could not be written, and why. Returns the status; says nothing where the reader
// has gone, which is no fault.
int dc_exit_status_say_unwritten(dc_console_t *console, const char *what, int error);

#endif
