#include "client/cli/run/order.h"

#include <stdlib.h>

void dc_order_init(dc_order_t *self)
{
    *self = (dc_order_t){ 0 };
}

static void free_entries(dc_order_entry_t *entry)
{
    while (entry) {
        dc_order_entry_t *next = entry->next;
        free(entry);
        entry = next;
    }
}

void dc_order_fini(dc_order_t *self)
{
    free_entries(self->front);
    free_entries(self->unused);
    *self = (dc_order_t){ 0 };
}

static dc_order_entry_t *new_entry(dc_order_t *self)
{
    dc_order_entry_t *entry = self->unused;
    if (!entry) return malloc(sizeof *entry);
    self->unused = entry->next;
    return entry;
}

bool dc_order_put(dc_order_t *self, uint64_t first, uint64_t end, void *item)
{
    dc_order_entry_t *entry = new_entry(self);
    if (!entry) return false;
    dc_order_entry_t *before = self->back;
    while (before && before->first > first) {
        before = before->previous;
    }
    dc_order_entry_t *behind = before ? before->next : self->front;
    *entry = (dc_order_entry_t){ first, end, item, behind, before };
    *(before ? &before->next : &self->front) = entry;
    *(behind ? &behind->previous : &self->back) = entry;
    return true;
}

static void *take_front(dc_order_t *self)
{
    dc_order_entry_t *entry = self->front;
    self->front = entry->next;
    *(self->front ? &self->front->previous : &self->back) = NULL;
    entry->next = self->unused;
    self->unused = entry;
    return entry->item;
}

bool dc_order_take(dc_order_t *self, uint64_t *first, uint64_t *end, void **item)
{
    if (!self->front || self->front->first != self->next) return false;
    *first = self->front->first;
    *end = self->front->end;
    *item = take_front(self);
    self->next = *end;
    return true;
}

void *dc_order_take_any(dc_order_t *self)
{
    return self->front ? take_front(self) : NULL;
}
