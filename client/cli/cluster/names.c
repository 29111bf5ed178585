#include "client/cli/cluster/names.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/net_url.h"

typedef struct name {
    char host[NI_MAXHOST]; // empty: there is none to look up
    atomic_bool is_missing;
} name_t;

struct dc_names {
    atomic_int user_count; // the thread, and who asked
    size_t count;
    name_t list[];
};

static void leave(dc_names_t *self)
{
    if (atomic_fetch_sub(&self->user_count, 1) == 1) free(self);
}

// What a server for names has no answer to now may still be there: only a plain no counts.
static bool has_no_address(const char *host)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int error = getaddrinfo(host, NULL, &hints, &found);
    if (!error) freeaddrinfo(found);
    return error == EAI_NONAME;
}

static void *look_up(void *context)
{
    dc_names_t *self = context;
    for (size_t i = 0; i < self->count; i++) {
        name_t *name = &self->list[i];
        if (*name->host && has_no_address(name->host)) atomic_store(&name->is_missing, true);
    }
    leave(self);
    return NULL;
}

static dc_names_t *gather(const dcalc_t *dcalc)
{
    const char *url, *reason;
    size_t count = 0;
    while (dcalc_place(dcalc, count, &reason)) {
        count++;
    }
    dc_names_t *self = calloc(1, sizeof *self + count * sizeof *self->list);
    if (!self) return NULL;
    self->count = count;
    for (size_t i = 0; (url = dcalc_place(dcalc, i, &reason)); i++) {
        name_t *name = &self->list[i];
        if (dc_net_is_local(url) || !dc_net_get_host(url, name->host, sizeof name->host)) {
            *name->host = '\0';
        }
    }
    return self;
}

// Signals are for the thread that waits for them, which may block them later than this.
static bool start_thread(dc_names_t *self)
{
    sigset_t all, before;
    pthread_attr_t detached;
    pthread_t thread;
    sigfillset(&all);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, &detached, look_up, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&detached);
    return error == 0;
}

dc_names_t *dc_names_new(const dcalc_t *dcalc)
{
    dc_names_t *self = gather(dcalc);
    if (!self) return NULL;
    atomic_store(&self->user_count, 2);
    if (start_thread(self)) return self;
    free(self);
    return NULL;
}

void dc_names_destroy(dc_names_t **self_p)
{
    if (*self_p) leave(*self_p);
    *self_p = NULL;
}

const char *dc_names_missing(const dc_names_t *self, size_t index)
{
    if (!self || index >= self->count) return NULL;
    const name_t *name = &self->list[index];
    return atomic_load(&name->is_missing) ? name->host : NULL;
}

bool dc_names_are_missing(const dc_names_t *self)
{
    size_t i = 0;
    while (dc_names_missing(self, i)) {
        i++;
    }
    return self && i == self->count;
}
