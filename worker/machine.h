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

// Where dc_machine_memory_free reads: opened by who may still open files, and kept. -1: it is not
// there.
int dc_machine_open_memory(void);

// Bytes of memory that a new program could have, as the kernel reckons it; without `memory_fd`
// those that nobody uses at all.
uint64_t dc_machine_memory_free(int memory_fd);

#endif
