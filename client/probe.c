#include "client/probe.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME_BYTES_MAX 256

// What became of a connection that was begun, if that is known by now; else EINPROGRESS.
static int see_outcome(int fd)
{
    struct pollfd item = { .fd = fd, .events = POLLOUT };
    if (poll(&item, 1, 0) <= 0) return EINPROGRESS;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

// Begin to connect. 0: somebody listens there; or what stands against it.
static int try_address(const struct sockaddr *address, socklen_t size)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return errno;
    int error = connect(fd, address, size) == 0 ? 0 : errno;
    // This machine's own answer is there at once.
    if (error == EINPROGRESS) error = see_outcome(fd);
    close(fd);
    return error;
}

static int try_ipc(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(path);
    if (len >= sizeof address.sun_path) return ENAMETOOLONG;
    memcpy(address.sun_path, path, len + 1);
    return try_address((struct sockaddr *)&address, sizeof address);
}

// Numbers only, and localhost: asking for other names could take seconds.
static int try_tcp(const char *place)
{
    char host[NAME_BYTES_MAX];
    const char *colon = strrchr(place, ':');
    if (!colon || (size_t)(colon - place) >= sizeof host) return EINVAL;
    bool is_bracketed = place[0] == '[' && colon > place + 1 && colon[-1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(colon - place) - 2 * is_bracketed,
             place + is_bracketed);
    const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found;
    if (getaddrinfo(number, colon + 1, &hints, &found) != 0) return EINPROGRESS;
    int error = try_address(found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return error;
}

void dc_probe(const char *url, char *reason, size_t size)
{
    bool is_ipc = strncmp(url, "ipc://", 6) == 0;
    int error = is_ipc ? try_ipc(url + 6) : try_tcp(url + 6);
    // Who listens there now did not when libzmq tried.
    if (error == 0 || error == EINPROGRESS || error == EAGAIN) {
        snprintf(reason, size, "cannot connect");
    } else {
        snprintf(reason, size, "%s", strerror(error));
        reason[0] = (char)tolower((unsigned char)reason[0]);
    }
}
