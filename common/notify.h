// notify — tells the service manager that started the program how it is: sd_notify(3), without
// libsystemd.
//
// A datagram with lines such as READY=1 goes to the socket that $NOTIFY_SOCKET names. Where there
// is none nobody wants to know, and all calls do nothing. No call blocks or fails: what the manager
// has no room for is dropped. The times are of dc_clock_ms(), and come from the caller.
#ifndef DC_COMMON_NOTIFY_H
#define DC_COMMON_NOTIFY_H

#include "common/str.h"

typedef struct dc_notify {
    int fd;                 // -1: nobody wants to know
    char path[108];         // of the manager's socket, as sockaddr_un has it
    size_t path_bytes;      //
    dc_ms_t alive_every_ms; // 0: it does not watch
    dc_ms_t alive_ms;       // when it is to be told next that the program lives
    dc_ms_t status_ms;      // when the next status is due
} dc_notify_t;

// Begin, with $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID, which are taken out of the
// environment: they are not for the processes that the program starts. Before any thread.
void dc_notify_init(dc_notify_t *self);
void dc_notify_fini(dc_notify_t *self);

// The program is ready to serve.
void dc_notify_ready(dc_notify_t *self);

// It is about to end.
void dc_notify_stopping(dc_notify_t *self);

// The loop of the program turns. To be called by that loop at least once a second; where the
// manager watches it is told in time, if its time is 4 s or more.
void dc_notify_turn(dc_notify_t *self, dc_ms_t now);

// Whether it is time for a status: each DC_NOTIFY_STATUS_MS, and never if nobody wants to know.
bool dc_notify_wants_status(const dc_notify_t *self, dc_ms_t now);

// What it does at present, in a line for a person: "4 workers, 120k jobs waiting". What does not
// fit 200 bytes is cut off.
void dc_notify_status(dc_notify_t *self, dc_ms_t now, dc_str_t text);

#endif
