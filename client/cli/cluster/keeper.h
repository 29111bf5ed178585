// keeper — the process that has a private cluster in its care: starts broker and worker, ends them
// with the program that they are for, and removes what they leave.
//
// It is a child of that program, without an exec, in a process group of its own with the cluster,
// so that Ctrl-C on a terminal reaches the program only. It lives as long as the *lifeline*, a pipe
// whose other end the program holds: that closes however the program ends, kill -9 included.
#ifndef DC_CLIENT_CLI_CLUSTER_KEEPER_H
#define DC_CLIENT_CLI_CLUSTER_KEEPER_H

#include <limits.h>

#include "common/base.h"

// What is said about a cluster that failed: a sentence, and the end of its log.
#define DC_KEEPER_REPORT_MAX 2000

typedef struct dc_keeper {
    char broker[PATH_MAX], worker[PATH_MAX]; // the programs
    char folder[64];                         // the private directory
    size_t slot_count;                       // 0: as many as there are cores
    int lifeline_fd;                         // readable (at its end) when the program is gone
    int report_fd;                           // a pipe for a report, in case that something fails
} dc_keeper_t;

// Names within the folder.
#define DC_KEEPER_FRONT "front"
#define DC_KEEPER_BACK  "back"
#define DC_KEEPER_LOG   "log"

// Be the keeper; in the child after a fork. Never returns.
_Noreturn void dc_keeper_run(const dc_keeper_t *self);

#endif
