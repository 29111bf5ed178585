// random_cmd — valid commands with random contents, for tests and benchmarks of what carries them.
#ifndef DC_TESTS_LIB_RANDOM_CMD_H
#define DC_TESTS_LIB_RANDOM_CMD_H

#include "common/rng.h"
#include "common/wire.h"

// Who sends commands of this type, in messages with a table: one of the senders where there are
// several. False for those that have forms of their own.
bool dc_random_sender(dc_command_t type, dc_wire_from_t *from);

// A command of type `type` that the codec accepts. Its data are a new blob, its program one of
// `programs`, or none: drop both.
dc_cmd_t dc_random_cmd(dc_rng_t *rng, dc_command_t type, const dc_slice_t *programs, size_t count);

// All types, and how many there are.
extern const dc_command_t dc_random_types[];
extern const size_t dc_random_type_count;

#endif
