#include "broker/core/schedule/bucket.h"

#include <math.h>

double dc_bucket_fill(dc_bucket_t *self, double rate, double burst, dc_ms_t now)
{
    self->tokens = fmin(self->tokens + rate * (double)(now - self->since_ms) / 1000, burst);
    self->since_ms = now;
    return self->tokens;
}

dc_ms_t dc_bucket_wait_ms(const dc_bucket_t *self, double rate)
{
    if (self->tokens >= 1) return 0;
    return (dc_ms_t)ceil((1 - self->tokens) * 1000 / rate);
}
