#include "broker/core/jobs/numbers.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/kept/pending.h"

// Whether a client can have had number `wish`: of a broker with a store it is one of those that
// were reserved. Without one numbers are counted on from the highest, and a wish beyond what
// anybody has counted is none. Those of the store itself were given before.
static bool is_possible(const dc_core_t *self, const dc_batch_t *batch, uint64_t wish)
{
    return batch->detached || wish <= dc_min_u64(self->number_end, DC_BATCH_NUMBER_MAX);
}

uint64_t dc_numbers_choose(const dc_core_t *self, const dc_batch_t *batch, uint64_t wish)
{
    bool is_free = wish && is_possible(self, batch, wish) && !dc_sessions_by_number(self, wish);
    uint64_t number = is_free ? wish : self->batch_number + 1;
    while (dc_sessions_by_number(self, number)) {
        number++;
    }
    return number;
}

void dc_numbers_give(dc_core_t *self, uint64_t number)
{
    self->batch_number = dc_max_u64(self->batch_number, number);
}

bool dc_numbers_refuse(const dc_core_t *self, const dc_client_t *client, uint32_t handle,
                       dc_actions_t *actions)
{
    if (self->batch_number < self->number_end) return false;
    dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_BUSY_RETRY_MS, actions,
                      "the broker has no number for the batch yet: its disk lags, or is full");
    return true;
}

void dc_numbers_look(dc_core_t *self, dc_actions_t *actions)
{
    uint64_t step = self->settings.numbers_step;
    bool are_enough = self->number_end - self->batch_number > step / 2;
    if (are_enough || self->is_number_asked || self->now < self->number_retry_ms) return;
    dc_store_op_t *op = dc_store_op_new(DC_STORE_NUMBERS, self->batch_number + step);
    if (!op) return; // asked for with the next tick
    self->is_number_asked = true;
    dc_pending_put(self, &op, actions);
}

void dc_numbers_stored(dc_core_t *self, const dc_store_op_t *op)
{
    self->is_number_asked = false;
    if (op->error == DC_OK) {
        self->number_end = dc_max_u64(self->number_end, op->batch);
    } else {
        self->number_retry_ms = self->now + DC_STORE_RETRY_MS;
    }
}
