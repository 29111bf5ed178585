// cluster — a broker and a worker as real processes, for one test: in a directory of their own, and
// ended with the test, however that ends. DCALC_BIN names the folder of the programs.
#ifndef DC_TESTS_LIB_CLUSTER_H
#define DC_TESTS_LIB_CLUSTER_H

#include <sys/types.h>

#include "common/base.h"

typedef struct dc_cluster {
    char folder[64];
    char front[96], back[96]; // URLs
    const char *data;         // where the broker keeps batches: "none", unless a test says "store"
    pid_t broker, worker;     // 0: not running
} dc_cluster_t;

// Make the directory; nothing runs yet.
void dc_cluster_init(dc_cluster_t *self);

// Kill what runs and remove the directory.
void dc_cluster_fini(dc_cluster_t *self);

void dc_cluster_start_broker(dc_cluster_t *self);
void dc_cluster_start_worker(dc_cluster_t *self, const char *slot_count);

// Kill -9 the process `*pid_p` and what it started, and set that to 0.
void dc_cluster_kill(pid_t *pid_p);

// The ids of `pid`'s children; returns how many there are, at most `max`.
size_t dc_cluster_children(pid_t pid, pid_t *children, size_t max);

#endif
