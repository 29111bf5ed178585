// entropy — bytes that nobody can guess, from the system.
#ifndef DC_COMMON_ENTROPY_H
#define DC_COMMON_ENTROPY_H

#include "common/base.h"

// Fill `bytes` with `count` random bytes. False if the system has none to give (`*bytes` is then
// undefined): nothing that relies on them may go on.
DC_MUST_USE bool dc_entropy_fill(void *bytes, size_t count);

#endif
