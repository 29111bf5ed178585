// endpoint — the address of a broker, with its name looked up.
//
// A slot that is locked down cannot look names up, so that is done before, and reconnecting uses
// the address that was found. A slot that is started again looks again; so does one that finds no
// broker and has a name that was not found (worker/slot_loop.h).
#ifndef DC_WORKER_ENDPOINT_H
#define DC_WORKER_ENDPOINT_H

#include "common/err.h"

#define DC_ENDPOINT_TEXT_MAX 256

typedef struct dc_endpoint {
    char url[DC_ENDPOINT_TEXT_MAX]; // ends in NUL; empty: its name is not known
} dc_endpoint_t;

// `url` with the name of a host, if it has one, replaced by its address. Other transports than tcp,
// and addresses, stay as they are. DC_ERR_INVALID (it is too long), DC_ERR_IO (the name is not
// found), with a sentence in `diag`.
DC_MUST_USE dc_err_t dc_endpoint_resolve(const char *url, dc_endpoint_t *self, dc_diag_t *diag);

#endif
