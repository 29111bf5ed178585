#include "common/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/limits.h"

#define NAME "dcalc/dcalc.conf"

// --- where it may be ---------------------------------------------------------------------------

#define PLACES_MAX 2

// Place `index`, the caller's to free; NULL if there is no such place, or memory is short.
static char *make_place(size_t index)
{
    const char *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    int len = -1;
    if (index > 0) return strdup("/etc/" NAME);
    if (xdg && *xdg == '/') {
        len = asprintf(&path, "%s/" NAME, xdg);
    } else if (home && *home == '/') {
        len = asprintf(&path, "%s/.config/" NAME, home);
    }
    return len < 0 ? NULL : path;
}

void dc_config_file_put_places(dc_buf_t *out)
{
    bool is_first = true;
    for (size_t i = 0; i < PLACES_MAX; i++) {
        char *place = make_place(i);
        if (!place) continue;
        dc_buf_printf(out, "%s%s", is_first ? "" : ", ", place);
        is_first = false;
        free(place);
    }
}

// --- reading it --------------------------------------------------------------------------------

// Append what the file has, up to one byte more than it may. Returns 0 or an errno.
static int read_descriptor(int fd, dc_buf_t *text)
{
    while (text->len <= DC_CONFIG_BYTES_MAX) {
        if (!dc_buf_reserve(text, 4096)) return ENOMEM;
        ssize_t count = read(fd, text->data + text->len, 4096);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) return 0;
        text->len += (size_t)count;
    }
    return EFBIG;
}

static int read_file(const char *path, dc_buf_t *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    int error = read_descriptor(fd, text);
    close(fd);
    return error;
}

static bool complain(const char *path, int error, dc_buf_t *message)
{
    if (error == EFBIG) {
        dc_buf_printf(message, "%s: a configuration has at most %u bytes\n", path,
                      DC_CONFIG_BYTES_MAX);
    } else {
        dc_buf_printf(message, "%s: cannot read this configuration: %s\n", path, strerror(error));
    }
    return false;
}

bool dc_config_file_read(const char *wanted, char **path, dc_buf_t *text, dc_buf_t *message)
{
    *path = NULL;
    if (wanted && strcmp(wanted, "none") == 0) return true;
    for (size_t i = 0; i < (wanted ? 1 : PLACES_MAX); i++) {
        char *place = wanted ? strdup(wanted) : make_place(i);
        int error = place ? read_file(place, text) : ENOENT;
        if (!error) {
            *path = place;
            return true;
        }
        bool is_missing = error == ENOENT || error == ENOTDIR;
        if (wanted || !is_missing) complain(wanted ? wanted : place, error, message);
        free(place);
        if (wanted || !is_missing) return false;
    }
    return true;
}
