// messages — what a person is told about failed jobs, on stderr.
//
// An expression that was given as an argument is shown with a mark under the place; a row of a file
// is named by file and line. Of each kind of fault the first few are told, the others counted. Text
// that came from elsewhere is made safe for a terminal.
#ifndef DC_CLIENT_CLI_TEXT_MESSAGES_H
#define DC_CLIENT_CLI_TEXT_MESSAGES_H

#include "common/buf.h"
#include "common/err.h"
#include "common/fault.h"

// More of one kind teach nobody anything.
#define DC_MESSAGES_SHOWN_MAX 5

#define DC_MESSAGES_KINDS_MAX 128

typedef struct dc_messages {
    dc_buf_t *out;                          // borrowed; who owns it writes it to stderr
    const char *file;                       // the input's name
    bool is_utf8;                           // the terminal takes more than ASCII
    bool is_coloured;                       //
    bool is_quiet;                          // rows of a file are not told of
    bool keeps_all;                         // --errors is given: no need to recommend it
    size_t columns;                         // of the terminal
    uint64_t counts[DC_MESSAGES_KINDS_MAX]; // of faults, by code
} dc_messages_t;

void dc_messages_init(dc_messages_t *self, dc_buf_t *out);

// Say that the expression `source` fails. Marks nothing where the fault is not in the text.
void dc_messages_put_argument(dc_messages_t *self, const dc_fault_t *fault, dc_str_t source);

// Say likewise that the expression `source` fails, which option `option` has; `name` is what it
// binds there, or empty: "dcalc: --let rate: unknown name 'x'".
void dc_messages_put_option(dc_messages_t *self, const char *option, dc_str_t name,
                            const dc_fault_t *fault, dc_str_t source);

// Where a row of a file is at fault.
typedef struct dc_place {
    uint64_t line;      // of the file, from 1; 0: the row has none (a point of a range)
    uint64_t row;       // from 1
    dc_str_t source;    // what the fault's column counts in
    const char *within; // what that is, such as "the template"; NULL: the row itself
} dc_place_t;

// Say that a row fails, unless enough of its kind were told.
void dc_messages_put_row(dc_messages_t *self, const dc_fault_t *fault, const dc_place_t *place);

// Count a fault of this kind if enough of them were told. False if it is still to be told: by
// dc_messages_put_row, which counts it.
bool dc_messages_count_only(dc_messages_t *self, dc_err_t code);

// Say how many were not told of.
void dc_messages_finish(dc_messages_t *self);

// Say that `word`, of option `option`, is wrong usage: "dcalc: --let: 'abc' REASON".
void dc_messages_put_usage(dc_messages_t *self, const char *option, dc_str_t word,
                           const char *reason);

// Say `sentence` as it is.
void dc_messages_put_sentence(dc_messages_t *self, const char *sentence);

// Say that memory is short. Returns the exit status.
int dc_messages_put_no_memory(dc_messages_t *self);

#endif
