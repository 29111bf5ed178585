// reader — bytes from a file or pipe, in blocks of memory that chunks can keep without copying.
#ifndef DC_CLIENT_CLI_INPUT_READER_H
#define DC_CLIENT_CLI_INPUT_READER_H

#include "common/str.h"

typedef struct dc_reader {
    int fd;              // borrowed
    char *block;         // owned reference of dcalc_memory; NULL before the first read
    size_t capacity;     // of the block
    size_t first, end;   // where in the block the bytes at hand are
    uint64_t bytes_read; // in all
    uint64_t bytes_all;  // the file's size; 0 if it has none
    bool is_regular;     // never makes wait
    bool is_end;         // nothing comes any more
    int error;           // the errno that ended it, or 0
} dc_reader_t;

void dc_reader_init(dc_reader_t *self, int fd);
void dc_reader_fini(dc_reader_t *self);

// Read once, up to a block. A byte order mark at the start is dropped. Waits if nothing is there.
void dc_reader_fill(dc_reader_t *self);

// What is at hand; valid until the next dc_reader_fill, or for as long as somebody shares the
// block.
static inline dc_str_t dc_reader_bytes(const dc_reader_t *self)
{
    if (!self->block) return dc_str("", 0);
    return dc_str(self->block + self->first, self->end - self->first);
}

// The first `count` bytes are done with.
static inline void dc_reader_take(dc_reader_t *self, size_t count)
{
    self->first += count;
}

#endif
