// machine — what this machine, or the container around us, lets us use.
#ifndef DC_WORKER_MACHINE_H
#define DC_WORKER_MACHINE_H

#include "common/base.h"

// Cores: those of our affinity mask, or what the cgroup's quota allows if that is less. At least 1.
unsigned dc_machine_cores(void);

// Bytes of memory: the cgroup's limit, or the physical memory if that is less.
uint64_t dc_machine_memory(void);

// How busy the machine is: the mean number of processes that ran or wanted to, over the last
// minute.
double dc_machine_load(void);

// Bytes of memory that nobody uses. Reads no file, as dc_machine_load does not.
uint64_t dc_machine_memory_free(void);

#endif
