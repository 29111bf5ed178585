#include "broker/allowance.h"

static double rate_of(const dc_core_t *self)
{
    return (double)self->settings.rate_max;
}

// A bucket that is filled at each tick must hold what comes in between, or the rate is not reached.
static double burst_of(const dc_core_t *self)
{
    double least = rate_of(self) * DC_TICK_MS * 2 / 1000;
    double burst = self->settings.burst ? (double)self->settings.burst : rate_of(self);
    if (burst < least) burst = least;
    return burst < 1 ? 1 : burst;
}

void dc_allowance_begin(const dc_core_t *self, dc_client_t *client)
{
    if (self->settings.rate_max) client->bucket = dc_bucket(burst_of(self), self->now);
}

uint64_t dc_allowance_jobs(const dc_core_t *self, const dc_batch_t *batch)
{
    if (!self->settings.rate_max || batch->ready_parts) return UINT64_MAX;
    double tokens = batch->client->bucket.tokens;
    return tokens < 1 ? 1 : (uint64_t)tokens;
}

void dc_allowance_spend(const dc_core_t *self, dc_client_t *client, uint64_t count)
{
    if (!self->settings.rate_max || !client) return;
    dc_bucket_fill(&client->bucket, rate_of(self), burst_of(self), self->now);
    dc_bucket_take(&client->bucket, (double)count);
    // Whoever is below it again is told with a tick, when slots are offered what it has.
    if (client->bucket.tokens < 1) client->is_over_rate = true;
}

static void refill(dc_core_t *self, dc_client_t *client)
{
    if (!client->is_over_rate) return;
    if (dc_bucket_fill(&client->bucket, rate_of(self), burst_of(self), self->now) < 1) return;
    client->is_over_rate = false;
    self->is_dispatch_due = self->is_preempt_due = true;
}

void dc_allowance_tick(dc_core_t *self)
{
    if (!self->settings.rate_max) return;
    refill(self, &self->keeper);
    for (dc_client_t *client = self->clients; client; client = client->hh.next) {
        refill(self, client);
    }
}

dc_ms_t dc_allowance_wait_ms(const dc_core_t *self, const dc_client_t *client)
{
    dc_ms_t wait_ms = dc_bucket_wait_ms(&client->bucket, rate_of(self));
    dc_ms_t passed_ms = self->now - client->bucket.since_ms;
    return wait_ms > passed_ms ? wait_ms - passed_ms : 0;
}

// To try again sooner is in vain, and later than this is to wait for nothing.
#define RETRY_MS_MIN 10
#define RETRY_MS_MAX 5000

dc_ms_t dc_allowance_retry_ms(const dc_core_t *self, const dc_client_t *client)
{
    dc_ms_t now = self->now_us / 1000;
    double rate = client->stats ? dc_rate_per_second(&client->stats->rate, now) : 0;
    if (self->settings.rate_max && rate > rate_of(self)) rate = rate_of(self);
    // Until a tenth of them is answered there would be room for few.
    double ms = rate > 0 ? (double)client->job_count / 10 * 1000 / rate : 1000;
    if (ms < RETRY_MS_MIN) return RETRY_MS_MIN;
    return ms > RETRY_MS_MAX ? RETRY_MS_MAX : (dc_ms_t)ms;
}
