#include "broker/core/core.h"

#include <stdlib.h>

#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/jobs/numbers.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/jobs/tree.h"
#include "broker/core/kept/deletion.h"
#include "broker/core/kept/keep.h"
#include "broker/core/leave.h"
#include "broker/core/on_client.h"
#include "broker/core/on_found.h"
#include "broker/core/on_store.h"
#include "broker/core/on_worker.h"
#include "broker/core/report/measure.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/schedule/scheduler.h"
#include "broker/core/schedule/terms.h"
#include "broker/core/slots/loss.h"
#include "broker/core/slots/registry.h"

dc_core_t *dc_core_new(const dc_settings_t *settings, uint64_t seed)
{
    dc_core_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->settings = *settings;
    self->lowest_level = DC_LEVELS - 1;
    self->batch_number = settings->batch_number;
    self->number_end = settings->number_end;
    self->keeper.is_keeper = true;
    dc_allowance_begin(self, &self->keeper);
    dc_store_queue_init(&self->unstored);
    dc_rng_init(&self->rng, seed);
    dc_pool_init(&self->pools.batches, sizeof(dc_batch_t));
    dc_pool_init(&self->pools.chunks, sizeof(dc_chunk_t));
    dc_pool_init(&self->pools.leases, sizeof(dc_lease_t));
    dc_pool_init(&self->pools.early, sizeof(dc_early_t));
    return self;
}

void dc_core_destroy(dc_core_t **self_p)
{
    dc_core_t *self = *self_p;
    if (!self) return;
    dc_actions_t actions;
    dc_actions_init(&actions);
    while (self->batches) {
        dc_sessions_drop(self, self->batches, &actions);
    }
    while (self->clients) {
        dc_sessions_end(self, self->clients, &actions);
    }
    while (self->lost) {
        dc_sessions_take_lost(self, self->lost->peer);
    }
    while (self->slots) {
        dc_loss_of_slot(self, self->slots, DC_BLAME_NOBODY, "end", &actions);
    }
    dc_actions_fini(&actions);
    dc_store_queue_fini(&self->unstored);
    dc_deletion_clear(self);
    free(self->keeper.stats);
    dc_registry_clear_graves(self, true);
    dc_ready_free_spare(self);
    dc_pool_fini(&self->pools.batches);
    dc_pool_fini(&self->pools.chunks);
    dc_pool_fini(&self->pools.leases);
    dc_pool_fini(&self->pools.early);
    free(self);
    *self_p = NULL;
}

bool dc_core_has_left(const dc_core_t *self)
{
    return self->leased_count == 0;
}

bool dc_core_is_short(const dc_core_t *self)
{
    return self->is_short;
}

void dc_core_set_us(dc_core_t *self, dc_us_t now_us)
{
    if (self->began_us == 0) self->began_us = now_us;
    self->now_us = dc_max_u64(self->now_us, now_us);
}

// Time as the core counts it. A gap of more than a heartbeat means that the broker was stopped:
// its peers may have spoken all the while, so that time counts for nothing.
static void set_time(dc_core_t *self, dc_ms_t now)
{
    if (self->step_ms) {
        dc_ms_t gap = now - self->step_ms;
        if (gap > self->settings.heartbeat_ms) self->slept_ms += gap - DC_TICK_MS;
    }
    self->step_ms = now;
    self->now = now - self->slept_ms;
    dc_core_set_us(self, now * 1000);
}

void dc_core_set_limits(dc_core_t *self, dc_ms_t now, const dc_settings_t *settings)
{
    set_time(self, now);
    self->settings.memory_bytes_max = settings->memory_bytes_max;
    self->settings.orphan_ms = settings->orphan_ms;
    self->settings.keep_ms = settings->keep_ms;
    self->settings.batch_bytes_max = settings->batch_bytes_max;
    self->settings.store_batches_max = settings->store_batches_max;
    self->settings.outstanding_max = settings->outstanding_max;
    self->settings.expr_bytes_max = settings->expr_bytes_max;
    dc_allowance_set(self, settings);
}

static void beat_slots(dc_core_t *self, dc_actions_t *actions)
{
    const dc_slot_t *slot;
    while ((slot = dc_registry_tell(self))) {
        dc_actions_to_worker(actions, slot->peer, &(dc_cmd_t){ .type = DC_CMD_BEAT });
    }
}

static void beat_clients(dc_core_t *self, dc_actions_t *actions)
{
    if (self->now - self->beat_ms < self->settings.heartbeat_ms) return;
    self->beat_ms = self->now;
    dc_cmd_t to_client = { .type = DC_CMD_HEARTBEAT };
    for (const dc_client_t *client = self->clients; client; client = client->hh.next) {
        if (!client->is_plain) dc_actions_to_client(actions, client->peer, &to_client);
    }
}

// More slots, or less memory in use, may mean more credit.
static void grant_all(dc_core_t *self, dc_actions_t *actions)
{
    for (dc_client_t *client = self->clients; client; client = client->hh.next) {
        bool is_sending = client->batches || client->submitted;
        if (!client->is_plain && is_sending) dc_sessions_grant(self, client, actions);
    }
}

static void tick(dc_core_t *self, dc_actions_t *actions)
{
    dc_slot_t *slot;
    while ((slot = dc_registry_silent(self))) {
        dc_loss_of_slot(self, slot, DC_BLAME_RUNNING, "silent", actions);
    }
    dc_loss_of_overdue(self, actions);
    dc_tree_tick(self, actions);
    dc_packed_tick(self);
    dc_terms_expire(self, actions);
    dc_after_expire(self, actions);
    dc_sessions_expire(self, actions);
    dc_keep_tick(self, actions);
    dc_numbers_look(self, actions);
    dc_viewer_tick(self, actions);
    dc_registry_clear_graves(self, false);
    grant_all(self, actions);
    beat_slots(self, actions);
    beat_clients(self, actions);
    dc_measure_tick(self);
    dc_allowance_tick(self);
    self->is_steal_due = self->is_search_due = true;
}

// What fails since what it depends on has failed; one may doom others.
static void settle(dc_core_t *self, dc_actions_t *actions)
{
    while (self->doomed || self->doomed_batches) {
        dc_needs_settle(self, actions);
        dc_after_settle(self, actions);
    }
}

void dc_core_step(dc_core_t *self, dc_ms_t now, const dc_event_t *event, dc_actions_t *actions)
{
    set_time(self, now);
    switch (event->type) {
    case DC_EVENT_CLIENT: dc_on_client(self, event->peer, event->cmd, actions); break;
    case DC_EVENT_WORKER: dc_on_worker(self, event->peer, event->cmd, actions); break;
    case DC_EVENT_CLIENT_GONE: dc_on_client_gone(self, event->peer, actions); break;
    case DC_EVENT_WORKER_GONE: dc_on_worker_gone(self, event->peer, actions); break;
    case DC_EVENT_STORED: dc_on_stored(self, event->op, actions); break;
    case DC_EVENT_FOUND: self->is_short |= !dc_on_found(self, event->found, actions); break;
    case DC_EVENT_TICK: tick(self, actions); break;
    case DC_EVENT_STOP: dc_leave_begin(self, actions); break;
    case DC_EVENT_FAREWELL: dc_leave_end(self, actions); break;
    }
    settle(self, actions);
}

void dc_core_dispatch(dc_core_t *self, dc_ms_t now, dc_actions_t *actions)
{
    set_time(self, now);
    if (!self->is_leaving) dc_scheduler_run(self, actions);
}

dc_ms_t dc_core_wait_ms(const dc_core_t *self)
{
    if (!self->look_ms || self->is_leaving) return UINT64_MAX;
    return self->look_ms > self->now ? self->look_ms - self->now : 0;
}

uint64_t dc_core_batch_number(const dc_core_t *self)
{
    return self->batch_number;
}

bool dc_core_is_idle(const dc_core_t *self)
{
    return self->lease_count == 0 && self->job_count == self->answered_count;
}
