#include "broker/core/report/why.h"

#include "broker/core/kept/keep.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/slots/verify.h"
#include "common/quantity.h"

// Silence of a client that is shorter is none that anybody would ask about.
#define SILENCE_MS 2000

// A job that runs for longer than this may be what others wait for.
#define LONG_MS 1000

// Among how many older batches of its client a batch looks for its place.
#define PLACE_MAX 1000

// --- the cluster -------------------------------------------------------------------------------

// What no slot may compute is in nobody's way.
static void survey_lane(dc_survey_t *survey, const dc_lane_t *lane)
{
    if (lane->slot_count == 0) return;
    for (unsigned level = 0; level < DC_LEVELS; level++) {
        survey->batches[level] += lane->levels[level].batch_count;
        survey->clients[level] += lane->levels[level].turn_count;
    }
}

dc_survey_t dc_why_survey(const dc_core_t *self)
{
    dc_survey_t survey = { 0 };
    survey_lane(&survey, &self->common);
    for (const dc_lane_t *lane = self->lanes; lane; lane = lane->hh.next) {
        survey_lane(&survey, lane);
    }
    for (const dc_slot_t *slot = self->slots; slot; slot = slot->hh.next) {
        if (slot->is_plain) continue;
        survey.draining_count += slot->is_draining;
        const dc_lease_t *lease = slot->leases;
        if (!lease || !lease->chunk) continue;
        if (!survey.longest || lease->since_ms < survey.longest->since_ms) survey.longest = lease;
    }
    return survey;
}

bool dc_why_is_left(const dc_core_t *self, const dc_batch_t *batch, dc_ms_t *left_ms)
{
    const dc_detached_t *detached = batch->detached;
    bool needs_client = detached ? !detached->is_close_put && !detached->is_ended : true;
    bool has_client = detached ? detached->submitter != NULL : batch->client != NULL;
    if (!needs_client || has_client) return false;
    dc_ms_t gone_ms = self->now - batch->orphaned_ms;
    *left_ms = self->settings.orphan_ms - dc_min_u64(gone_ms, self->settings.orphan_ms);
    return true;
}

// --- words -------------------------------------------------------------------------------------

static void put_count(dc_buf_t *out, uint64_t count, const char *one, const char *many)
{
    dc_buf_printf(out, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
}

static void put_mib(dc_buf_t *out, double bytes)
{
    dc_buf_printf(out, "%.1f MiB", bytes / (1 << 20));
}

static void put_seconds(dc_buf_t *out, dc_ms_t ms)
{
    dc_buf_printf(out, "%llu s", (unsigned long long)(ms / 1000));
}

// --- reasons -----------------------------------------------------------------------------------

// What is asked about; each reason that applies says so in `out`, and is the one.
typedef struct ask {
    const dc_core_t *core;
    const dc_survey_t *survey;
    const dc_batch_t *batch;
    dc_buf_t *out;
} ask_t;

static bool has_no_client(const ask_t *ask)
{
    dc_ms_t left_ms;
    if (!dc_why_is_left(ask->core, ask->batch, &left_ms)) return false;
    dc_buf_append_text(ask->out, "its client is gone");
    if (!left_ms) return true;
    dc_buf_append_text(ask->out, ", and has ");
    put_seconds(ask->out, left_ms + 999);
    dc_buf_append_text(ask->out, " to come back");
    return true;
}

// It runs, or has ended and is kept: there is nothing to be said.
static bool runs(const ask_t *ask)
{
    const dc_detached_t *detached = ask->batch->detached;
    return ask->batch->leased_count > 0 || (detached && detached->is_ended);
}

static bool is_held(const ask_t *ask)
{
    if (ask->batch->is_held) dc_buf_append_text(ask->out, "it is held");
    return ask->batch->is_held;
}

// Whether its client has so many results to read that nothing more is computed for it.
static bool is_not_read(const ask_t *ask)
{
    const dc_client_t *client = ask->batch->client;
    if (!dc_client_is_throttled(client)) return false;
    if (client->is_keeper) {
        put_mib(ask->out, (double)client->unacked_bytes);
        dc_buf_append_text(ask->out, " of results have to be written to the disk first");
        return true;
    }
    dc_buf_append_text(ask->out, "its client has ");
    put_mib(ask->out, (double)client->unacked_bytes);
    dc_buf_append_text(ask->out, " of results to read first");
    return true;
}

static bool is_over_rate(const ask_t *ask)
{
    const dc_client_t *client = ask->batch->client;
    const dc_settings_t *settings = &ask->core->settings;
    if (!client->is_over_rate) return false;
    char rate[DC_QUANTITY_TEXT_MAX];
    char wait[DC_QUANTITY_TEXT_MAX];
    bool is_over_bytes = dc_allowance_is_over_bytes(ask->core, client);
    if (is_over_bytes) {
        dc_size_print(settings->rate_bytes_max, rate);
    } else {
        dc_count_print(settings->rate_max, rate);
    }
    dc_wait_print(dc_allowance_wait_ms(ask->core, client), wait);
    dc_buf_printf(ask->out, "over %s %s %s/s; it goes on in %s",
                  client->is_keeper ? "the detached batches'" : "its client's", rate,
                  is_over_bytes ? "bytes" : "jobs", wait);
    return true;
}

// Whether its client may not send more at the moment, whatever it has.
static bool may_not_send(const ask_t *ask)
{
    const dc_core_t *core = ask->core;
    uint64_t memory_max = core->settings.memory_bytes_max;
    if (ask->batch->detached && core->pending_bytes > DC_STORE_PENDING_BYTES_MAX) {
        put_mib(ask->out, (double)core->pending_bytes);
        dc_buf_append_text(ask->out, " have to be written to the disk before more is taken");
    } else if (core->memory_bytes > memory_max / 4 * 3) {
        dc_buf_append_text(ask->out, "the broker's memory is nearly full: ");
        put_mib(ask->out, (double)core->memory_bytes);
        dc_buf_append_text(ask->out, " of ");
        put_mib(ask->out, (double)memory_max);
    } else {
        return false;
    }
    return true;
}

// It is detached, and not over before all of its results are on the disk.
static void put_unwritten(const ask_t *ask)
{
    const dc_core_t *core = ask->core;
    dc_buf_append_text(ask->out, core->unstored.first
                                     ? dc_keep_error_text(core, ask->batch, core->unstored_error)
                                     : "its results have to be written to the disk first");
}

// Every job that came is answered. Where all have come an interactive one has ended, and there is
// nothing to say.
static bool has_nothing_to_do(const ask_t *ask)
{
    const dc_batch_t *batch = ask->batch;
    if (batch->ready_count + batch->waiting_count + batch->forked_count) return false;
    dc_ms_t silent_ms = ask->core->now - dc_max_u64(batch->opened_ms, batch->fed_ms);
    if (batch->is_closed) {
        if (batch->detached) put_unwritten(ask);
        return true;
    }
    if (is_not_read(ask) || may_not_send(ask)) return true;
    if (silent_ms < SILENCE_MS) {
        dc_buf_append_text(ask->out, "for its client to send more");
        return true;
    }
    dc_buf_append_text(ask->out, "its client has sent nothing for ");
    put_seconds(ask->out, silent_ms);
    return true;
}

static bool comes_after_others(const ask_t *ask)
{
    if (ask->batch->awaited_count) dc_after_put_why(ask->core, ask->batch, ask->out);
    return ask->batch->awaited_count > 0;
}

static bool needs_results(const ask_t *ask)
{
    const dc_batch_t *batch = ask->batch;
    if (batch->ready_count || !batch->waiting_count) return false;
    put_count(ask->out, batch->waiting_count, "job needs", "jobs need");
    dc_buf_append_text(ask->out, " results of others that have not come");
    return true;
}

static bool has_no_worker(const ask_t *ask)
{
    const dc_core_t *core = ask->core;
    if (core->slot_count) return false;
    unsigned plain = HASH_COUNT(core->slots);
    dc_buf_append_text(ask->out, "no worker is there");
    if (!plain) return true;
    dc_buf_append_text(ask->out, ", but ");
    put_count(ask->out, plain, "plain one, which takes", "plain ones, which take");
    dc_buf_append_text(ask->out, " single requests only");
    return true;
}

static bool has_no_worker_with_tag(const ask_t *ask)
{
    const dc_core_t *core = ask->core;
    const dc_lane_t *lane = ask->batch->lane;
    if (lane->slot_count) return false;
    unsigned count = HASH_COUNT(core->workers) + HASH_COUNT(core->slots) - core->slot_count;
    if (count == 1) {
        dc_buf_printf(ask->out, "the one worker that is there does not have tag '%s'", lane->tag);
    } else {
        dc_buf_printf(ask->out, "none of the %u workers has tag '%s'", count, lane->tag);
    }
    return true;
}

static bool all_are_leaving(const ask_t *ask)
{
    uint32_t count = ask->core->slot_count;
    if (ask->survey->draining_count < count) return false;
    if (count == 1) {
        dc_buf_append_text(ask->out, "the only slot is draining");
    } else {
        dc_buf_printf(ask->out, "all %u slots are draining", count);
    }
    return true;
}

// Who has computed a job of a verified batch does not check it.
static bool has_no_second_slot(const ask_t *ask)
{
    bool is_one = ask->core->slot_count == 1 || ask->batch->lane->slot_count == 1;
    if (!is_one || !dc_is_verified(ask->batch)) return false;
    dc_buf_append_text(ask->out, "it needs a second slot, to check the results of the first");
    return true;
}

static bool is_below_others(const ask_t *ask)
{
    uint64_t count = 0;
    for (unsigned level = ask->batch->level + 1u; level < DC_LEVELS; level++) {
        count += ask->survey->batches[level];
    }
    if (!count) return false;
    dc_buf_append_text(ask->out, "behind ");
    put_count(ask->out, count, "batch", "batches");
    dc_buf_append_text(ask->out, " of higher priority");
    return true;
}

// How many of its client's batches that may be leased from go before it.
static uint64_t count_older(const dc_batch_t *batch)
{
    uint64_t count = 0;
    const dc_batch_t *other = batch->turn->ages.oldest;
    while (other && other != batch && count < PLACE_MAX) {
        other = other->turn_next;
        count++;
    }
    return count;
}

static bool is_behind_its_own(const ask_t *ask)
{
    uint64_t count = count_older(ask->batch);
    if (!count) return false;
    dc_buf_append_text(ask->out, count == PLACE_MAX ? "behind more than " : "behind ");
    if (ask->batch->detached) {
        put_count(ask->out, count, "older detached batch", "older detached batches");
    } else {
        put_count(ask->out, count, "older batch of its client", "older batches of its client");
    }
    return true;
}

static bool takes_turns(const ask_t *ask)
{
    uint8_t level = ask->batch->level;
    uint64_t clients = ask->survey->clients[level];
    uint64_t batches = ask->survey->batches[level];
    if (clients < 2 || batches < 2) return false;
    dc_buf_append_text(ask->out, "its turn comes: ");
    put_count(ask->out, clients, "client takes turns", "clients take turns");
    dc_buf_append_text(ask->out, ", with ");
    put_count(ask->out, batches, "batch", "batches");
    return true;
}

static void put_longest(const ask_t *ask)
{
    const dc_lease_t *longest = ask->survey->longest;
    if (!longest || ask->core->now - longest->since_ms < LONG_MS) return;
    const dc_batch_t *batch = longest->chunk->batch;
    dc_buf_append_text(ask->out, "; one is at a job of ");
    if (batch->is_plain) {
        dc_buf_append_text(ask->out, "a plain client");
    } else {
        dc_buf_printf(ask->out, "b%llu", (unsigned long long)batch->number);
    }
    dc_buf_append_text(ask->out, " for ");
    put_seconds(ask->out, ask->core->now - longest->since_ms);
}

static bool all_are_busy(const ask_t *ask)
{
    const dc_lane_t *lane = ask->batch->lane;
    bool is_common = dc_lane_is_common(lane);
    uint32_t count = is_common ? ask->core->slot_count : lane->slot_count;
    if (lane->idle_count) return false;
    if (count == 1) {
        dc_buf_append_text(ask->out, "the only slot");
    } else {
        dc_buf_printf(ask->out, "all %u slots", count);
    }
    if (!is_common) dc_buf_printf(ask->out, " with tag '%s'", lane->tag);
    dc_buf_append_text(ask->out, count == 1 ? " is busy" : " are busy");
    put_longest(ask);
    return true;
}

static bool is_next(const ask_t *ask)
{
    dc_buf_append_text(ask->out, "for its turn, which is next");
    return true;
}

// In the order in which they are looked for. The batch has a client behind the first, something to
// do behind `has_nothing_to_do`, jobs that are ready behind `needs_results`, and a worker that may
// compute them behind `has_no_worker_with_tag`.
static bool (*const reasons[])(const ask_t *ask) = {
    has_no_client,
    runs,
    is_held,
    has_nothing_to_do,
    comes_after_others,
    needs_results,
    has_no_worker,
    has_no_worker_with_tag,
    all_are_leaving,
    has_no_second_slot,
    is_not_read,
    is_over_rate,
    is_below_others,
    is_behind_its_own,
    takes_turns,
    all_are_busy,
    is_next,
};

void dc_why_put(const dc_core_t *self, const dc_survey_t *survey, const dc_batch_t *batch,
                dc_buf_t *out)
{
    ask_t ask = { self, survey, batch, out };
    size_t i = 0;
    while (!reasons[i](&ask)) {
        i++;
    }
}
