// hello — what a slot says of itself: the JSON of READY and of heartbeats.
//
// READY:     {"v":3, "session":"32 hex digits", "name":"...", "host":"...", "tags":["..."],
//             "engine":"1", "version":"1.0", "pid":4711, "slot":0, "limits":{"memory":N}}
// heartbeat: {"load":0.52, "memory_free":N, "speed":X, "runs":{"lease":"hex", "first":N, "count":N,
//             "ms":N}}
//            load is the machine's, a core that we may use; free memory is what a new program could
//            have; speed is in steps a second, the mean of some seconds of work; "runs" is there
//            while a job runs: which of which lease, and since when.
//
// The broker passes over what it does not know, and takes for unknown what is not there.
#ifndef DC_WORKER_HELLO_H
#define DC_WORKER_HELLO_H

#include "common/buf.h"
#include "common/wire.h"

typedef struct dc_hello {
    dc_key_t session;
    dc_str_t name, host;
    const char *const *tags; // borrowed
    size_t tag_count;
    uint64_t pid;
    uint32_t slot_index;       // within its worker
    uint64_t memory_bytes_max; // what a job may use
} dc_hello_t;

typedef struct dc_load {
    double load;
    uint64_t memory_free_bytes;
    double speed;       // 0: not known
    uint64_t run_lease; // 0: no job runs
    uint64_t run_first, run_count, run_ms;
} dc_load_t;

// Append the JSON.
void dc_hello_put(const dc_hello_t *self, dc_buf_t *out);
void dc_load_put(const dc_load_t *self, dc_buf_t *out);

#endif
