#include "client/cli/input/reader.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/dcalc.h"

// Four chunks: what is left of one, and is copied to the next block, is little beside it.
#define BLOCK_BYTES (256u << 10)

// Less room than this is not worth a read.
#define READ_BYTES_MIN (16u << 10)

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

void dc_reader_init(dc_reader_t *self, int fd)
{
    struct stat info;
    *self = (dc_reader_t){ .fd = fd };
    self->is_regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    if (self->is_regular) self->bytes_all = (uint64_t)info.st_size;
}

void dc_reader_fini(dc_reader_t *self)
{
    if (self->block) dcalc_memory_release(self->block);
    *self = (dc_reader_t){ .fd = -1 };
}

// Go on in a new block, which begins with what is at hand.
static bool renew_block(dc_reader_t *self)
{
    size_t held = self->end - self->first;
    size_t capacity = held < BLOCK_BYTES / 2 ? BLOCK_BYTES : 2 * held;
    char *block = dcalc_memory_new(capacity);
    if (!block) return false;
    if (held) memcpy(block, self->block + self->first, held);
    if (self->block) dcalc_memory_release(self->block);
    self->block = block;
    self->capacity = capacity;
    self->first = 0;
    self->end = held;
    return true;
}

// The mark may come in parts: nothing is looked at before it is known to be whole or none.
static void drop_byte_order_mark(dc_reader_t *self)
{
    size_t len = sizeof BYTE_ORDER_MARK - 1;
    dc_str_t bytes = dc_reader_bytes(self);
    if (bytes.len < len || memcmp(bytes.data, BYTE_ORDER_MARK, len) != 0) return;
    self->first += len;
}

static void read_once(dc_reader_t *self)
{
    ssize_t count;
    do {
        count = read(self->fd, self->block + self->end, self->capacity - self->end);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        self->end += (size_t)count;
        self->bytes_read += (uint64_t)count;
    } else if (count == 0) {
        self->is_end = true;
    } else if (errno != EAGAIN) {
        self->error = errno;
        self->is_end = true;
    }
}

void dc_reader_fill(dc_reader_t *self)
{
    if (self->is_end) return;
    bool is_start = self->bytes_read == 0;
    if (self->capacity - self->end < READ_BYTES_MIN && !renew_block(self)) {
        self->error = ENOMEM;
        self->is_end = true;
        return;
    }
    read_once(self);
    while (is_start && !self->is_end && self->end < sizeof BYTE_ORDER_MARK - 1 &&
           memcmp(self->block, BYTE_ORDER_MARK, self->end) == 0) {
        read_once(self);
    }
    if (is_start) drop_byte_order_mark(self);
}
