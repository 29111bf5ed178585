// patience_part — what the files of dc_patience_t share: patience.c, which looks at the time, and
// patience_say.c, which has the words.
#ifndef DC_CLIENT_CLI_CLUSTER_PATIENCE_PART_H
#define DC_CLIENT_CLI_CLUSTER_PATIENCE_PART_H

#include "client/cli/cluster/patience.h"
#include "common/json.h"

// Say why it gives up: there is no broker, no worker, none with the batch's tag, no room. Returns
// the exit status.
int dc_patience_say_no_broker(dc_patience_t *self);
int dc_patience_say_no_worker(dc_patience_t *self);
int dc_patience_say_no_slot(dc_patience_t *self);
int dc_patience_say_busy(dc_patience_t *self);

// Say that it is tried again: there is no room, once until there is; or the broker is lost.
void dc_patience_say_trying(dc_patience_t *self);
void dc_patience_say_lost(dc_patience_t *self, const dcalc_event_t *event);

// Say, once until one is there again, that there is no worker any more.
void dc_patience_say_workers_gone(dc_patience_t *self);

// Say, once, why a batch takes so long whose client may have so many jobs a second and no more, if
// its `status` says that: it goes on by itself.
void dc_patience_say_rate(dc_patience_t *self, const dc_json_t *status);

// Where there is no terminal to show it, say why the batch waits, if that `is_known`: once, when it
// has waited for a while.
void dc_patience_say_why(dc_patience_t *self, bool is_known, dc_ms_t now);

// Show on a terminal what is waited for, in a line that does not stay.
void dc_patience_show(dc_patience_t *self, dc_awaited_t what);

#endif
