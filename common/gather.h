// gather — lines that come one by one, put into one piece of memory: a job for each.
#ifndef DC_COMMON_GATHER_H
#define DC_COMMON_GATHER_H

#include "common/blob.h"
#include "common/limits.h"

// Append `more`, some lines of which the last newline may be missing, to `lines`, a slice with a
// reference of its own and likewise some lines; each ends with a newline afterwards. Nobody else
// may refer to bytes behind `lines`. From the first time on it has DC_GATHER_BYTES_MAX of memory.
// False, nothing changed, if there would be more than these, or memory is short.
DC_MUST_USE bool dc_gather(dc_slice_t *lines, dc_str_t more);

#endif
