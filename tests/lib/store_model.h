// store_model — a store without a disk: what is put waits, is done when the test says so, and is
// lost when the test says so.
//
// It does what broker/store/store.h promises: in order, a row once, nothing of a batch without its
// BATCH.
#ifndef DC_TESTS_LIB_STORE_MODEL_H
#define DC_TESTS_LIB_STORE_MODEL_H

#include "broker/core/settings.h"
#include "broker/store/store.h"

typedef struct dc_store_model dc_store_model_t;

dc_store_model_t *dc_store_model_new(void);
void dc_store_model_destroy(dc_store_model_t **self_p);

// Takes the group.
void dc_store_model_put(dc_store_model_t *self, dc_store_op_t **op_p);

// How many groups wait, and what they were counted for.
size_t dc_store_model_waiting(const dc_store_model_t *self);
size_t dc_store_model_waiting_bytes(const dc_store_model_t *self);

// What client `peer` pays for its chunks that wait.
uint64_t dc_store_model_waiting_inputs(const dc_store_model_t *self, dc_peer_t peer);

// What is to be read of what waits, and the largest of these reads.
uint64_t dc_store_model_waiting_reads(const dc_store_model_t *self, uint64_t *largest);

// The next group that waits, which stays there; NULL if none does.
const dc_store_op_t *dc_store_model_next(const dc_store_model_t *self);

// Do the next group, which is the caller's then; NULL if none waits. Or say that it was not done.
dc_store_op_t *dc_store_model_commit(dc_store_model_t *self);
dc_store_op_t *dc_store_model_refuse(dc_store_model_t *self, dc_err_t error);

// What waits is lost, as in a crash.
void dc_store_model_crash(dc_store_model_t *self);

// Tell what there is, as dc_store_start does.
void dc_store_model_recover(dc_store_model_t *self, dc_store_found_fn *found, void *context);

// The highest number that a batch ever had.
uint64_t dc_store_model_highest(const dc_store_model_t *self);

// Open it: reserve the first numbers for the broker that has these settings.
void dc_store_model_reserve(dc_store_model_t *self, dc_settings_t *settings);

// The disk spoils a row, any of them, by the number `pick`: results of a chunk if there are any, or
// the inputs. Whoever reads these is told.
void dc_store_model_damage(dc_store_model_t *self, uint64_t pick, bool is_of_result);

// ... or of a batch, any of them, its END, its last TERMS or all its MET, if there are any: who
// reads the store at the start is told.
void dc_store_model_damage_small(dc_store_model_t *self, uint64_t pick, dc_store_what_t what);

// Whether the disk has ever spoiled the chunk with job `index` of the batch whose key begins with
// the number `key`.
bool dc_store_model_was_damaged(const dc_store_model_t *self, uint64_t key, uint64_t index);

// Whether the batch whose key begins with the number `key` has jobs [first, end), and is closed if
// that is asked.
bool dc_store_model_has(const dc_store_model_t *self, uint64_t key, uint64_t first, uint64_t end,
                        bool is_closed);

// Whether there is a batch with this number.
bool dc_store_model_has_number(const dc_store_model_t *self, uint64_t number);

// The terms that batch `number` was given last. Nothing is written if there is none.
void dc_store_model_terms(const dc_store_model_t *self, uint64_t number, uint8_t *level,
                          bool *is_held);

// Whether the batch whose key begins with the number `key` is there, and has lacked results ever
// since.
bool dc_store_model_is_open(const dc_store_model_t *self, uint64_t key);

// How many batches there are.
size_t dc_store_model_batches(const dc_store_model_t *self);

#endif
