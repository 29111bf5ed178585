// shell_part — what the files of shell have in common. Nobody else includes it.
#ifndef DC_BROKER_SHELL_SHELL_PART_H
#define DC_BROKER_SHELL_SHELL_PART_H

#include "broker/core/core.h"
#include "broker/core/peers/quota.h"
#include "broker/shell/guard.h"
#include "broker/shell/shell.h"
#include "broker/store/store.h"
#include "common/notify.h"

typedef struct dc_shell {
    dc_net_t *net;
    dc_door_t *doors[2]; // by side
    dc_guard_t guard;    // of both
    dc_core_t *core;
    dc_actions_t actions;
    dc_store_t *store;      // NULL: there is none
    uint64_t puts;          // what was put and has not come back
    bool has_store_failed;  // nothing more is said to be stored
    bool is_store_stalled;  // its log cannot be written back, as somebody reads it
    dc_quota_t store_lines; // of its troubles
    dc_quota_t lines;       // of the core's
    dc_ms_t now;            // of this turn
    dc_ms_t tick_ms;        // when the next tick is due
    dc_ms_t trim_ms;        // when memory may be given back to the system
    bool has_gone[2];       // by side: there may be news of connections
    bool is_all_out;        // nothing waits to be sent
    bool was_quiet;         // ... and nothing was sent in this turn
    dc_ms_t drain_ms;       // for how long what workers are at is awaited
    dc_ms_t leaving_ms;     // since when the broker is to stop; 0: it is not
    bool is_ending;
    dc_notify_t notify; // whoever started it
    const dc_reload_t *reload;
    int signal_fd;
    int lifeline_fd;
} dc_shell_t;

// Let the core take `event`. What follows from it is in `actions`.
void dc_shell_take(dc_shell_t *self, const dc_event_t *event);

// Do what is in `actions`.
void dc_shell_carry_out(dc_shell_t *self);

// --- opening and closing (shell_open.c) --------------------------------------------------------

// Open everything: first the addresses, so that a broker which cannot have them touches nothing.
// Returns an exit status; what is wrong is logged. dc_shell_close is due in any case.
int dc_shell_open(dc_shell_t *self, const dc_shell_options_t *options);
void dc_shell_close(dc_shell_t *self);

// --- the store (shell_store.c) -----------------------------------------------------------------

// Open the store in `options->data`, if that is not NULL, and say in `settings` what it has.
// Returns an exit status; what is wrong is logged.
int dc_shell_open_store(dc_shell_t *self, const dc_shell_options_t *options,
                        dc_settings_t *settings);

// Have the core know what a former broker promised. Returns an exit status likewise.
int dc_shell_recover(dc_shell_t *self);

// Tell the core what has been stored. Returns how much that was.
size_t dc_shell_read_store(dc_shell_t *self);

// Wait for what is on its way to the disk, so that clients have their receipts; for a while.
void dc_shell_finish_store(dc_shell_t *self);

#endif
