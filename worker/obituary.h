// obituary — tells the broker that a slot is dead, and at which job.
//
// It has a connection to each broker that a slot of this worker was with, opened when the first one
// has died there. What the broker says on it is dropped.
#ifndef DC_WORKER_OBITUARY_H
#define DC_WORKER_OBITUARY_H

#include "worker/share.h"

typedef struct dc_obituary dc_obituary_t;

// A service for the brokers at `endpoints` (borrowed until destroy). NULL if memory is short.
dc_obituary_t *dc_obituary_new(const char *const *endpoints, size_t endpoint_count);

// Destroy it; what was sent last may take a moment to get out.
void dc_obituary_destroy(dc_obituary_t **self_p);

// Tell of the slot with this page, which `signal` has ended (0: it ended itself). Says whether its
// job may have done it. What cannot be told is logged: the broker then learns by silence.
void dc_obituary_send(dc_obituary_t *self, const dc_share_t *share, int signal);

// Drop what brokers have said.
void dc_obituary_tidy(dc_obituary_t *self);

#endif
