#include "broker/core/report/rate.h"

// Over how many seconds a rate is taken: long enough for chunks and their acknowledgements to even
// out, short enough to see a worker come or go.
#define WINDOW_SECONDS UINT64_C(5)
static_assert(WINDOW_SECONDS < DC_RATE_SECONDS, "the ring holds the window");

// What has just begun has no rate yet; without this a first answer would make it a huge one.
#define ELAPSED_MS_MIN 200

void dc_rate_add(dc_rate_t *self, dc_ms_t now, uint64_t count)
{
    uint64_t second = now / 1000;
    if (!self->has_begun) {
        self->has_begun = true;
        self->begun_ms = now;
        self->second = second;
    }
    if (second - self->second > DC_RATE_SECONDS) self->second = second - DC_RATE_SECONDS;
    while (self->second < second) {
        self->counts[++self->second % DC_RATE_SECONDS] = 0;
    }
    self->counts[second % DC_RATE_SECONDS] += (uint32_t)count;
}

uint32_t dc_rate_count(const dc_rate_t *self, dc_ms_t now, unsigned ago)
{
    uint64_t second = now / 1000;
    if (!self->has_begun || ago > second) return 0;
    second -= ago;
    bool is_held = second <= self->second && second + DC_RATE_SECONDS > self->second;
    return is_held ? self->counts[second % DC_RATE_SECONDS] : 0;
}

double dc_rate_per_second(const dc_rate_t *self, dc_ms_t now)
{
    if (!self->has_begun) return 0;
    double count = 0;
    for (unsigned ago = 0; ago < WINDOW_SECONDS; ago++) {
        count += dc_rate_count(self, now, ago);
    }
    uint64_t window_ms = (WINDOW_SECONDS - 1) * 1000 + now % 1000;
    uint64_t elapsed_ms = dc_min_u64(now - self->begun_ms, window_ms);
    return count * 1000 / (double)dc_max_u64(elapsed_ms, ELAPSED_MS_MIN);
}
