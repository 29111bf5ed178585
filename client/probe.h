// probe — why can nobody be reached at an address? libzmq knows, but does not tell.
#ifndef DC_CLIENT_PROBE_H
#define DC_CLIENT_PROBE_H

#include "common/base.h"

// Put what the system says to a connection to `url` into `reason` (of `size` bytes), such as
// "connection refused". Does not wait: where the answer takes longer it is "cannot connect", and
// where it is no error any more.
void dc_probe(const char *url, char *reason, size_t size);

#endif
