// agenda — what happens next: entries ordered by time, and those of one time by when they were
// made.
#ifndef DC_TESTS_SIM_AGENDA_H
#define DC_TESTS_SIM_AGENDA_H

#include "common/base.h"

struct sim;

// What an entry does, with the object and the number that it was made with. An entry cannot be
// taken back: whoever might not want it any more passes a number that says whether it is current.
typedef void agenda_run_t(struct sim *sim, void *object, uint64_t number);

typedef struct agenda_entry {
    uint64_t at_us;
    uint64_t order;
    agenda_run_t *run;
    void *object;
    uint64_t number;
} agenda_entry_t;

typedef struct agenda {
    agenda_entry_t *heap; // owned; a binary heap
    size_t len, capacity;
    uint64_t order;
} agenda_t;

void agenda_add(agenda_t *self, uint64_t at_us, agenda_run_t *run, void *object, uint64_t number);

// The next entry, taken out; false if there is none.
bool agenda_take(agenda_t *self, agenda_entry_t *entry);

void agenda_fini(agenda_t *self);

#endif
