#include "common/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/limits.h"

#define STATUS_BYTES_MAX 200

static_assert(sizeof((dc_notify_t *)0)->path == sizeof((struct sockaddr_un *)0)->sun_path,
              "every socket has room");

static void tell(const dc_notify_t *self, const char *lines)
{
    if (self->fd < 0) return;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, self->path, self->path_bytes);
    // A path that begins with @ is in the kernel's own list of names, and has no NUL at its end.
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + self->path_bytes);
    // The manager may be restarted, so it is found anew each time.
    ssize_t sent = sendto(self->fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&address, size);
    (void)sent; // nobody could be told that telling failed
}

// How often the manager wants to hear of this process; 0: it does not. Twice in its time, as its
// manual recommends.
static dc_ms_t read_watchdog(void)
{
    const char *text = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    if (!text || (pid && strtol(pid, NULL, 10) != (long)getpid())) return 0;
    char *end;
    errno = 0;
    unsigned long long us = strtoull(text, &end, 10);
    if (errno || *end || us == 0) return 0;
    return dc_max_u64(us / 2000, 1);
}

void dc_notify_init(dc_notify_t *self)
{
    *self = (dc_notify_t){ .fd = -1 };
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path ? strlen(path) : 0;
    bool is_path = len > 1 && len <= sizeof self->path && (*path == '/' || *path == '@');
    if (is_path) {
        memcpy(self->path, path, len);
        self->path_bytes = len;
        self->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        self->alive_every_ms = read_watchdog();
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void dc_notify_fini(dc_notify_t *self)
{
    if (self->fd >= 0) close(self->fd);
    self->fd = -1;
}

void dc_notify_ready(dc_notify_t *self)
{
    tell(self, "READY=1");
}

void dc_notify_stopping(dc_notify_t *self)
{
    tell(self, "STOPPING=1");
}

void dc_notify_turn(dc_notify_t *self, dc_ms_t now)
{
    if (self->alive_every_ms == 0 || now < self->alive_ms) return;
    self->alive_ms = now + self->alive_every_ms;
    tell(self, "WATCHDOG=1");
}

bool dc_notify_wants_status(const dc_notify_t *self, dc_ms_t now)
{
    return self->fd >= 0 && now >= self->status_ms;
}

void dc_notify_status(dc_notify_t *self, dc_ms_t now, dc_str_t text)
{
    char lines[STATUS_BYTES_MAX + 16];
    self->status_ms = now + DC_NOTIFY_STATUS_MS;
    snprintf(lines, sizeof lines, "STATUS=%.*s", (int)dc_min_size(text.len, STATUS_BYTES_MAX),
             text.data);
    tell(self, lines);
}
