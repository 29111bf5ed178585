// store_fixture — the fixture of tests of the store: one in a folder of its own, on a disk that can
// fail (tests/lib/disk.h), operations to put into it, and what was found in it.
#ifndef DC_TESTS_LIB_STORE_FIXTURE_H
#define DC_TESTS_LIB_STORE_FIXTURE_H

#include <sqlite3.h>

#include "broker/store/store.h"
#include "common/buf.h"

extern char folder[];
extern dc_store_t *store;
extern dc_buf_t found; // by the last opening, a word each

// A fixture's: an empty store.
void store_set_up(void);
void store_tear_down(void);

// Open it, with at most `bytes_max` bytes; 0: any number.
dc_err_t open_store(uint64_t bytes_max);
void reopen(void);

// `found` as a string.
const char *found_text(void);

// Change the database of a store that is closed.
void with_database(void (*change)(sqlite3 *database));
void run_text(sqlite3 *database, const char *text);

// --- operations --------------------------------------------------------------------------------

dc_slice_t keep(dc_str_t bytes);
dc_store_op_t *make(dc_store_what_t what, uint64_t batch);
dc_store_op_t *batch_op(uint64_t number);

// Two jobs a chunk.
dc_store_op_t *chunk_op(uint64_t batch, uint32_t number, dc_str_t data);
dc_store_op_t *result_op(uint64_t batch, uint32_t chunk, dc_str_t data);

// A chunk of which others need results.
dc_store_op_t *needed_op(uint64_t batch, uint32_t number, dc_str_t awaited);
dc_store_op_t *met_op(uint64_t batch, uint32_t index);

// Some 8 KiB that belong to nothing else.
dc_str_t large_data(void);

// --- having them done --------------------------------------------------------------------------

// Takes `op`.
void put(dc_store_op_t *op);

// The next group that is done, and what became of it.
dc_store_op_t *wait_for_one(void);
dc_err_t wait_for_error(void);

// Both.
dc_err_t do_now(dc_store_op_t *op);
dc_store_op_t *read_now(uint64_t batch, uint32_t chunk, bool is_of_result, uint64_t offset,
                        uint64_t bytes_max);

#endif
