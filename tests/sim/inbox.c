#include "tests/sim/inbox.h"

void inbox_push(inbox_t *self, msg_t *msg)
{
    if (self->first) {
        self->last->next = msg;
    } else {
        self->first = msg;
    }
    self->last = msg;
}

msg_t *inbox_pop(inbox_t *self)
{
    msg_t *msg = self->first;
    if (!msg) return NULL;
    self->first = msg->next;
    msg->next = NULL;
    return msg;
}

void inbox_clear(sim_t *sim, inbox_t *self)
{
    msg_t *msg;
    while ((msg = inbox_pop(self))) {
        msg_free(sim, msg);
    }
}
