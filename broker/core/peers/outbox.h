// outbox — what is to be sent to one peer, and the messages that it becomes.
//
// Commands go in one by one and come out packed: as many as fit one message with a table; those
// with a form of their own (plain clients and workers, heartbeats of workers) are a message each. A
// message is taken in two steps, peek and pop, since there may be no room to send it: then it is
// peeked at again later, and nothing is lost or out of order.
#ifndef DC_BROKER_CORE_PEERS_OUTBOX_H
#define DC_BROKER_CORE_PEERS_OUTBOX_H

#include "broker/core/actions.h"

// Which door it is at: messages to clients and to workers have different forms.
typedef enum dc_side {
    DC_SIDE_FRONT,
    DC_SIDE_BACK,
} dc_side_t;

typedef struct dc_outbox {
    dc_cmd_t *list;      // owned; those from `first` to `end` wait
    uint32_t first, end; //
    uint32_t capacity;   // how many fit
    uint32_t peeked;     // how many the message that was peeked at last has
    size_t bytes;        // what waits takes in memory, near enough
    uint8_t token[8];    // of the message that was peeked at last: a plain worker's address
} dc_outbox_t;

// An outbox of zeros is empty. Drop what waits, and free the memory.
void dc_outbox_fini(dc_outbox_t *self);

static inline bool dc_outbox_is_empty(const dc_outbox_t *self)
{
    return self->first == self->end;
}

// Append `cmd` and take its slices, which are empty then. False, nothing changed, if memory is
// short.
DC_MUST_USE bool dc_outbox_push(dc_outbox_t *self, dc_cmd_t *cmd);

// Room for the frames of any message, without the routing id.
#define DC_OUTBOX_FRAMES_MAX (3 + DC_WIRE_PROGRAMS_MAX)

// The frames of the next message; they are the outbox's and the writer's, until either is used
// again. 0 if nothing waits, or if the next command cannot be written: memory is short, or it has
// more data than a message may have.
size_t dc_outbox_peek(dc_outbox_t *self, dc_side_t side, dc_wire_writer_t *writer,
                      dc_slice_t *frames);

// Drop the commands of the message that was peeked at; of none, drop the next command.
void dc_outbox_pop(dc_outbox_t *self);

#endif
