// wire_part — what the files of wire have in common. Nobody else includes it.
#ifndef DC_COMMON_WIRE_PART_H
#define DC_COMMON_WIRE_PART_H

#include "common/wire.h"

// Command (1), program (1), version (2), size of the data (4).
#define DC_WIRE_HEAD_BYTES 8

#define DC_WIRE_FROM(sender) (1u << (sender))

// By number: how long a record is, with its head, and who may send it, as bits; 0 where nobody may.
typedef struct dc_wire_shape {
    uint8_t bytes;
    uint8_t senders;
} dc_wire_shape_t;
extern const dc_wire_shape_t dc_wire_shapes[256];

// Read or write the fields of `cmd->type`, behind the head, at `at`.
void dc_wire_get_fields(dc_cmd_t *cmd, const uint8_t *at);
void dc_wire_put_fields(const dc_cmd_t *cmd, uint8_t *at);

// What is wrong with a record that was read, as a sentence; NULL if nothing is.
const char *dc_wire_flaw(const dc_cmd_t *cmd);

#endif
