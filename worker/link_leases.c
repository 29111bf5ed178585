#include "worker/link_leases.h"

#include <stdlib.h>

void dc_link_leases_clear(dc_link_leases_t *self)
{
    dc_link_lease_t *lease = self->list;
    // The analyzer does not see that uthash takes items out of their neighbours' links.
    HASH_CLEAR(hh, self->list); // NOLINT(clang-analyzer-unix.Malloc): see above
    while (lease) {
        dc_link_lease_t *next = lease->hh.next;
        free(lease);
        lease = next;
    }
    memset(self->ended_ids, 0, sizeof self->ended_ids);
}

dc_link_lease_t *dc_link_leases_find(const dc_link_leases_t *self, uint64_t id)
{
    dc_link_lease_t *lease;
    HASH_FIND(hh, self->list, &id, sizeof id, lease);
    return lease;
}

static size_t ended_index(uint64_t id)
{
    return dc_map_hash(&id, sizeof id) % DC_LINK_ENDED_COUNT;
}

bool dc_link_leases_knows(const dc_link_leases_t *self, uint64_t id)
{
    return self->ended_ids[ended_index(id)] == id || dc_link_leases_find(self, id);
}

bool dc_link_leases_add(dc_link_leases_t *self, uint64_t id, uint64_t first, uint64_t end)
{
    dc_link_lease_t *lease = malloc(sizeof *lease);
    if (!lease) return false;
    *lease = (dc_link_lease_t){ .id = id, .next = first, .end = end };
    HASH_ADD(hh, self->list, id, sizeof lease->id, lease);
    if (DC_MAP_ADDED(lease)) return true;
    free(lease);
    return false;
}

void dc_link_leases_end(dc_link_leases_t *self, dc_link_lease_t *lease)
{
    self->ended_ids[ended_index(lease->id)] = lease->id;
    HASH_DEL(self->list, lease); // NOLINT(clang-analyzer-unix.Malloc): as above
    free(lease);
}

size_t dc_link_leases_count(const dc_link_leases_t *self)
{
    return HASH_COUNT(self->list);
}

const char *dc_link_leases_audit(const dc_link_leases_t *self)
{
    for (const dc_link_lease_t *lease = self->list; lease; lease = lease->hh.next) {
        if (lease->id == 0) return "a lease without an id";
        if (self->ended_ids[ended_index(lease->id)] == lease->id) return "a lease that is over";
    }
    return NULL;
}
