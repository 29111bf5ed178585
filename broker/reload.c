#include "broker/reload.h"

#include <string.h>
#include <unistd.h>

#include "common/log.h"

static const char *const changeable[] = {
    "log-level", "memory-max", "orphan",     "keep",        "max-batch",       "max-batches",
    "rate",      "burst",      "rate-bytes", "burst-bytes", "outstanding-max", "max-expr",
};

// Half of the machine's memory, since workers often run beside the broker.
static uint64_t get_memory_default(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_bytes = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_bytes <= 0) return dc_settings_default().memory_bytes_max;
    return (uint64_t)pages * (uint64_t)page_bytes / 2;
}

dc_settings_t dc_reload_settings(const dc_broker_options_t *options)
{
    uint64_t memory = options->memory_bytes_max;
    return (dc_settings_t){
        .heartbeat_ms = options->heartbeat_ms,
        .liveness_beats = (uint32_t)options->liveness_beats,
        .orphan_ms = options->orphan_ms,
        .keep_ms = options->keep_ms,
        .batch_bytes_max = options->batch_bytes_max,
        .store_bytes_max = options->store_bytes_max ? options->store_bytes_max : UINT64_MAX,
        .store_batches_max = (uint64_t)options->store_batches_max,
        .rate_max = (uint64_t)options->rate_max,
        .burst = (uint64_t)options->burst,
        .rate_bytes_max = options->rate_bytes_max,
        .burst_bytes = options->burst_bytes,
        .outstanding_max = (uint64_t)options->outstanding_max,
        .expr_bytes_max = options->expr_bytes_max,
        .reading_bytes_max = DC_STORE_READING_BYTES_MAX,
        .memory_bytes_max = memory ? memory : get_memory_default(),
    };
}

// Whether a change of the option can only be told: what is meant once, and where settings are
// found, are none.
static bool needs_restart(const dc_option_t *option)
{
    const unsigned others = DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT | DC_OPTION_FINDS_FILE;
    if (option->flags & others) return false;
    for (size_t i = 0; i < DC_ARRAY_LEN(changeable); i++) {
        if (strcmp(option->name, changeable[i]) == 0) return false;
    }
    return true;
}

static bool is_same(const dc_option_t *option, const void *one, const void *other)
{
    dc_buf_t left = { 0 };
    dc_buf_t right = { 0 };
    dc_option_put_value(option, (const char *)one + option->offset, &left);
    dc_option_put_value(option, (const char *)other + option->offset, &right);
    bool is = dc_str_eq(dc_buf_str(&left), dc_buf_str(&right));
    dc_buf_fini(&left);
    dc_buf_fini(&right);
    return is;
}

static void tell_of_restart(const dc_reload_t *self, const dc_broker_options_t *now)
{
    for (size_t i = 0; i < dc_broker_options.count; i++) {
        const dc_option_t *option = &dc_broker_options.options[i];
        if (!needs_restart(option) || is_same(option, self->started, now)) continue;
        dc_log(DC_LOG_WARN, "setting needs a restart option=%s", option->name);
    }
}

static void tell_what_is_wrong(dc_str_t message)
{
    dc_str_t line;
    dc_log(DC_LOG_ERROR, "settings are wrong, and stay as they were");
    while (dc_str_take_line(&message, &line)) {
        dc_log(DC_LOG_ERROR, "%.*s", (int)line.len, line.data);
    }
}

bool dc_reload_read(const dc_reload_t *self, dc_settings_t *settings)
{
    dc_broker_options_t now;
    dc_buf_t message = { 0 };
    dc_options_t *options = dc_options_new(&dc_broker_options, &now);
    bool is_read = options && dc_options_parse(options, self->argc, self->argv, &message) == 0;
    if (is_read) {
        tell_of_restart(self, &now);
        dc_log_set_level((dc_log_level_t)now.daemon.log_level);
        *settings = dc_reload_settings(&now);
        const char *path = dc_options_config_path(options);
        dc_log(DC_LOG_INFO, "settings read again file=%s", path ? path : "none");
    } else {
        tell_what_is_wrong(dc_buf_str(&message));
    }
    dc_options_destroy(&options);
    dc_buf_fini(&message);
    return is_read;
}
