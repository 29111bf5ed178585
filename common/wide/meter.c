#include "common/wide/meter.h"

#include <math.h>

#include "common/clock.h"

// The clock and the cancel flag are looked at whenever so many steps more were taken: about once in
// a millisecond.
#define CHECK_STEPS 1000

#define BITS_PER_STEP 2048

// To print or to read n words takes GMP time as n^1.5, from fifty words to forty thousand.
#define WORD_BITS      64
#define POWER_PER_STEP 100

void dc_meter_start(dc_meter_t *self, const dc_budget_t *budget, uint64_t steps)
{
    *self = (dc_meter_t){ .budget = budget, .steps = steps };
}

dc_err_t dc_meter_look(dc_meter_t *self)
{
    const dc_budget_t *budget = self->budget;
    if (!budget) return DC_OK;
    if (self->steps > budget->steps_max) return DC_ERR_STEPS;
    if (budget->cancel && atomic_load_explicit(budget->cancel, memory_order_relaxed))
        return DC_ERR_CANCELLED;
    if (budget->deadline_us && dc_clock_awake_us() >= budget->deadline_us) return DC_ERR_TIME;
    // The limit is met to the step; the rest in time.
    self->checkpoint = dc_min_u64(self->steps + CHECK_STEPS, budget->steps_max);
    return DC_OK;
}

dc_err_t dc_meter_charge(dc_meter_t *self, uint64_t steps)
{
    self->steps += steps;
    return self->steps > self->checkpoint ? dc_meter_look(self) : DC_OK;
}

dc_err_t dc_meter_charge_product(dc_meter_t *self, uint64_t bits)
{
    return dc_meter_charge(self, 1 + bits / BITS_PER_STEP);
}

dc_err_t dc_meter_charge_digits(dc_meter_t *self, uint64_t bits)
{
    // A root is correctly rounded, so it is the same everywhere.
    double words = (double)(bits / WORD_BITS);
    return dc_meter_charge(self, (uint64_t)(words * sqrt(words) / POWER_PER_STEP));
}
