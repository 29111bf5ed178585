#include "broker/core/report/report_stats.h"

#include <math.h>
#include <stdio.h>

#include "broker/core/report/measure.h"
#include "common/version.h"

// Whose last word is this many heartbeats ago should have spoken meanwhile.
#define LATE_BEATS 2

// Of how many batches a worker's row says that it computes them.
#define RUNNING_MAX 4

bool dc_report_is_late(const dc_core_t *self, dc_ms_t heard_ms)
{
    return self->now - heard_ms >= LATE_BEATS * self->settings.heartbeat_ms;
}

// --- numbers -----------------------------------------------------------------------------------

// What people read as milliseconds, with what a clock of microseconds knows.
static void put_ms(dc_json_writer_t *json, const char *key, double us)
{
    dc_json_put_member_number(json, key, round(us) / 1000);
}

static void put_histogram(dc_json_writer_t *json, const char *key, const dc_histogram_t *histogram)
{
    dc_json_put_key(json, key);
    dc_json_begin_object(json);
    dc_json_put_member_u64(json, "count", histogram->count);
    if (histogram->count) {
        put_ms(json, "mean_ms", dc_histogram_mean(histogram));
        put_ms(json, "p50_ms", dc_histogram_quantile(histogram, 0.5));
        put_ms(json, "p90_ms", dc_histogram_quantile(histogram, 0.9));
        put_ms(json, "p99_ms", dc_histogram_quantile(histogram, 0.99));
        put_ms(json, "max_ms", (double)histogram->max_us);
    }
    dc_json_end_object(json);
}

void dc_report_put_rate(const dc_core_t *self, const dc_stats_t *stats, dc_json_writer_t *json)
{
    double rate = stats ? dc_rate_per_second(&stats->rate, dc_measure_ms(self)) : 0;
    dc_json_put_member_number(json, "rate", rate < 100 ? round(rate * 10) / 10 : round(rate));
}

void dc_report_put_latency(const dc_stats_t *stats, dc_json_writer_t *json)
{
    static const dc_histogram_t nothing;
    dc_json_put_key(json, "latency");
    dc_json_begin_object(json);
    put_histogram(json, "wait", stats ? &stats->wait : &nothing);
    put_histogram(json, "lease", stats ? &stats->lease : &nothing);
    put_histogram(json, "answer", stats ? &stats->answer : &nothing);
    dc_json_end_object(json);
}

// --- all of it ---------------------------------------------------------------------------------

static void put_counts(const dc_core_t *self, dc_json_writer_t *json)
{
    dc_json_put_member_string(json, "version", dc_str_from(DC_VERSION));
    dc_json_put_member_u64(json, "uptime_ms", (self->now_us - self->began_us) / 1000);
    dc_json_put_member_u64(json, "heartbeat_ms", self->settings.heartbeat_ms);
    dc_json_put_member_u64(json, "workers", HASH_COUNT(self->workers));
    dc_json_put_member_u64(json, "slots", self->slot_count);
    dc_json_put_member_u64(json, "plain", HASH_COUNT(self->slots) - self->slot_count);
    dc_json_put_member_u64(json, "clients", HASH_COUNT(self->clients));
    dc_json_put_member_u64(json, "batches", HASH_CNT(hh_number, self->batches));
    dc_json_put_member_u64(json, "waiting", self->waiting_count + self->ready_count);
    dc_json_put_member_u64(json, "running", self->leased_count);
    dc_json_put_member_u64(json, "forked", self->forked_count);
    dc_json_put_member_u64(json, "parts", self->part_count);
    dc_json_put_member_u64(json, "answered", self->done_count);
    dc_json_put_member_u64(json, "failed", self->failed_count);
    dc_json_put_member_u64(json, "late", self->late_count);
    dc_json_put_member_u64(json, "stale", self->stale_count);
    dc_json_put_member_u64(json, "lost", self->lost_count);
    dc_json_put_member_u64(json, "memory_bytes", self->memory_bytes);
    dc_json_put_member_u64(json, "memory_bytes_max", self->settings.memory_bytes_max);
    if (self->settings.rate_max) {
        dc_json_put_member_u64(json, "rate_max", self->settings.rate_max);
    }
    if (self->settings.rate_bytes_max) {
        dc_json_put_member_u64(json, "rate_bytes_max", self->settings.rate_bytes_max);
    }
    if (self->settings.outstanding_max) {
        dc_json_put_member_u64(json, "outstanding_max", self->settings.outstanding_max);
    }
}

static void put_rates(const dc_core_t *self, dc_json_writer_t *json)
{
    dc_json_put_key(json, "rates");
    dc_json_begin_array(json);
    for (unsigned ago = DC_RATE_SECONDS - 1; ago > 0; ago--) {
        dc_json_put_u64(json, dc_rate_count(&self->stats.rate, dc_measure_ms(self), ago));
    }
    dc_json_end_array(json);
}

// --- workers -----------------------------------------------------------------------------------

// The batches that the leases of one worker are of, each once.
typedef struct running {
    uint64_t numbers[RUNNING_MAX];
    size_t count;
    bool has_plain;
} running_t;

static void note_running(running_t *running, const dc_slot_t *slot)
{
    const dc_lease_t *lease;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        if (!lease->chunk) continue;
        const dc_batch_t *batch = lease->chunk->batch;
        if (batch->is_plain) {
            running->has_plain = true;
            continue;
        }
        size_t at = 0;
        while (at < running->count && running->numbers[at] != batch->number) {
            at++;
        }
        if (at < running->count || at == RUNNING_MAX) continue;
        running->numbers[running->count++] = batch->number;
    }
}

static void put_running(const running_t *running, dc_json_writer_t *json)
{
    dc_json_put_key(json, "running");
    dc_json_begin_array(json);
    for (size_t i = 0; i < running->count; i++) {
        char id[24];
        snprintf(id, sizeof id, "b%llu", (unsigned long long)running->numbers[i]);
        dc_json_put_string(json, dc_str_from(id));
    }
    if (running->has_plain) dc_json_put_string(json, DC_STR("plain"));
    dc_json_end_array(json);
}

// Slots of one worker, or a plain one, which is alone.
typedef struct crew {
    uint32_t slot_count, busy_count, draining_count;
    uint64_t jobs_done;
    dc_ms_t heard_ms; // of the one that is silent for longest
    running_t running;
} crew_t;

static void add_to_crew(crew_t *crew, const dc_slot_t *slot)
{
    crew->heard_ms = crew->slot_count ? dc_min_u64(crew->heard_ms, slot->heard_ms) : slot->heard_ms;
    crew->slot_count++;
    crew->busy_count += slot->lease_count > 0;
    crew->draining_count += slot->is_draining;
    crew->jobs_done += slot->jobs_done;
    note_running(&crew->running, slot);
}

static void put_crew(const dc_core_t *self, const crew_t *crew, const dc_slot_t *slot,
                     dc_json_writer_t *json)
{
    dc_ms_t silent_ms = self->now - crew->heard_ms;
    const dc_stats_t *stats = slot->worker ? slot->worker->stats : NULL;
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "worker", dc_str_from(slot->name));
    dc_json_put_member_string(json, "host", dc_str_from(slot->host));
    dc_json_put_member_bool(json, "plain", slot->is_plain);
    dc_json_put_member_u64(json, "slots", crew->slot_count);
    dc_json_put_member_u64(json, "busy", crew->busy_count);
    dc_json_put_member_bool(json, "draining", crew->draining_count == crew->slot_count);
    dc_json_put_member_u64(json, "silent_ms", silent_ms);
    dc_json_put_member_bool(json, "late", dc_report_is_late(self, crew->heard_ms));
    dc_json_put_member_u64(json, "jobs", crew->jobs_done);
    dc_report_put_rate(self, stats, json);
    put_running(&crew->running, json);
    if (stats) put_histogram(json, "lease", &stats->lease);
    dc_json_end_object(json);
}

static void put_workers(const dc_core_t *self, dc_json_writer_t *json)
{
    size_t count = 0;
    dc_json_put_key(json, "by_worker");
    dc_json_begin_array(json);
    const dc_worker_t *worker = self->workers;
    for (; worker && count < DC_REPORT_ROWS_MAX; worker = worker->hh.next, count++) {
        crew_t crew = { 0 };
        const dc_slot_t *slot;
        DL_FOREACH2(worker->slots, slot, worker_next)
        {
            add_to_crew(&crew, slot);
        }
        put_crew(self, &crew, worker->slots, json);
    }
    bool has_plain = self->slot_count < HASH_COUNT(self->slots);
    const dc_slot_t *slot = has_plain ? self->slots : NULL;
    for (; slot && count < DC_REPORT_ROWS_MAX; slot = slot->hh.next) {
        if (!slot->is_plain) continue;
        crew_t crew = { 0 };
        add_to_crew(&crew, slot);
        put_crew(self, &crew, slot, json);
        count++;
    }
    dc_json_end_array(json);
}

// --- clients -----------------------------------------------------------------------------------

static void put_client(const dc_core_t *self, const dc_client_t *client, dc_json_writer_t *json)
{
    char id[24];
    snprintf(id, sizeof id, "c%llu", (unsigned long long)client->peer);
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "client", dc_str_from(id));
    dc_json_put_member_bool(json, "plain", client->is_plain);
    dc_json_put_member_u64(json, "batches", HASH_CNT(hh_handle, client->by_handle));
    dc_json_put_member_u64(json, "silent_ms", self->now - client->heard_ms);
    dc_json_put_member_u64(json, "answered", client->stats ? client->stats->answer.count : 0);
    dc_json_put_member_u64(json, "jobs", client->job_count);
    dc_json_put_member_bool(json, "over_rate", client->is_over_rate);
    dc_json_put_member_u64(json, "unacknowledged_bytes", client->unacked_bytes);
    dc_report_put_rate(self, client->stats, json);
    if (client->stats) dc_report_put_latency(client->stats, json);
    dc_json_end_object(json);
}

static void put_clients(const dc_core_t *self, dc_json_writer_t *json)
{
    size_t count = 0;
    dc_json_put_key(json, "by_client");
    dc_json_begin_array(json);
    const dc_client_t *client = self->clients;
    for (; client && count < DC_REPORT_ROWS_MAX; client = client->hh.next, count++) {
        put_client(self, client, json);
    }
    dc_json_end_array(json);
}

// --- for the log -------------------------------------------------------------------------------

static void log_histogram(dc_buf_t *out, const char *name, const dc_histogram_t *histogram)
{
    dc_buf_printf(out, " %s_p50_ms=%.3f %s_p99_ms=%.3f", name,
                  dc_histogram_quantile(histogram, 0.5) / 1000, name,
                  dc_histogram_quantile(histogram, 0.99) / 1000);
}

void dc_report_speed(const dc_core_t *self, dc_buf_t *out)
{
    const dc_stats_t *stats = &self->stats;
    dc_buf_printf(out, "jobs_failed=%llu jobs_per_second=%.0f",
                  (unsigned long long)self->failed_count,
                  dc_rate_per_second(&stats->rate, dc_measure_ms(self)));
    log_histogram(out, "wait", &stats->wait);
    log_histogram(out, "lease", &stats->lease);
    log_histogram(out, "answer", &stats->answer);
}

// Three digits or more, which is what a person reads of a number.
static void put_rough(dc_buf_t *out, uint64_t number)
{
    static const char units[] = " kMGTPE";
    size_t unit = 0;
    for (; number >= 10000; number /= 1000) {
        unit++;
    }
    dc_buf_printf(out, "%llu%.*s", (unsigned long long)number, unit > 0, units + unit);
}

static void put_several(dc_buf_t *out, uint64_t count, const char *what)
{
    dc_buf_printf(out, "%llu %s%s", (unsigned long long)count, what, count == 1 ? "" : "s");
}

void dc_report_summary(const dc_core_t *self, dc_buf_t *out)
{
    uint64_t slots = HASH_COUNT(self->slots);
    put_several(out, HASH_COUNT(self->workers) + slots - self->slot_count, "worker");
    dc_buf_printf(out, ", ");
    put_several(out, slots, "slot");
    dc_buf_printf(out, ", ");
    put_rough(out, self->waiting_count + self->ready_count);
    dc_buf_printf(out, " jobs waiting, ");
    put_rough(out, (uint64_t)dc_rate_per_second(&self->stats.rate, dc_measure_ms(self)));
    dc_buf_printf(out, "/s");
}

// --- everything --------------------------------------------------------------------------------

void dc_report_put_stats(const dc_core_t *self, dc_json_writer_t *json)
{
    put_counts(self, json);
    dc_report_put_rate(self, &self->stats, json);
    put_rates(self, json);
    dc_report_put_latency(&self->stats, json);
    dc_histogram_t recent = self->recent[0];
    dc_histogram_merge(&recent, &self->recent[1]);
    put_histogram(json, "recent", &recent);
    put_workers(self, json);
    put_clients(self, json);
}
