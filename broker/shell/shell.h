// shell — the broker at work: two doors, a clock and the core in one loop that never blocks.
//
// A turn reads what is there (a bounded number of messages), makes events of it, lets the core give
// out work, and sends what follows, packed for each peer. Only when nothing was read it waits. A
// service manager that started it is told when it is ready, what it does, and that it turns.
#ifndef DC_BROKER_SHELL_SHELL_H
#define DC_BROKER_SHELL_SHELL_H

#include "broker/core/settings.h"
#include "broker/reload.h"

typedef struct dc_shell_options {
    const char *frontend_url, *backend_url;
    const char *data;          // the folder of the store; NULL: detached batches are refused
    uint64_t store_bytes_max;  // what that may take of the disk; 0: what there is
    int store_cpu;             // the processor of its threads, or DC_STORE_ANY_CPU
    dc_settings_t settings;    // without what the store and the clock say
    const dc_reload_t *reload; // for SIGHUP; borrowed
    dc_ms_t drain_ms;          // for how long it waits for workers when it is to stop
    int lifeline_fd;           // -1, or a pipe: the broker ends when its other end is closed
} dc_shell_options_t;

// Run until SIGTERM, SIGINT or the end of the lifeline; SIGHUP has the settings read again, SIGUSR1
// logs a summary of its state. Returns an exit status (sysexits.h): 0, or EX_UNAVAILABLE if an
// address cannot be had, EX_USAGE if it is none, EX_OSERR if the system gives no memory or sockets,
// EX_CANTCREAT if the store cannot be opened, EX_IOERR if it failed. What is wrong is logged.
int dc_shell_run(const dc_shell_options_t *options);

#endif
