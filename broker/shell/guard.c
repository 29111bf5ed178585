#include "broker/shell/guard.h"

#include "common/limits.h"

// How soon a connection that is suspect is looked at again, and how soon all are, at the latest.
#define LOOK_AGAIN_MS 20
#define LOOK_MS       5000

void dc_guard_init(dc_guard_t *self)
{
    *self = (dc_guard_t){ .due_ms = 0 };
    dc_growth_init(&self->growth);
}

void dc_guard_fini(dc_guard_t *self)
{
    dc_growth_fini(&self->growth);
}

void dc_guard_run(dc_guard_t *self, dc_door_t *const *doors, bool is_tick, dc_ms_t now)
{
    bool has_grown = is_tick && dc_growth_is_above(&self->growth, DC_UNFINISHED_BYTES_MAX);
    if (now < self->due_ms && !has_grown) return;
    bool is_urgent = dc_door_look(doors[DC_SIDE_FRONT], now);
    is_urgent = dc_door_look(doors[DC_SIDE_BACK], now) || is_urgent;
    dc_growth_mark(&self->growth);
    self->due_ms = now + (is_urgent ? LOOK_AGAIN_MS : LOOK_MS);
}
