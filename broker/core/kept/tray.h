// tray — what of a detached batch's results is stored, where there is too much.
//
// Of a chunk at most DC_CHUNK_RESULTS_BYTES_MAX are, in lines of results. In the order of its jobs
// the first one that does not fit, and all that come behind it, fail (`too-large`): so which these
// are follows from the results, and not from the order in which they came or who computed them.
// That is known when all are there. Until then a tray holds some more, and what must go before goes
// from its end, since it would not fit whatever came.
//
// Of a batch as much is stored as --max-batch leaves, after what was put of it before: which of its
// chunks were is a matter of time, and the only one.
#ifndef DC_BROKER_CORE_KEPT_TRAY_H
#define DC_BROKER_CORE_KEPT_TRAY_H

#include "broker/core/state.h"

// Results have come into the tray of `chunk`: let go of what is too much to hold. False, and
// nothing has changed, if memory is short.
DC_MUST_USE bool dc_tray_see(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions);

// No more come: keep what may be stored. Likewise.
DC_MUST_USE bool dc_tray_close(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions);

#endif
