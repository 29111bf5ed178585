#include "broker/shell/growth.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

// How many pages of this process are in memory: the second number of the file. False if unknown.
static bool read_pages(const dc_growth_t *self, uint64_t *pages)
{
    char text[128];
    ssize_t len = self->fd < 0 ? -1 : pread(self->fd, text, sizeof text - 1, 0);
    if (len <= 0) return false;
    text[len] = '\0';
    char *behind;
    strtoull(text, &behind, 10);
    *pages = strtoull(behind, NULL, 10);
    return true;
}

void dc_growth_init(dc_growth_t *self)
{
    *self = (dc_growth_t){ .fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC) };
    dc_growth_mark(self);
}

void dc_growth_fini(dc_growth_t *self)
{
    if (self->fd >= 0) close(self->fd);
    self->fd = -1;
}

bool dc_growth_is_above(dc_growth_t *self, uint64_t bytes)
{
    uint64_t pages;
    if (!read_pages(self, &pages)) return true;
    self->least = dc_min_u64(self->least, pages);
    return (pages - self->least) * (uint64_t)sysconf(_SC_PAGESIZE) > bytes;
}

uint64_t dc_growth_now(const dc_growth_t *self)
{
    uint64_t pages;
    return read_pages(self, &pages) ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

void dc_growth_mark(dc_growth_t *self)
{
    uint64_t pages;
    if (read_pages(self, &pages)) self->least = pages;
}
