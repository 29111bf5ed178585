// slot_loop — what a slot does once it is set up: whatever comes from its broker, its runner, its
// supervisor and the clock is told to the link, and what the link wants is done.
//
// Brokers are tried in turn, without those whose names were not found. Where nobody answers for as
// long as the longest pause, and it is the turn of such a one, the slot ends: the next one looks it
// up.
//
// Who uses it fills in the parts and frees them: worker/slot.c. Calling sequence:
// dc_slot_loop_start, then dc_slot_loop_run.
#ifndef DC_WORKER_SLOT_LOOP_H
#define DC_WORKER_SLOT_LOOP_H

#include "common/clock.h"
#include "worker/endpoint.h"
#include "worker/mailer.h"
#include "worker/quick.h"
#include "worker/runner.h"
#include "worker/slot.h"

typedef struct dc_slot_loop {
    const dc_slot_settings_t *settings;
    dc_share_t *share;
    dc_endpoint_t *endpoints; // owned; their names are looked up: one at least was found
    uint32_t connect_count;   // of these, those that were tried, or left out
    bool must_look_up;        // it cannot go on, since another name may be found by now
    dc_ms_t heard_ms;         // the last message, or when it was started
    dc_net_t *net;
    dc_socket_t *socket; // NULL while there is no connection
    dc_message_t message;
    dc_mailer_t mailer;
    dc_link_t *link;
    dc_link_actions_t actions;
    dc_runner_t *runner;
    dc_quick_t *quick;
    dc_pieces_t pieces;
    int signal_fd;
    bool is_draining; // the supervisor wants it to end
    bool is_over;
    bool has_failed; // it cannot go on
    int status;      // and then ends with this

    dc_ms_t now;                     // of this turn
    dc_us_t now_us;                  // likewise, moved on by tiny leases
    dc_us_t quick_end_us;            // no tiny lease is begun behind it in this turn
    dc_us_t quick_us;                // what tiny leases took while the runner was at one job
    dc_ms_t tick_ms;                 // when the next tick is due
    dc_ms_t take_ms;                 // when to look for finished results
    uint64_t seen_lease, seen_first; // where the slot was at the last tick
    dc_ms_t seen_ms;                 // ... and since when, at least
    double speed_steps, speed_us;    // what it did lately, and the time that this took
    int memory_fd;
    unsigned core_count;
} dc_slot_loop_t;

// Begin to connect, which starts libzmq's threads. False if that cannot be done: `status` says what
// becomes of the slot.
DC_MUST_USE bool dc_slot_loop_start(dc_slot_loop_t *self);

// Go on until the slot has taken its leave, or cannot go on (`has_failed`).
void dc_slot_loop_run(dc_slot_loop_t *self);

#endif
