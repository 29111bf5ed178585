#include "tests/sim/agenda.h"

#include <stdlib.h>

static bool is_before(const agenda_entry_t *a, const agenda_entry_t *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

void agenda_add(agenda_t *self, uint64_t at_us, agenda_run_t *run, void *object, uint64_t number)
{
    if (self->len == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 256;
        self->heap = realloc(self->heap, self->capacity * sizeof *self->heap);
        if (!self->heap) abort();
    }
    agenda_entry_t entry = { at_us, self->order++, run, object, number };
    size_t at = self->len++;
    while (at > 0 && is_before(&entry, &self->heap[(at - 1) / 2])) {
        self->heap[at] = self->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    self->heap[at] = entry;
}

bool agenda_take(agenda_t *self, agenda_entry_t *entry)
{
    if (self->len == 0) return false;
    *entry = self->heap[0];
    agenda_entry_t last = self->heap[--self->len];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= self->len) break;
        if (child + 1 < self->len && is_before(&self->heap[child + 1], &self->heap[child])) child++;
        if (!is_before(&self->heap[child], &last)) break;
        self->heap[at] = self->heap[child];
        at = child;
    }
    self->heap[at] = last;
    return true;
}

void agenda_fini(agenda_t *self)
{
    free(self->heap);
    *self = (agenda_t){ 0 };
}
