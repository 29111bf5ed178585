// reload — the broker's settings, read again while it runs (SIGHUP).
//
// Configuration file, environment and arguments are read as they were at the start. What can change
// is taken over from then on: --log-level, --memory-max, --orphan, --keep, --max-expr, --max-batch,
// --max-batches, --rate, --burst, --rate-bytes, --burst-bytes and --outstanding-max. Of what else
// has changed the log says that it needs a restart. Where anything is wrong nothing changes, and
// the log says what it is.
#ifndef DC_BROKER_RELOAD_H
#define DC_BROKER_RELOAD_H

#include "broker/core/settings.h"
#include "broker/options.h"

typedef struct dc_reload {
    int argc;
    char **argv;                        // borrowed: those of the program
    const dc_broker_options_t *started; // borrowed: what it was started with
} dc_reload_t;

// What `options` say to the core.
dc_settings_t dc_reload_settings(const dc_broker_options_t *options);

// Read everything again: sets the level of the log, and `*settings`. False: they are wrong, and
// nothing has changed. It reads a file, which an operator asked for and takes microseconds, so the
// broker's loop may call it.
DC_MUST_USE bool dc_reload_read(const dc_reload_t *self, dc_settings_t *settings);

#endif
