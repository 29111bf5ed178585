// patience — how long to wait for a broker, for a first worker (of those that may compute the
// batch), for room: and what to say then; and why a batch waits that somebody holds, or that others
// go before.
//
// Whoever waits for longer than a moment is told what for: on a terminal, in a line that does not
// stay; elsewhere, where that is wished for, in one that does.
#ifndef DC_CLIENT_CLI_CLUSTER_PATIENCE_H
#define DC_CLIENT_CLI_CLUSTER_PATIENCE_H

#include "client/cli/cluster/names.h"
#include "client/cli/console.h"
#include "client/dcalc.h"

// What is waited for.
typedef enum dc_awaited {
    DC_AWAITED_NONE,
    DC_AWAITED_BROKER,
    DC_AWAITED_WORKER,
    DC_AWAITED_TURN, // of the batch
} dc_awaited_t;

typedef struct dc_patience {
    dcalc_t *dcalc;        // borrowed, as is the next
    dc_console_t *console; //
    const char *url;       // where the broker is, or was last seen; the library's
    bool had_broker;       // there was one
    dc_names_t *names;     // owned: whether the hosts exist; NULL: nobody was waited for yet
    uint64_t wait_ms;      // UINT64_MAX: for ever
    bool is_quiet;         //
    uint64_t number;       // of the batch whose results are waited for; 0: not known
    dcalc_id_t question;   // a ping that is not answered yet; 0: none
    dcalc_id_t why_asked;  // the batch's status, likewise
    dc_buf_t why;          // owned: why the batch waits, as the broker says; empty: it does not
    bool tells_why;        // where there is no terminal, in a line that stays
    dc_buf_t told;         // owned: the reason that was told last
    dc_ms_t why_ms;        // since when it is stuck for a reason; 0: it is not
    bool is_held;          // it waits since it is held
    dc_buf_t busy;         // owned: why the broker has no room for it
    dc_ms_t busy_ms;       // ... since when; 0: it has
    bool has_told_busy;    // ... was said
    dc_ms_t asked_ms;      // when the last one was sent
    dc_ms_t no_worker_ms;  // since when there is no worker; 0: there is, or it is not known
    dc_ms_t no_slot_ms;    // since when there are workers, and none has the batch's tag; likewise
    bool has_results;      // some of it was computed
    uint64_t worker_count; // as the last answer says
    bool had_worker;       // there was one: what runs waits for the next, however long
    bool was_lost;         // the broker was, and no worker was seen since
    bool has_told;         // that there is none any more
    dc_ms_t opened_ms;     // when the batch became known to the broker
    bool has_told_rate;    // that it is over the rate that its client may have
    bool has_asked_rate;   // ... whether it is
    dc_awaited_t shown;    // a line on the terminal says that this is waited for
    bool is_stale;         // ... and why, which is no longer so
} dc_patience_t;

void dc_patience_init(dc_patience_t *self, dcalc_t *dcalc, dc_console_t *console, uint64_t wait_ms,
                      dc_ms_t now);

void dc_patience_fini(dc_patience_t *self);

// Take notice of an event. Returns 0, or the exit status to give up with, after saying why.
DC_MUST_USE int dc_patience_see(dc_patience_t *self, const dcalc_event_t *event, dc_ms_t now);

// Look at the time, and ask how many workers there are where that is wanted: `wants_count` for its
// own sake, `is_stuck` since no result comes. Returns likewise.
DC_MUST_USE int dc_patience_look(dc_patience_t *self, dc_ms_t now, bool wants_count, bool is_stuck);

#endif
