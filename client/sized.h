// sized — reading a struct of options that a program made, which was compiled with this dcalc.h, an
// earlier or a later one. Such a struct begins with its size (size_t).
#ifndef DC_CLIENT_SIZED_H
#define DC_CLIENT_SIZED_H

#include "common/base.h"

// Copy the struct `from` over `to`, which has `size` bytes and the defaults of what `from` is too
// short for; size 0 in `from` means `first_size`, which the struct had at first. False, and `to` is
// unchanged, if `from` is shorter than that, or has bytes other than 0 where this library knows
// nothing: it wants something that it would not get.
DC_MUST_USE bool dc_sized_read(void *to, size_t size, const void *from, size_t first_size);

#endif
