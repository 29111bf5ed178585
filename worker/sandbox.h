// sandbox — a slot gives up what it does not need, before it evaluates anything.
//
// Expressions come from anybody. The engine has no door to the system, but it is a program, and may
// have a bug: whoever finds it should find himself in a process that can compute, talk to its
// broker over a new socket or the one that it has, and nothing else. It can open no file, start no
// program and no thread, trace nobody, and its end is reported and answered by a new one.
//
// Calls outside the list end the process by SIGSYS; where libraries try what they do not need they
// get an error. Limits: address space (memory that is short is an error of the job), no core file,
// no growing files, few descriptors; processor time is moved ahead while jobs come and go, so what
// escapes the engine's own limits is ended by SIGXCPU.
//
// Under AddressSanitizer and ThreadSanitizer the calls and the address space are not limited: they
// map terabytes, and read files when they report.
#ifndef DC_WORKER_SANDBOX_H
#define DC_WORKER_SANDBOX_H

#include "common/err.h"

// End with the supervisor: the kernel kills us when `parent` dies. False if it is dead already.
bool dc_sandbox_bind_to_parent(int parent);

// Close all descriptors from `first` on.
void dc_sandbox_close_from(int first);

// How many bytes more than now the process may map, and all that can be set before there are
// threads. DC_ERR_IO with a sentence in `diag`.
DC_MUST_USE dc_err_t dc_sandbox_limit(uint64_t memory_bytes_max, dc_diag_t *diag);

// From now on, for all threads, only what a slot needs. DC_ERR_IO likewise.
DC_MUST_USE dc_err_t dc_sandbox_lock(dc_diag_t *diag);

// Let the process use `seconds` of processor time more, from now on.
void dc_sandbox_allow_cpu(uint64_t seconds);

// ... `seconds` more than it was allowed.
void dc_sandbox_add_cpu(uint64_t seconds);

#endif
