// The connections of the broker, as its shell knows them.
#include <stdlib.h>

#include "tests/sim/hub_part.h"

peer_t *hub_peer(const hub_t *self, bool is_client, dc_peer_t number)
{
    const numbers_t *numbers = &self->numbers[is_client];
    return number < numbers->count ? numbers->list[number] : NULL;
}

static void index_peer(hub_t *self, peer_t *peer)
{
    numbers_t *numbers = &self->numbers[peer->is_client];
    if (numbers->count + 1 >= numbers->capacity) {
        numbers->capacity = numbers->capacity ? 2 * numbers->capacity : 64;
        peer_t **list = realloc(numbers->list, numbers->capacity * sizeof(peer_t *));
        if (!list) abort();
        numbers->list = list;
    }
    if (numbers->count == 0) numbers->list[numbers->count++] = NULL; // they begin with 1
    peer->number = numbers->count;
    numbers->list[numbers->count++] = peer;
}

static peer_t *add_peer(const sim_t *sim, hub_t *self, conn_t *conn, uint32_t epoch)
{
    peer_t *peer = calloc(1, sizeof *peer);
    if (!peer) abort();
    peer->is_client = conn->is_client;
    peer->origin = conn;
    peer->epoch = epoch;
    peer->gone_us = conn->is_closed || epoch != conn->epoch ? 0 : UINT64_MAX;
    peer->granted = DC_CREDIT_INITIAL_BYTES;
    peer->came_us = sim->now_us;
    index_peer(self, peer);
    peer->next = self->peers;
    self->peers = peer;
    if (epoch != conn->epoch) return peer;
    peer->conn = conn;
    conn->peer = peer;
    return peer;
}

peer_t *hub_find_peer(const sim_t *sim, hub_t *self, conn_t *conn, uint32_t epoch)
{
    if (conn->peer && epoch == conn->epoch) return conn->peer;
    if (epoch == conn->epoch) return add_peer(sim, self, conn, epoch);
    for (peer_t *peer = self->peers; peer; peer = peer->next) {
        if (peer->origin == conn && peer->epoch == epoch && !peer->is_forgotten) return peer;
    }
    return add_peer(sim, self, conn, epoch);
}

void hub_forget_peer(hub_t *self, bool is_client, dc_peer_t number)
{
    peer_t *peer = hub_peer(self, is_client, number);
    if (!peer) return;
    peer->is_forgotten = true;
    if (peer->conn && peer->conn->peer == peer) peer->conn->peer = NULL;
}

void hub_lose_peer(sim_t *sim, peer_t *peer)
{
    bool is_noticed = sim_chance(sim, sim->plan.noticed_per_mille);
    peer->gone_us = is_noticed ? sim->now_us + sim_below(sim, 2000) : UINT64_MAX;
    if (peer->conn && !peer->conn->is_closed) peer->conn = NULL;
}

void hub_free_peers(sim_t *sim, hub_t *self)
{
    while (self->peers) {
        peer_t *peer = self->peers;
        self->peers = peer->next;
        if (peer->out) msg_free(sim, peer->out);
        if (peer->conn && peer->conn->peer == peer) peer->conn->peer = NULL;
        free(peer->handles);
        free(peer->leases);
        free(peer);
    }
    self->out = NULL;
    self->numbers[0].count = self->numbers[1].count = 0;
}
