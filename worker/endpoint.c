#include "worker/endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "tcp://"

// Does `host` need no looking up? Then it is an address, or something that only libzmq knows.
static bool is_address(const char *host)
{
    struct in_addr address;
    return strpbrk(host, "[];*") || inet_pton(AF_INET, host, &address) == 1;
}

static dc_err_t look_up(const char *host, const char *port, dc_endpoint_t *self, dc_diag_t *diag)
{
    // IPv4 first, as the other programs take a name.
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error) {
        hints.ai_family = AF_UNSPEC;
        error = getaddrinfo(host, port, &hints, &found);
    }
    if (error) {
        return dc_diag_set(diag, DC_ERR_IO, 0, 0, "the name %.100s is not found: %s", host,
                           gai_strerror(error));
    }
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE];
    error =
        getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    bool is_v6 = found->ai_family == AF_INET6;
    dc_endpoint_t address;
    if (!error) {
        int len = snprintf(address.url, sizeof address.url, PREFIX "%s%s%s:%s", is_v6 ? "[" : "",
                           text, is_v6 ? "]" : "", port);
        if (len < 0 || (size_t)len >= sizeof address.url) error = EAI_OVERFLOW;
    }
    freeaddrinfo(found);
    if (!error) {
        *self = address;
        return DC_OK;
    }
    return dc_diag_set(diag, DC_ERR_IO, 0, 0, "the address of %.100s: %s", host,
                       gai_strerror(error));
}

dc_err_t dc_endpoint_resolve(const char *url, dc_endpoint_t *self, dc_diag_t *diag)
{
    dc_endpoint_t plain;
    int len = snprintf(plain.url, sizeof plain.url, "%s", url);
    if (len < 0 || (size_t)len >= sizeof plain.url) {
        return dc_diag_set(diag, DC_ERR_INVALID, 0, 0, "the address %.40s... is too long", url);
    }
    char *host = plain.url + strlen(PREFIX);
    char *port = strncmp(url, PREFIX, strlen(PREFIX)) == 0 ? strrchr(host, ':') : NULL;
    if (port) *port++ = '\0'; // without one libzmq says what is wrong with it
    if (!port || is_address(host)) {
        snprintf(self->url, sizeof self->url, "%s", url);
        return DC_OK;
    }
    // On a bare machine nothing says what this name is; RFC 6761, 6.3, does.
    if (strcmp(host, "localhost") == 0) {
        snprintf(self->url, sizeof self->url, PREFIX "127.0.0.1:%s", port);
        return DC_OK;
    }
    return look_up(host, port, self, diag);
}
