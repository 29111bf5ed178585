// local — a private cluster for one command: `--local`.
//
// Broker and worker are started in the background and talk over a directory that only this user may
// enter. All of it, directory included, is gone when the program is, however it ends (the keeper
// sees to that). Until the broker listens the library just looks for it, so that nobody waits for
// anybody longer than needed.
#ifndef DC_CLIENT_CLI_CLUSTER_LOCAL_H
#define DC_CLIENT_CLI_CLUSTER_LOCAL_H

#include "common/err.h"

typedef struct dc_local dc_local_t;

// Start one, with `slot_count` slots (0: as many as there are cores). Call it while the process has
// one thread only: before dcalc_new. NULL with a sentence in `diag`: DC_ERR_IO (programs not found,
// no directory, no processes), DC_ERR_NOMEM.
dc_local_t *dc_local_start(size_t slot_count, dc_diag_t *diag);

// Where its broker is; valid as long as it is.
const char *dc_local_url(const dc_local_t *self);

// A descriptor that becomes readable if a part of it fails.
int dc_local_fd(const dc_local_t *self);

// Has a part of it failed? Then `*why` says how: a sentence, and the end of what its programs
// logged; several lines, valid as long as the cluster.
bool dc_local_has_failed(dc_local_t *self, const char **why);

// End it and set `*self_p` to NULL; NULL is fine. Returns when nothing of it is left.
void dc_local_stop(dc_local_t **self_p);

#endif
