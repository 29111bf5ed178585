// differ — what tells the program of one batch from another's, in the words of the command line.
//
// A key stands for one batch. Who comes with another one under it has changed something, or took
// the key for something else, and does not see which: this says it.
#ifndef DC_CLIENT_CLI_RUN_DIFFER_H
#define DC_CLIENT_CLI_RUN_DIFFER_H

#include "common/buf.h"
#include "common/err.h"

// Append a line for each thing of which the program frame `theirs`, of the batch that is there, has
// another than `ours`: "its template is 'a+b', and not 'a*b'". Nothing is appended where no more is
// known than that they differ. DC_ERR_PROTOCOL (one of them is no program), DC_ERR_NOMEM: there is
// nothing to say either.
DC_MUST_USE dc_err_t dc_differ_put(dc_str_t theirs, dc_str_t ours, dc_buf_t *out);

#endif
