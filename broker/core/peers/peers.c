#include "broker/core/peers/peers.h"

#include <stdlib.h>

void dc_peers_init(dc_peers_t *self)
{
    *self = (dc_peers_t){ 0 };
}

void dc_peers_fini(dc_peers_t *self)
{
    while (self->by_id) {
        dc_peers_remove(self, self->by_id);
    }
}

// False if memory is short; it has no number then.
static bool give_number(dc_peers_t *self, dc_peer_entry_t *entry)
{
    entry->number = ++self->last;
    HASH_ADD(hh_number, self->by_number, number, sizeof entry->number, entry);
    if (entry->hh_number.tbl) return true;
    entry->number = 0;
    return false;
}

static dc_peer_entry_t *add_entry(dc_peers_t *self, dc_str_t id)
{
    dc_peer_entry_t *entry = calloc(1, sizeof *entry + id.len);
    if (!entry) return NULL;
    entry->id_len = id.len;
    if (id.len) memcpy(entry->id, id.data, id.len);
    HASH_ADD_KEYPTR(hh, self->by_id, entry->id, entry->id_len, entry);
    if (DC_MAP_ADDED(entry)) return entry;
    free(entry);
    return NULL;
}

dc_peer_entry_t *dc_peers_meet(dc_peers_t *self, dc_str_t id, bool *is_new)
{
    dc_peer_entry_t *entry;
    HASH_FIND(hh, self->by_id, id.data, id.len, entry);
    *is_new = !entry;
    if (!entry) entry = add_entry(self, id);
    if (!entry) return NULL;
    if (entry->number || give_number(self, entry)) return entry;
    if (*is_new) dc_peers_remove(self, entry);
    return NULL;
}

dc_peer_entry_t *dc_peers_find(dc_peers_t *self, dc_peer_t number)
{
    dc_peer_entry_t *entry;
    HASH_FIND(hh_number, self->by_number, &number, sizeof number, entry);
    return entry;
}

void dc_peers_forget(dc_peers_t *self, dc_peer_entry_t *entry)
{
    if (entry->number == 0) return;
    HASH_DELETE(hh_number, self->by_number, entry);
    entry->number = 0;
}

void dc_peers_remove(dc_peers_t *self, dc_peer_entry_t *entry)
{
    dc_peers_forget(self, entry);
    HASH_DEL(self->by_id, entry);
    dc_outbox_fini(&entry->outbox);
    free(entry);
}
