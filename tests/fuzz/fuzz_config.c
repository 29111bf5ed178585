// Any bytes as a configuration: reading, checking and putting variables in end, and what is found
// lies where it is said to.
#include <stdlib.h>

#include "common/config_check.h"
#include "common/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *look_up(const char *name)
{
    return strlen(name) % 2 ? "5" : NULL;
}

// A value without a dollar is as it was; any other never gets longer than its text and what each
// variable stands for.
static void check_value(const char *value)
{
    dc_buf_t out = { 0 };
    dc_buf_t message = { 0 };
    dc_config_expanded_t expanded = dc_config_expand(value, look_up, &out, &message);
    bool has_dollar = strchr(value, '$');
    if (!has_dollar && !dc_str_eq(dc_buf_str(&out), dc_str_from(value))) abort();
    if (!has_dollar && expanded != DC_CONFIG_EXPANDED) abort();
    if (out.len > strlen(value)) abort();
    if ((expanded == DC_CONFIG_EXPANDED) != (message.len == 0)) abort();
    dc_buf_fini(&out);
    dc_buf_fini(&message);
}

static void check_entries(const dc_config_t *config, size_t line_count)
{
    uint32_t line = 0;
    for (size_t i = 0; i < dc_config_count(config); i++) {
        const dc_config_entry_t *entry = dc_config_at(config, i);
        if (entry->line <= line || entry->line > line_count) abort();
        line = entry->line;
        check_value(entry->value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_str_t text = { (const char *)data, size };
    dc_buf_t message = { 0 };
    dc_config_t *config = dc_config_parse("f", text, &message);
    if (!config != (message.len > 0)) abort();
    if (config) {
        check_entries(config, dc_str_count_lines(text));
        bool is_known = dc_config_check_names(config, dc_tables, &message);
        if (is_known != (message.len == 0)) abort();
        bool is_sound = dc_config_check_values(config, dc_tables, NULL, look_up, &message);
        if (is_known && is_sound != (message.len == 0)) abort();
    }
    dc_config_destroy(&config);
    dc_buf_fini(&message);
    return 0;
}
