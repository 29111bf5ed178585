// link — every decision of a slot towards its broker: an event and a time in, actions out.
//
// It is the worker's side of the Paranoid Pirate Protocol (rfc.zeromq.org/spec/6) and of the
// superset that common/wire.h describes, and owns the table of leases: what the slot has promised
// to compute, and how far each has come. It has no socket, clock, thread, entropy or log call.
//
//   READY on every new connection, and when the broker asks WHO: it knows of no lease then, so all
//   are forgotten, and what still comes for them from the runner is dropped. A WHO that follows a
//   READY within a heartbeat, with nothing else between, is older than that READY: it is answered.
//   A heartbeat each `heartbeat_ms`, whatever the runner does.
//   A broker that misses `liveness_beats` of its own, which are rarer (DC_BROKER_BEAT_EVERY), is
//   lost, and one that never spoke on this connection after so many of ours: after a pause the
//   connection is closed, so that nothing stale is sent, and a new one is opened. Pauses double
//   from reconnect_ms_min to reconnect_ms_max, each is cut at random by up to a half, and a sign of
//   life sets them back, and ends the one that is: a broker that hung, or was started again, need
//   not wait for its slots. What the slot itself slept through is no silence.
//   Each lease ends with a RESULT that is marked as the last. Where a TRIM leaves nothing to do the
//   link says so at once, while the runner may be in the middle of a job of an hour.
//   Draining: what has not begun is handed back with GOODBYE, the oldest lease goes on, which the
//   broker then trims to the job that runs, and when nothing is left, or `drain_ms` are over, the
//   slot takes its leave and ends.
//
// The shell makes an event of each record from the broker, of each piece from the runner, and of
// each tick, and carries out the actions in their order. Calling sequence: dc_link_new,
// DC_LINK_EVENT_START, then per event dc_link_step and dc_link_actions_clear; dc_link_destroy.
#ifndef DC_WORKER_LINK_H
#define DC_WORKER_LINK_H

#include "worker/link_actions.h"

typedef struct dc_link_settings {
    dc_ms_t heartbeat_ms;
    uint32_t liveness_beats;
    dc_ms_t reconnect_ms_min, reconnect_ms_max;
    dc_ms_t drain_ms;
    dc_ms_t idle_exit_ms; // leave after so long without a lease; 0: never
    dc_str_t ready;       // the JSON of READY (worker/hello.h); copied by dc_link_new
} dc_link_settings_t;

static inline dc_link_settings_t dc_link_settings_default(void)
{
    return (dc_link_settings_t){
        .heartbeat_ms = DC_HEARTBEAT_MS,
        .liveness_beats = DC_LIVENESS_BEATS,
        .reconnect_ms_min = DC_RECONNECT_MS_MIN,
        .reconnect_ms_max = DC_RECONNECT_MS_MAX,
        .drain_ms = DC_DRAIN_MS,
    };
}

typedef enum dc_link_event_type {
    DC_LINK_EVENT_START,   // once, first
    DC_LINK_EVENT_COMMAND, // the broker sent `cmd`: LEASE, TRIM, DRAIN, WHO, BEAT
    DC_LINK_EVENT_PIECE,   // the runner has computed `cmd` (RESULT)
    DC_LINK_EVENT_TICK,    // DC_TICK_MS have passed, more or less
    DC_LINK_EVENT_DRAIN,   // the operator wants the slot to end; twice: at once
    DC_LINK_EVENT_BROKEN,  // the connection is of no use: it failed, or brought nonsense
} dc_link_event_type_t;

typedef struct dc_link_event {
    dc_link_event_type_t type;
    const dc_cmd_t *cmd; // borrowed; what the link keeps of its slices it references
    dc_str_t load;       // of a TICK: the JSON for a heartbeat (worker/hello.h); borrowed
} dc_link_event_t;

typedef struct dc_link dc_link_t;

// A link that is not connected yet. NULL if memory is short.
dc_link_t *dc_link_new(const dc_link_settings_t *settings, uint64_t seed);
void dc_link_destroy(dc_link_t **self_p);

// Do what `event` at time `now` (never before an earlier one) demands; append to `actions`. After
// DC_LINK_EXIT there are no more actions.
void dc_link_step(dc_link_t *self, dc_ms_t now, const dc_link_event_t *event,
                  dc_link_actions_t *actions);

// Check every invariant by looking at everything there is. NULL, or a sentence.
const char *dc_link_audit(const dc_link_t *self);

#endif
