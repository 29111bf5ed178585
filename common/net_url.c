#include "common/net_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/str.h"

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

// Of `tcp://[source;]host:port`.
bool dc_net_get_host(const char *url, char *host, size_t capacity)
{
    if (!begins_with(url, "tcp://")) return false;
    const char *start = url + strlen("tcp://");
    const char *source = strrchr(start, ';');
    if (source) start = source + 1;
    const char *end = strrchr(start, ':');
    if (!end) end = start + strlen(start);
    if (*start == '[' && end > start + 1 && end[-1] == ']') {
        start++;
        end--;
    }
    size_t len = (size_t)(end - start);
    if (len >= capacity) return false;
    memcpy(host, start, len);
    host[len] = '\0';
    return true;
}

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "lo") == 0) return true;
    if (inet_pton(AF_INET, host, &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

bool dc_net_is_local(const char *url)
{
    char host[INET6_ADDRSTRLEN];
    if (begins_with(url, "ipc://") || begins_with(url, "inproc://")) return true;
    return dc_net_get_host(url, host, sizeof host) && is_loopback(host);
}

bool dc_net_is_address(const char *url)
{
    static const char *const transports[] = { "tcp://", "ipc://", "inproc://" };
    for (size_t i = 0; i < DC_ARRAY_LEN(transports); i++) {
        if (begins_with(url, transports[i])) return url[strlen(transports[i])] != '\0';
    }
    return false;
}

bool dc_net_has_port(const char *url)
{
    if (!begins_with(url, "tcp://")) return true;
    const char *port = strrchr(url, ':') + 1;
    if (strcmp(port, "*") == 0) return true;
    size_t len = strlen(port);
    return len > 0 && len <= 5 && strspn(port, "0123456789") == len &&
           strtol(port, NULL, 10) <= UINT16_MAX;
}

bool dc_net_check_address(const char *url, dc_buf_t *message)
{
    if (dc_net_is_address(url) && dc_net_has_port(url)) return true;
    dc_buf_printf(message, "'%s' is not an address such as " DC_NET_ADDRESS_FORMS, url);
    return false;
}

bool dc_net_is_ipc_taken(const char *url)
{
    if (!begins_with(url, "ipc://")) return false;
    const char *path = url + strlen("ipc://");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.sun_path || *path == '*') return false;
    memcpy(address.sun_path, path, len);
    // The abstract name space is written with an @ in front.
    if (*path == '@') address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    // Where so many wait that no more may, somebody listens as well.
    bool is_taken = connect(fd, (const struct sockaddr *)&address, size) == 0 || errno == EAGAIN;
    close(fd);
    return is_taken;
}

// Whether a connection is there, or is made at once: this machine's own answer does not take long.
static bool can_connect(int fd, const struct addrinfo *to)
{
    int error = 0;
    socklen_t size = sizeof error;
    struct pollfd item = { .fd = fd, .events = POLLOUT };
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS || poll(&item, 1, 0) <= 0) return false;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool dc_net_is_taken(const char *url)
{
    char host[INET6_ADDRSTRLEN];
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    if (!begins_with(url, "tcp://")) return dc_net_is_ipc_taken(url);
    if (!dc_net_is_local(url) || !dc_net_get_host(url, host, sizeof host)) return false;
    const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    if (getaddrinfo(number, strrchr(url, ':') + 1, &hints, &found) != 0) return false;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_taken = fd >= 0 && can_connect(fd, found);
    if (fd >= 0) close(fd);
    freeaddrinfo(found);
    return is_taken;
}
