// store_model_part — what the files of dc_store_model_t share: store_model.c (what a store does),
// store_model_look.c.
#ifndef DC_TESTS_LIB_STORE_MODEL_PART_H
#define DC_TESTS_LIB_STORE_MODEL_PART_H

#include "tests/lib/store_model.h"

// A chunk by its number, and its results.
typedef struct model_row {
    dc_store_op_t *chunk, *result; // owned; the latter NULL: none yet
    bool is_blank, is_spoiled;     // their data are damaged
    bool was_damaged;              // ... now, or were before
} model_row_t;

typedef struct model_batch {
    uint64_t number;
    dc_store_op_t *opened, *close, *terms, *end; // owned; all but the first may be NULL
    dc_store_op_t *mets;                         // owned: a list
    bool is_end_spoiled, are_terms_spoiled, are_mets_spoiled;
    bool was_over;     // it was whole before its disk spoiled something
    model_row_t *rows; // owned, by number
    size_t row_count, row_capacity;
    struct model_batch *next; // by number
} model_batch_t;

struct dc_store_model {
    dc_store_queue_t queue;
    size_t waiting;
    model_batch_t *batches;
    size_t batch_count;
    uint64_t highest;
};

// The batch with this number; NULL if there is none.
model_batch_t *dc_store_model_find(const dc_store_model_t *self, uint64_t number);

// Whether all of its jobs have results.
bool dc_store_model_is_answered(const model_batch_t *batch);

#endif
