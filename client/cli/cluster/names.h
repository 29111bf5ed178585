// names — do the hosts of addresses exist?
//
// libzmq looks names up by itself, and where there is none it tries for ever without a word. To ask
// for one may take many seconds, so that is done in a thread, which nobody waits for.
#ifndef DC_CLIENT_CLI_CLUSTER_NAMES_H
#define DC_CLIENT_CLI_CLUSTER_NAMES_H

#include "client/dcalc.h"
#include "common/base.h"

typedef struct dc_names dc_names_t;

// Begin to look up the hosts of all places of `dcalc`, which is asked for them now. NULL if memory
// or threads are short.
dc_names_t *dc_names_new(const dcalc_t *dcalc);

// Drop it, at once: NULL is fine.
void dc_names_destroy(dc_names_t **self_p);

// The host of place `index`, if it is known by now that there is no such host; else NULL. NULL too
// for a NULL object.
const char *dc_names_missing(const dc_names_t *self, size_t index);

// Is that known of every place?
bool dc_names_are_missing(const dc_names_t *self);

#endif
