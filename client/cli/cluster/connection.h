// connection — the way to a broker: the one that was named, or a private cluster.
#ifndef DC_CLIENT_CLI_CLUSTER_CONNECTION_H
#define DC_CLIENT_CLI_CLUSTER_CONNECTION_H

#include "client/cli/cli_settings.h"
#include "client/cli/cluster/local.h"
#include "client/cli/console.h"
#include "client/dcalc.h"

typedef struct dc_connection {
    dc_local_t *local;  // owned; NULL if there is none
    dcalc_t *dcalc;     // owned
    uint64_t wait_ms;   // how long to wait for it: as the settings say, and long enough to find it
    bool heeds_signals; // those of `signal_fd` (dc_interrupt_begin, borrowed) end its questions
    int signal_fd;      //
} dc_connection_t;

// Begin to connect. Returns 0, or an exit status after saying why.
DC_MUST_USE int dc_connection_open(dc_connection_t *self, const dc_cli_settings_t *settings,
                                   dc_console_t *console);
void dc_connection_close(dc_connection_t *self);

// Has a signal come that is heeded? Once for each.
bool dc_connection_is_interrupted(const dc_connection_t *self);

// Say that a part of the private cluster has failed, if so: returns the exit status then, else 0.
DC_MUST_USE int dc_connection_check(const dc_connection_t *self, dc_console_t *console);

// Open a batch (dcalc_open) with `options`, which ends at `deadline_ms` of the clock that says
// `now`; 0: it has no deadline.
dcalc_err_t dc_connection_open_batch(dc_connection_t *self, const dcalc_batch_options_t *options,
                                     dc_ms_t deadline_ms, dc_ms_t now, dcalc_id_t *batch);

// Wait (not for long) until the broker knows all that was sent: who closes a connection while
// something is on its way to it loses what it sent last.
void dc_connection_settle(dc_connection_t *self);

// Cancel `batch`, and wait likewise.
void dc_connection_cancel(dc_connection_t *self, dcalc_id_t batch);

// Ask a question (dcalc_query; of what is listed all pages, put together to one answer), or with
// `what` NULL cancel batch `number`; wait for the answer as long as the settings say. Returns 0 and
// the answer in `json`; else an exit status after saying why; DC_EXIT_INTERRUPTED where signals are
// heeded, and of these nothing is said.
DC_MUST_USE int dc_connection_ask(dc_connection_t *self, const dc_cli_settings_t *settings,
                                  dc_console_t *console, const char *what, uint64_t number,
                                  dc_buf_t *json);

// Delete batch `number` (dcalc_delete), likewise.
DC_MUST_USE int dc_connection_delete(dc_connection_t *self, const dc_cli_settings_t *settings,
                                     dc_console_t *console, uint64_t number, dc_buf_t *json);

// Change batch `number` (dcalc_set), likewise: the answer says what it is then.
DC_MUST_USE int dc_connection_set(dc_connection_t *self, const dc_cli_settings_t *settings,
                                  dc_console_t *console, uint64_t number, dcalc_set_t what,
                                  int64_t value, dc_buf_t *json);

// Let `worker` leave (dcalc_drain), likewise.
DC_MUST_USE int dc_connection_drain(dc_connection_t *self, const dc_cli_settings_t *settings,
                                    dc_console_t *console, const char *worker, dc_buf_t *json);

#endif
