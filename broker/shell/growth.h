// growth — whether this process has come to use more memory than it did.
//
// What peers make the broker hold, libzmq's part of it too, is memory that the kernel counts. To
// ask for the count is one system call, whoever the peers are; so what is to be found by looking at
// each of them need not be looked for as long as nothing grows.
#ifndef DC_BROKER_SHELL_GROWTH_H
#define DC_BROKER_SHELL_GROWTH_H

#include "common/base.h"

typedef struct dc_growth {
    int fd;         // the kernel's count; -1 if it cannot be had
    uint64_t least; // pages in memory, the fewest since the last mark
} dc_growth_t;

// Begin to watch the growth of this process.
void dc_growth_init(dc_growth_t *self);
void dc_growth_fini(dc_growth_t *self);

// Is it more than `bytes` above the least that there was since the last mark? True as well if
// nobody knows. To be asked often: it is what notes the least.
bool dc_growth_is_above(dc_growth_t *self, uint64_t bytes);

// How much memory this process uses, in bytes; 0 if nobody knows.
uint64_t dc_growth_now(const dc_growth_t *self);

// From now on growth counts from what there is.
void dc_growth_mark(dc_growth_t *self);

#endif
