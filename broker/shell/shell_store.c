#include "broker/shell/shell_part.h"

#include <sysexits.h>

#include "common/clock.h"

static void log_trouble(dc_shell_t *self)
{
    uint64_t left_out;
    const char *trouble = dc_store_trouble(self->store);
    if (!*trouble || !dc_quota_take(&self->store_lines, self->now, &left_out)) return;
    dc_log(DC_LOG_ERROR, "not stored: %s", trouble);
}

// Said when it begins and when it is over.
static void log_stall(dc_shell_t *self)
{
    uint64_t bytes = dc_store_stalled_bytes(self->store);
    if (self->is_store_stalled == (bytes != 0)) return;
    self->is_store_stalled = bytes != 0;
    if (bytes) {
        dc_log(
            DC_LOG_WARN,
            "store read by others log_mib=%llu: it grows until they are done (a copy, or a tool)",
            (unsigned long long)bytes >> 20);
    } else {
        dc_log(DC_LOG_INFO, "store read by nobody else, its log is short again");
    }
}

// --- opening -----------------------------------------------------------------------------------

int dc_shell_open_store(dc_shell_t *self, const dc_shell_options_t *options,
                        dc_settings_t *settings)
{
    *settings = options->settings;
    settings->date_ms = dc_clock_date_ms() - dc_clock_ms();
    settings->has_store = options->data;
    settings->number_end = UINT64_MAX;
    settings->numbers_step = DC_STORE_NUMBERS_STEP;
    if (!options->data) return EX_OK;
    dc_diag_t diag;
    self->store = dc_store_open(options->data, options->store_bytes_max, &diag);
    if (!self->store) {
        dc_log(DC_LOG_ERROR, "%s (--data none: keep no batches)", diag.message);
        return EX_CANTCREAT;
    }
    if (!dc_store_use_cpu(self->store, options->store_cpu)) {
        dc_log(DC_LOG_ERROR,
               "--data-cpu: the broker may not use processor %d: it is not there (they count from "
               "0, `nproc --all` says how many), or its control group leaves it out",
               options->store_cpu);
        return EX_USAGE;
    }
    settings->batch_number = dc_store_highest(self->store);
    settings->number_end = settings->batch_number + settings->numbers_step;
    return EX_OK;
}

static bool take_found(void *context, const dc_store_op_t *op)
{
    dc_shell_t *self = context;
    dc_event_t event = { .type = DC_EVENT_FOUND, .found = op };
    dc_shell_take(self, &event);
    return !dc_core_is_short(self->core) && !self->actions.failed;
}

int dc_shell_recover(dc_shell_t *self)
{
    if (!self->store) return EX_OK;
    dc_us_t since_us = dc_clock_us();
    self->now = dc_clock_ms();
    dc_err_t err = dc_store_start(self->store, take_found, self);
    if (err == DC_OK && !take_found(self, NULL)) err = DC_ERR_NOMEM;
    if (err != DC_OK) {
        log_trouble(self);
        dc_log(DC_LOG_ERROR, "cannot start: the store cannot be read: %s", dc_err_text(err));
        return err == DC_ERR_NOMEM ? EX_OSERR : EX_IOERR;
    }
    dc_shell_carry_out(self);
    dc_log(DC_LOG_INFO, "store open epoch=%llu read_ms=%llu",
           (unsigned long long)dc_store_epoch(self->store),
           (unsigned long long)(dc_clock_us() - since_us) / 1000);
    return EX_OK;
}

// --- at work -----------------------------------------------------------------------------------

// What the disk did not do nobody is told of as done. Whoever starts the broker again finds what
// was committed.
static void fail_store(dc_shell_t *self)
{
    if (self->has_store_failed) return;
    dc_log(DC_LOG_ERROR,
           "stopping: the store failed, nothing is certain of what was not confirmed");
    self->has_store_failed = self->is_ending = true;
}

static void take_stored(dc_shell_t *self, dc_store_op_t **op_p)
{
    self->puts--;
    if ((*op_p)->error != DC_OK) log_trouble(self);
    if ((*op_p)->error == DC_ERR_STORE_FAILED) {
        fail_store(self);
    } else {
        dc_event_t event = { .type = DC_EVENT_STORED, .op = op_p };
        dc_shell_take(self, &event);
    }
    dc_store_op_destroy(op_p);
}

size_t dc_shell_read_store(dc_shell_t *self)
{
    dc_store_op_t *op;
    size_t count = 0;
    while (self->store && count < DC_TURN_STORED_MAX && (op = dc_store_poll(self->store))) {
        take_stored(self, &op);
        count++;
    }
    if (self->store) log_trouble(self);
    if (count) log_stall(self);
    dc_shell_carry_out(self);
    return count;
}

// No batch is opened any more: what was reserved and not given is free again.
static void give_numbers_back(dc_shell_t *self)
{
    uint64_t last = dc_core_batch_number(self->core);
    dc_store_op_t *op = self->store ? dc_store_op_new(DC_STORE_NUMBERS, last) : NULL;
    if (!op) return;
    dc_store_queue_t puts;
    dc_store_queue_init(&puts);
    dc_store_queue_push(&puts, op);
    dc_store_put(self->store, &puts);
    self->puts++;
}

void dc_shell_finish_store(dc_shell_t *self)
{
    give_numbers_back(self);
    dc_ms_t end = dc_clock_ms() + DC_FAREWELL_MS;
    while (self->puts && !self->has_store_failed && self->now < end) {
        dc_poll_t item = { .fd = dc_store_fd(self->store) };
        dc_net_poll(&item, 1, DC_TICK_MS);
        self->now = dc_clock_ms();
        dc_shell_read_store(self);
    }
}
