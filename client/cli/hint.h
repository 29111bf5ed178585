// hint — what a person can do where a broker or a worker is missing: commands that can be pasted.
//
// They name the programs as this one was called (a folder that is not in PATH is named too), and
// the address that this one looks at. What cannot be a command is said in words.
#ifndef DC_CLIENT_CLI_HINT_H
#define DC_CLIENT_CLI_HINT_H

#include "common/buf.h"

typedef struct dc_hint {
    dc_buf_t folder; // owned: of the programs, with its slash; empty: they are in PATH
    dc_buf_t here;   // owned: how to compute the same with --local; empty: nothing is computed
    dc_buf_t resume; // owned: this command line with --resume; empty: it cannot be shown
    bool is_private; // the cluster is our own: nobody can help it
} dc_hint_t;

// `program` is how this program was called, as in argv[0].
void dc_hint_init(dc_hint_t *self, const char *program);
void dc_hint_fini(dc_hint_t *self);

// The command line computes something, and if it `can_be_local` could do so with --local. With
// `has_stdin` it cannot be repeated as it is, since its rows came from elsewhere.
void dc_hint_set_command(dc_hint_t *self, int argc, char *const *argv, bool has_stdin,
                         bool can_be_local);

// Append a line, with its newline, about what to do where there is no broker at `url`, or no worker
// at the broker there. Nothing if there is nothing to be done.
void dc_hint_put_no_broker(const dc_hint_t *self, const char *url, dc_buf_t *out);
void dc_hint_put_no_worker(const dc_hint_t *self, const char *url, dc_buf_t *out);

// Append the command line that goes on with what this one has begun, or what it is in words.
void dc_hint_put_resume(const dc_hint_t *self, dc_buf_t *out);

// Append a line that says how to compute the rows of the file `argument`, which was taken for
// something else. Nothing if there is no such file.
void dc_hint_put_file(const char *argument, dc_buf_t *out);

#endif
