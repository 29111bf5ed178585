#include "client/session.h"

#include "common/limits.h"

void dc_session_init(dc_session_t *self, const dc_session_settings_t *settings, uint64_t seed)
{
    *self = (dc_session_t){ .settings = *settings };
    dc_rng_init(&self->rng, seed);
}

void dc_session_set_now(dc_session_t *self, dc_ms_t now)
{
    if (self->now == 0) self->ticked_ms = self->lost_ms = now;
    if (now > self->now) self->now = now;
}

static dc_ms_t patience_ms(const dc_session_t *self)
{
    return self->settings.heartbeat_ms * self->settings.liveness_beats;
}

bool dc_session_send(dc_session_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    if (!self->is_open) return false;
    if (!dc_outcome_send(out, cmd)) {
        self->is_broken = true;
        return false;
    }
    // Before the first word no answer could be expected.
    if (!self->is_greeted) self->heard_ms = self->now;
    self->is_greeted = true;
    self->spoke_ms = self->now;
    return true;
}

bool dc_session_join(dc_session_t *self, const dc_cmd_t *cmd, dc_outcome_t *out)
{
    size_t added_bytes;
    if (!self->is_open || !dc_outcome_join(out, cmd, &added_bytes)) return false;
    self->sent += added_bytes;
    return true;
}

size_t dc_session_room(const dc_session_t *self)
{
    if (!self->is_open || self->is_broken || self->sent_max <= self->sent) return 0;
    uint64_t left = self->sent_max - self->sent;
    return left > DC_CHUNK_COST_BYTES ? (size_t)(left - DC_CHUNK_COST_BYTES) : 0;
}

void dc_session_count_chunk(dc_session_t *self, size_t bytes)
{
    self->sent += bytes + DC_CHUNK_COST_BYTES;
}

bool dc_session_hear(dc_session_t *self)
{
    bool is_first = !self->is_found;
    self->heard_ms = self->now;
    self->failures = 0;
    self->is_found = true;
    return is_first;
}

void dc_session_beat(dc_session_t *self, dc_outcome_t *out)
{
    if (!self->is_open || !self->is_greeted) return;
    if (self->now - self->spoke_ms < self->settings.heartbeat_ms) return;
    dc_session_send(self, &(dc_cmd_t){ .type = DC_CMD_HEARTBEAT }, out);
}

bool dc_session_must_end(const dc_session_t *self, bool *is_lost)
{
    *is_lost = false;
    if (!self->is_open) return false;
    if (self->is_broken) return true;
    if (!self->is_greeted) return false;
    // Who slept for so long is forgotten by the broker, whose own silence then says nothing.
    if (self->now - self->ticked_ms >= patience_ms(self)) return true;
    *is_lost = self->now - self->heard_ms >= patience_ms(self);
    return *is_lost;
}

bool dc_session_end(dc_session_t *self, bool is_lost, dc_ms_t delay_ms)
{
    bool was_found = self->is_found;
    self->is_open = false;
    self->connect_ms = self->now + delay_ms;
    if (!is_lost) return false;
    if (was_found) self->lost_ms = self->now;
    self->is_found = false;
    return was_found;
}

dc_ms_t dc_session_delay(dc_session_t *self, dc_ms_t min_ms, dc_ms_t max_ms, uint32_t count)
{
    dc_ms_t delay_ms = min_ms;
    while (count-- > 0 && delay_ms < max_ms) {
        delay_ms *= 2;
    }
    delay_ms = dc_min_u64(delay_ms, max_ms);
    return delay_ms - dc_rng_below(&self->rng, delay_ms / 2 + 1);
}

dc_ms_t dc_session_backoff(dc_session_t *self)
{
    return dc_session_delay(self, self->settings.reconnect_ms_min, self->settings.reconnect_ms_max,
                            self->failures++);
}

void dc_session_begin(dc_session_t *self, dc_outcome_t *out)
{
    out->connect = true;
    self->is_open = true;
    self->is_greeted = false;
    self->is_broken = false;
    self->heard_ms = self->spoke_ms = self->now;
    self->session_count++;
    self->sent = 0;
    self->sent_max = DC_CREDIT_INITIAL_BYTES;
    self->who_after = self->now + self->settings.heartbeat_ms;
}

dc_ms_t dc_session_deadline(const dc_session_t *self)
{
    if (self->now == 0 || self->is_broken) return 0;
    if (!self->is_open) return self->connect_ms;
    if (!self->is_greeted) return UINT64_MAX;
    return dc_min_u64(self->spoke_ms + self->settings.heartbeat_ms,
                      self->heard_ms + patience_ms(self));
}
