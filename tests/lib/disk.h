// disk — a disk for SQLite that fails as real ones do: it is full, a sync fails, the power goes.
//
// It passes everything on to real files, and keeps of each what its unsynced writes replaced, so
// that they can be lost. Installed once per process; SQLite's files are then its.
#ifndef DC_TESTS_LIB_DISK_H
#define DC_TESTS_LIB_DISK_H

#include <stdbool.h>
#include <stdint.h>

// Be SQLite's disk from now on, without faults; again: as new.
void dc_disk_install(void);

// So many bytes more can be written to the log, whose place is not used again; -1: any number.
void dc_disk_set_room(int64_t bytes);

// The `nth` sync from now on fails (1: the next), and loses what it should have synced, as Linux
// does; 0: none.
void dc_disk_fail_sync(unsigned nth);

// Syncs wait from here on, until they are let go.
void dc_disk_hold_syncs(void);
void dc_disk_release_syncs(void);

// What was not synced is lost, and nothing is written any more.
void dc_disk_cut_power(void);

// How many syncs there were, failed ones too, and how nice the thread was that made the last one.
unsigned dc_disk_syncs(void);
int dc_disk_sync_nice(void);

// How many writes there were, likewise.
unsigned dc_disk_writes(void);

#endif
