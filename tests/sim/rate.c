#include "tests/sim/rate.h"

// Fill the client's bucket.
static void fill(const sim_t *sim, const dc_settings_t *settings, peer_t *client)
{
    double rate = (double)settings->rate_max;
    double least = rate * DC_TICK_MS * 2 / 1000;
    double burst = settings->burst ? (double)settings->burst : rate;
    if (burst < least) burst = least;
    // The core counts in whole milliseconds, and by the whole job.
    double most = burst + 1 + rate / 1000;
    if (!client->allowed_us) {
        client->allowed_us = client->came_us;
        client->allowed_jobs = most;
    }
    client->allowed_jobs += rate * (double)(sim->now_us - client->allowed_us) / 1000000;
    if (client->allowed_jobs > most) client->allowed_jobs = most;
    client->allowed_us = sim->now_us;
}

void rate_changes(const sim_t *sim, const hub_t *hub, peer_t *peers, const dc_settings_t *next)
{
    const dc_settings_t *settings = &hub_core(hub)->settings;
    for (peer_t *peer = peers; peer; peer = peer->next) {
        // Where there was no limit, a new one begins with a full bucket.
        if (!settings->rate_max) peer->allowed_us = 0;
        if (!peer->allowed_us) continue;
        fill(sim, settings, peer);
        peer->allowed_jobs += 1 + (double)next->rate_max / 1000;
    }
}

void rate_leased(sim_t *sim, const hub_t *hub, const watched_lease_t *lease,
                 const dc_chunk_t *chunk)
{
    if (!sim->plan.settings.rate_max || chunk->part) return;
    peer_t *client = hub_peer(hub, true, chunk->batch->client->peer);
    if (!client) return; // the keeper, whom nobody hears
    const dc_settings_t *settings = &hub_core(hub)->settings;
    if (settings->rate_max) fill(sim, settings, client);
    uint64_t life = hub_life(hub);
    for (uint64_t i = lease->next + lease->offset; i < lease->end + lease->offset; i++) {
        if (i >= lease->batch->jobs || lease->batch->begun_life[i] == life) continue;
        lease->batch->begun_life[i] = life;
        client->allowed_jobs--;
    }
    if (client->allowed_jobs >= 0 || !settings->rate_max) return;
    sim_fail(sim, "client c%llu begins %.1f jobs more than its rate lets it",
             (unsigned long long)client->number, -client->allowed_jobs);
}
