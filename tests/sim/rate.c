#include "tests/sim/rate.h"

// What the client may have begun by now.
static double allowed(const sim_t *sim, const peer_t *client)
{
    const dc_settings_t *settings = &sim->plan.settings;
    double rate = (double)settings->rate_max;
    double least = rate * DC_TICK_MS * 2 / 1000;
    double burst = settings->burst ? (double)settings->burst : rate;
    if (burst < least) burst = least;
    // The core counts in whole milliseconds.
    return burst + 1 + rate * ((double)(sim->now_us - client->came_us) / 1000000 + 0.001);
}

void rate_leased(sim_t *sim, const hub_t *hub, const watched_lease_t *lease,
                 const dc_chunk_t *chunk)
{
    if (!sim->plan.settings.rate_max || chunk->part) return;
    peer_t *client = hub_peer(hub, true, chunk->batch->client->peer);
    if (!client) return; // the keeper, whom nobody hears
    uint64_t life = hub_life(hub);
    for (uint64_t i = lease->next + lease->offset; i < lease->end + lease->offset; i++) {
        if (i >= lease->batch->jobs || lease->batch->begun_life[i] == life) continue;
        lease->batch->begun_life[i] = life;
        client->begun_jobs++;
    }
    if ((double)client->begun_jobs <= allowed(sim, client)) return;
    sim_fail(sim, "client c%llu has begun %llu jobs, and may have %.0f",
             (unsigned long long)client->number, (unsigned long long)client->begun_jobs,
             allowed(sim, client));
}
