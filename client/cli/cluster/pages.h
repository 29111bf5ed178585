// pages — an answer of the broker's that comes in parts, put together to one.
//
// What lists workers or batches has an object with one array, and says with `next` where to go on
// (QUERY in common/wire.h).
#ifndef DC_CLIENT_CLI_CLUSTER_PAGES_H
#define DC_CLIENT_CLI_CLUSTER_PAGES_H

#include "common/buf.h"

// Nobody reads, and no parser takes, an answer that is longer than this. A million batches fit.
#define DC_PAGES_BYTES_MAX ((size_t)512 << 20)

// Append the items of array `name` in `page` to `answer`, which is empty at first, and complete, an
// object with this one array, after each page. `*next`: what to ask for next; 0: that was all.
// False if it is no such page, or says that others follow and has no items, or the answer gets too
// long.
bool dc_pages_add(dc_buf_t *answer, const char *name, dc_str_t page, uint64_t *next);

#endif
