// core — every decision of the broker: an event and a time in, actions out.
//
// It has no socket, clock, thread, entropy or log call: the same events at the same times give the
// same actions, always. Ids that must not be guessed come from a generator with a given seed.
//
// The shell makes an event of each record that it reads, of each connection that proves dead, and
// of each tick, and carries out the actions in their order. Calling sequence: dc_core_new, then per
// event dc_core_step and dc_actions_clear; dc_core_destroy.
//
// What makes up the core, all of it over `state`. Here are the doors of it, one file for each kind
// of event: on_client (on_open, on_ask, on_kept), on_worker, on_store, on_found; leave. They use
// the rooms:
//
//   peers/      who is connected, what they say, what is to be sent to them
//   clients/    sessions: clients, and whose batches are whose; what results do: deliver, viewer,
//               answers (plain clients)
//   slots/      registry: slots, with load and drain; loss: of slots that die; verify, votes: what
//               two slots compute
//   jobs/       batch, chunk, backlog; ledger: who has which job, with its parts packed, forked and
//               answered; fork, tree: jobs that were split; needs: who waits for whose results
//   schedule/   who is next: scheduler, with leasing and reclaim; lanes (tags), turns: whose; ages:
//               which of his; ready; spare: what an idle slot takes off others; allowance: who is
//               over his rate; after: who waits for whom; terms: until when, how urgent
//   kept/       what outlives the broker: submit, keep, keep_results, detached, deletion, repair;
//               flaw, recovery: what is found at the start; store_op: what the store is asked;
//               pending: what of that is on its way
//   report/     what is measured, and what is said of it all
//   audit/      what must hold
#ifndef DC_BROKER_CORE_CORE_H
#define DC_BROKER_CORE_CORE_H

#include "broker/core/actions.h"
#include "broker/core/kept/store_op.h"
#include "broker/core/settings.h"

typedef enum dc_event_type {
    DC_EVENT_CLIENT,      // client `peer` sent `cmd` (ASK, or any of the client's commands)
    DC_EVENT_WORKER,      // worker `peer` sent `cmd` (READY, BEAT, WORKED, or any of the slot's)
    DC_EVENT_CLIENT_GONE, // the connection of client `peer` is no more
    DC_EVENT_WORKER_GONE, // likewise
    DC_EVENT_STORED,      // the store has done `*op`, or could not
    DC_EVENT_FOUND,       // the store has `*op` from a former broker; NULL: that was all. To come
                          // before anything else
    DC_EVENT_TICK,        // DC_TICK_MS have passed, more or less
    DC_EVENT_STOP,        // the broker is to end: nothing more is leased, nothing new is taken
    DC_EVENT_FAREWELL,    // ... and does, once what is left to be said is sent
} dc_event_type_t;

typedef struct dc_event {
    dc_event_type_t type;
    dc_peer_t peer;
    const dc_cmd_t *cmd;        // borrowed; what the core keeps of its slices it references
    dc_store_op_t **op;         // of STORED: the core may take it
    const dc_store_op_t *found; // of FOUND: borrowed
} dc_event_t;

typedef struct dc_core dc_core_t;

// A core that knows nobody. `settings` are copied. NULL if memory is short.
dc_core_t *dc_core_new(const dc_settings_t *settings, uint64_t seed);
void dc_core_destroy(dc_core_t **self_p);

// Go on with those of `settings` that may change meanwhile: memory_bytes_max, orphan_ms, keep_ms,
// batch_bytes_max, store_batches_max, outstanding_max, and rates with their bursts. They hold for
// what is decided from now on: nothing that was taken is given up. The others are left as they are:
// peers or the store rely on them, or what was counted by them.
void dc_core_set_limits(dc_core_t *self, dc_ms_t now, const dc_settings_t *settings);

// Say what time it is in microseconds, on the clock that events' milliseconds are of. It is for
// statistics alone: without it they are as fine as the events' times.
void dc_core_set_us(dc_core_t *self, dc_us_t now_us);

// Whether the core has lost, for lack of memory, what the store had found: it must not go on.
bool dc_core_is_short(const dc_core_t *self);

// Do what `event` at time `now` (never before an earlier one) demands; append to `actions`. Leases
// are given out by dc_core_dispatch, once per turn of the shell's loop, so that what came together
// travels together.
void dc_core_step(dc_core_t *self, dc_ms_t now, const dc_event_t *event, dc_actions_t *actions);

// Give ready work to slots with room. Call it after the events of a turn; it costs nothing where
// nothing has changed.
void dc_core_dispatch(dc_core_t *self, dc_ms_t now, dc_actions_t *actions);

// For how long nothing has to be dispatched again unless something happens; UINT64_MAX: for ever.
dc_ms_t dc_core_wait_ms(const dc_core_t *self);

// The last number that a batch was given: a later broker may go on from there, if this one is done.
uint64_t dc_core_batch_number(const dc_core_t *self);

// Whether nothing is leased or waits to be: then nobody waits for what a worker may say.
bool dc_core_is_idle(const dc_core_t *self);

// Whether no job is leased that somebody waits for: after DC_EVENT_STOP there will be none again.
bool dc_core_has_left(const dc_core_t *self);

// Check the counters and sums that must hold after every step, in constant time. NULL, or a
// sentence that says what does not hold.
const char *dc_core_check(const dc_core_t *self);

// Check every invariant by looking at everything there is. NULL, or a sentence.
const char *dc_core_audit(const dc_core_t *self);

#endif
