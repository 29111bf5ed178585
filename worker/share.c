#include "worker/share.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/entropy.h"

static dc_share_t *map(int fd)
{
    void *page = mmap(NULL, sizeof(dc_share_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? NULL : page;
}

dc_share_t *dc_share_new(uint32_t slot_index, int *fd)
{
    int made = memfd_create("dcalc-slot", MFD_CLOEXEC);
    if (made < 0) return NULL;
    dc_share_t *self = ftruncate(made, sizeof *self) == 0 ? map(made) : NULL;
    if (self && !dc_entropy_fill(&self->session, sizeof self->session)) dc_share_close(&self);
    if (!self) {
        close(made);
        return NULL;
    }
    self->slot_index = slot_index;
    self->supervisor_pid = getpid();
    *fd = made;
    return self;
}

dc_share_t *dc_share_open(int fd)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0 || stat.st_size < (off_t)sizeof(dc_share_t)) return NULL;
    dc_share_t *self = map(fd);
    close(fd);
    return self;
}

void dc_share_close(dc_share_t **self_p)
{
    if (*self_p) munmap(*self_p, sizeof **self_p);
    *self_p = NULL;
}
