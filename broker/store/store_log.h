// store_log — how a commit gets into the log of a database: in one write, to blocks that are there.
//
// SQLite appends each page to its log in two writes, and syncs the log when all are written. Here
// they are gathered, and leave the process when SQLite syncs or reads them: one write for a commit
// of up to DC_STORE_LOG_WRITE_BYTES. Behind the end of the log there are zeros, so that it seldom
// grows: a sync of blocks that the file has is a write and a flush; one of new blocks has the
// journal of the file system written as well. Zeros that don't fit on the disk are done without.
//
// All of this is below SQLite, in a VFS that is its own but for logs ("The SQLite OS Interface or
// VFS"). What is on the disk when a commit has returned is the same, and so is what other processes
// find: they read a log up to the first frame whose checksum does not fit ("WAL-mode File Format",
// 2). What is not synced may be nowhere else, so each commit has to be: PRAGMA synchronous = FULL.
#ifndef DC_BROKER_STORE_STORE_LOG_H
#define DC_BROKER_STORE_STORE_LOG_H

#include <sqlite3.h>

// Open the database in `file` as sqlite3_open_v2 does, with its `flags` and what it returns. The
// rollback hook of `*handle` is taken.
int dc_store_log_open(const char *file, sqlite3 **handle, int flags);

// VACUUM, which takes back what it has done without telling the hook. Returns what that does.
int dc_store_log_vacuum(sqlite3 *handle);

#endif
