#include "broker/core/peers/quota.h"

bool dc_quota_take(dc_quota_t *self, dc_ms_t now, uint64_t *left_out)
{
    uint64_t regained = (now - self->since_ms) / self->every_ms;
    if (regained >= self->used) {
        self->used = 0;
        self->since_ms = now;
    } else {
        self->used -= (uint32_t)regained;
        self->since_ms += regained * self->every_ms;
    }
    if (self->used == self->burst) {
        self->left_out++;
        return false;
    }
    self->used++;
    *left_out = self->left_out;
    self->left_out = 0;
    return true;
}
