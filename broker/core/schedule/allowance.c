#include "broker/core/schedule/allowance.h"

#include <math.h>

#include "broker/core/jobs/ledger.h"

// What may be had of something: so much a second, and so much at once.
typedef struct limit {
    double rate; // 0: any amount
    double burst;
} limit_t;

// A bucket that is filled at each tick must hold what comes in between, or the rate is not reached.
static limit_t make_limit(uint64_t rate, uint64_t burst)
{
    limit_t limit = { (double)rate, (double)(burst ? burst : rate) };
    double least = limit.rate * DC_TICK_MS * 2 / 1000;
    if (limit.burst < least) limit.burst = least;
    if (limit.burst < 1) limit.burst = 1;
    return limit;
}

static limit_t jobs_limit(const dc_core_t *self)
{
    return make_limit(self->settings.rate_max, self->settings.burst);
}

static limit_t bytes_limit(const dc_core_t *self)
{
    return make_limit(self->settings.rate_bytes_max, self->settings.burst_bytes);
}

static bool is_limited(const dc_core_t *self)
{
    return self->settings.rate_max || self->settings.rate_bytes_max;
}

static double bytes_of(const dc_chunk_t *chunk, uint64_t count)
{
    return (double)chunk->data.bytes.len * (double)count / (double)chunk->count;
}

// Whether there is a limit, and nothing is left.
static bool is_empty(const limit_t *limit, const dc_bucket_t *bucket)
{
    return limit->rate > 0 && bucket->tokens < 1;
}

bool dc_allowance_is_over_jobs(const dc_core_t *self, const dc_client_t *client)
{
    limit_t limit = jobs_limit(self);
    return is_empty(&limit, &client->bucket);
}

bool dc_allowance_is_over_bytes(const dc_core_t *self, const dc_client_t *client)
{
    limit_t limit = bytes_limit(self);
    return is_empty(&limit, &client->bytes_bucket);
}

static bool is_over(const dc_core_t *self, const dc_client_t *client)
{
    return dc_allowance_is_over_jobs(self, client) || dc_allowance_is_over_bytes(self, client);
}

void dc_allowance_begin(const dc_core_t *self, dc_client_t *client)
{
    if (!is_limited(self)) return;
    client->bucket = dc_bucket(jobs_limit(self).burst, self->now);
    client->bytes_bucket = dc_bucket(bytes_limit(self).burst, self->now);
}

uint64_t dc_allowance_jobs(const dc_core_t *self, dc_batch_t *batch, const dc_slot_t *slot)
{
    if (!is_limited(self)) return UINT64_MAX;
    const dc_chunk_t *next = dc_ledger_next(batch, slot)->chunk;
    if (next->part) return UINT64_MAX;
    const dc_client_t *client = batch->client;
    double jobs = self->settings.rate_max ? client->bucket.tokens : 0x1p53;
    if (self->settings.rate_bytes_max) {
        double each = bytes_of(next, 1);
        jobs = fmin(jobs, client->bytes_bucket.tokens / fmax(each, 1));
    }
    return jobs < 1 ? 1 : (uint64_t)jobs;
}

static void fill(const dc_core_t *self, dc_client_t *client)
{
    limit_t jobs = jobs_limit(self);
    limit_t bytes = bytes_limit(self);
    dc_bucket_fill(&client->bucket, jobs.rate, jobs.burst, self->now);
    dc_bucket_fill(&client->bytes_bucket, bytes.rate, bytes.burst, self->now);
}

void dc_allowance_spend(const dc_core_t *self, const dc_chunk_t *chunk, uint64_t count)
{
    dc_client_t *client = chunk->batch->client;
    if (!is_limited(self) || !client || !count) return; // an orphan's
    fill(self, client);
    dc_bucket_take(&client->bucket, (double)count);
    dc_bucket_take(&client->bytes_bucket, bytes_of(chunk, count));
    // Whoever is below it again is told with a tick, when slots are offered what it has.
    if (is_over(self, client)) client->is_over_rate = true;
}

static void renew(const limit_t *limit, bool was_limited, dc_ms_t now, dc_bucket_t *bucket)
{
    if (!was_limited) *bucket = dc_bucket(limit->burst, now);
    bucket->tokens = fmin(bucket->tokens, limit->burst);
}

// The limits have changed from those of `before`.
static void renew_client(dc_core_t *self, dc_client_t *client, const dc_settings_t *before)
{
    limit_t jobs = jobs_limit(self);
    limit_t bytes = bytes_limit(self);
    renew(&jobs, before->rate_max, self->now, &client->bucket);
    renew(&bytes, before->rate_bytes_max, self->now, &client->bytes_bucket);
    if (!client->is_over_rate || is_over(self, client)) return;
    client->is_over_rate = false;
    self->is_dispatch_due = self->is_preempt_due = true;
}

void dc_allowance_set(dc_core_t *self, const dc_settings_t *settings)
{
    dc_settings_t before = self->settings;
    fill(self, &self->keeper);
    for (dc_client_t *client = self->clients; client; client = client->hh.next) {
        fill(self, client);
    }
    self->settings.rate_max = settings->rate_max;
    self->settings.burst = settings->burst;
    self->settings.rate_bytes_max = settings->rate_bytes_max;
    self->settings.burst_bytes = settings->burst_bytes;
    renew_client(self, &self->keeper, &before);
    for (dc_client_t *client = self->clients; client; client = client->hh.next) {
        renew_client(self, client, &before);
    }
}

static void refill(dc_core_t *self, dc_client_t *client)
{
    if (!client->is_over_rate) return;
    fill(self, client);
    if (is_over(self, client)) return;
    client->is_over_rate = false;
    self->is_dispatch_due = self->is_preempt_due = true;
}

void dc_allowance_tick(dc_core_t *self)
{
    if (!is_limited(self)) return;
    refill(self, &self->keeper);
    for (dc_client_t *client = self->clients; client; client = client->hh.next) {
        refill(self, client);
    }
}

static dc_ms_t wait_for(const limit_t *limit, const dc_bucket_t *bucket, dc_ms_t now)
{
    if (!is_empty(limit, bucket)) return 0;
    dc_ms_t wait_ms = dc_bucket_wait_ms(bucket, limit->rate);
    dc_ms_t passed_ms = now - bucket->since_ms;
    return wait_ms > passed_ms ? wait_ms - passed_ms : 0;
}

dc_ms_t dc_allowance_wait_ms(const dc_core_t *self, const dc_client_t *client)
{
    limit_t jobs = jobs_limit(self);
    limit_t bytes = bytes_limit(self);
    return dc_max_u64(wait_for(&jobs, &client->bucket, self->now),
                      wait_for(&bytes, &client->bytes_bucket, self->now));
}

// To try again sooner is in vain, and later than this is to wait for nothing.
#define RETRY_MS_MIN 10
#define RETRY_MS_MAX 5000

dc_ms_t dc_allowance_retry_ms(const dc_core_t *self, const dc_client_t *client)
{
    dc_ms_t now = self->now_us / 1000;
    double rate = client->stats ? dc_rate_per_second(&client->stats->rate, now) : 0;
    double rate_max = (double)self->settings.rate_max;
    if (rate_max > 0 && rate > rate_max) rate = rate_max;
    // Until a tenth of them is answered there would be room for few.
    double ms = rate > 0 ? (double)client->job_count / 10 * 1000 / rate : 1000;
    if (ms < RETRY_MS_MIN) return RETRY_MS_MIN;
    return ms > RETRY_MS_MAX ? RETRY_MS_MAX : (dc_ms_t)ms;
}
