// deadline — until when a batch has time: what --deadline says.
#ifndef DC_CLIENT_CLI_DEADLINE_H
#define DC_CLIENT_CLI_DEADLINE_H

#include "common/buf.h"

// Read the argument of --deadline, or NULL: how long it is until then, or 0 where there is none.
// Returns 0; or EX_USAGE after appending to `said` what is wrong: it is no moment, or it has
// passed.
DC_MUST_USE int dc_deadline_read(const char *text, uint64_t *left_ms, dc_buf_t *said);

#endif
