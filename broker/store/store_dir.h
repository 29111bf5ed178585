// store_dir — the folder that a store is in: who has it, and how much room it has.
#ifndef DC_BROKER_STORE_STORE_DIR_H
#define DC_BROKER_STORE_STORE_DIR_H

#include "common/buf.h"
#include "common/err.h"

// The database's file in a store's folder.
#define DC_STORE_FILE "store.db"

// What that file says of itself, as SQLite's application_id: that it is dcalc's ("dclc").
#define DC_STORE_APPLICATION 0x64636c63

typedef struct dc_store_dir dc_store_dir_t;

// Make folder `path` if need be (its parents too, readable by this user alone) and lock it. NULL,
// and `diag` says what to do about it: DC_ERR_BUSY (another broker has it), DC_ERR_IO,
// DC_ERR_STORE_FULL, DC_ERR_NOMEM.
dc_store_dir_t *dc_store_dir_open(const char *path, dc_diag_t *diag);

// The files of the store are there now, and open: from now on they are looked at.
void dc_store_dir_note_files(dc_store_dir_t *self);

// Whether they are still where they were. To who has a file open all goes on as before when it is
// removed or moved, or another one is in its place: what is written to it nobody finds again. Some
// microseconds.
bool dc_store_dir_is_intact(const dc_store_dir_t *self);

// Give it to whoever is next.
void dc_store_dir_close(dc_store_dir_t **self_p);

// The path of a store's database; the caller frees it. NULL if memory is short.
char *dc_store_dir_file(const char *path);

// How large the database may become on this volume, so that the reserve stays free. What is in its
// log only has no room in its file yet, and counts for nothing.
uint64_t dc_store_dir_bytes_max(const dc_store_dir_t *self);

// How long the log may get before it is written back: on a small volume half of the reserve, the
// rest of which is for what is committed meanwhile and for the zeros behind it (store_log.h).
uint64_t dc_store_dir_log_bytes_max(const dc_store_dir_t *self);

// Give up the file that is kept for when the volume is full. False if it was not there.
bool dc_store_dir_drop_ballast(dc_store_dir_t *self);

bool dc_store_dir_has_ballast(const dc_store_dir_t *self);

// Have it again, if there is room.
void dc_store_dir_take_ballast(dc_store_dir_t *self);

#endif
