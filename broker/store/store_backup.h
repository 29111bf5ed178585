// store_backup — copies a store, whether a broker is at work with it or not.
#ifndef DC_BROKER_STORE_STORE_BACKUP_H
#define DC_BROKER_STORE_STORE_BACKUP_H

#include "common/err.h"

// Copy the store in folder `dir`, as it is at one moment, to `file`, which is new, or a store that
// is replaced as a whole; it is on disk then. To start from it, put it into a folder of its own as
// `store.db`.
// DC_ERR_INVALID (there is no store), DC_ERR_STORE_FULL, DC_ERR_IO (also of a `file` that is there
// and no store), DC_ERR_NOMEM: `diag` says what is wrong, and `file` is as it was.
DC_MUST_USE dc_err_t dc_store_backup(const char *dir, const char *file, dc_diag_t *diag);

#endif
