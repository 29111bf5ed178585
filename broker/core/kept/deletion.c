#include "broker/core/kept/deletion.h"

#include <stdlib.h>

struct dc_deletion {
    uint64_t number; // of the batch
    UT_hash_handle hh;
};

static dc_deletion_t *find(const dc_core_t *self, uint64_t number)
{
    dc_deletion_t *deletion;
    HASH_FIND(hh, self->deletions, &number, sizeof number, deletion);
    return deletion;
}

void dc_deletion_begin(dc_core_t *self, uint64_t number)
{
    dc_deletion_t *deletion = find(self, number) ? NULL : calloc(1, sizeof *deletion);
    if (!deletion) return;
    deletion->number = number;
    HASH_ADD(hh, self->deletions, number, sizeof deletion->number, deletion);
    if (!DC_MAP_ADDED(deletion)) free(deletion);
}

bool dc_deletion_is_under_way(const dc_core_t *self, uint64_t number)
{
    return find(self, number) != NULL;
}

void dc_deletion_end(dc_core_t *self, uint64_t number)
{
    dc_deletion_t *deletion = find(self, number);
    if (!deletion) return;
    HASH_DEL(self->deletions, deletion);
    free(deletion);
}

void dc_deletion_clear(dc_core_t *self)
{
    while (self->deletions) {
        dc_deletion_end(self, self->deletions->number);
    }
}
