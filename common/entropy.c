#include "common/entropy.h"

#include <errno.h>
#include <sys/random.h>

bool dc_entropy_fill(void *bytes, size_t count)
{
    char *at = bytes;
    while (count) {
        ssize_t got = getrandom(at, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        count -= (size_t)got;
    }
    return true;
}
