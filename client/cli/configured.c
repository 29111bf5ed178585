#include "client/cli/configured.h"

#include <string.h>
#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/print/sink.h"
#include "common/csv.h"
#include "common/json_writer.h"
#include "common/options_show.h"

static dc_options_format_t format_of(const dc_cli_settings_t *settings)
{
    return settings->output < 0 ? DC_OPTIONS_TEXT : (dc_options_format_t)settings->output;
}

// --- the file ----------------------------------------------------------------------------------

static void put_object(const dc_options_t *options, dc_buf_t *out)
{
    const char *path = dc_options_config_path(options);
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_json_put_key(&json, "file");
    if (path) {
        dc_json_put_string(&json, dc_str_from(path));
    } else {
        dc_json_put_null(&json);
    }
    dc_json_put_key(&json, "profiles");
    dc_json_begin_array(&json);
    size_t at = 0;
    dc_str_t profile;
    while (dc_options_next_profile(options, &at, &profile)) {
        dc_json_put_string(&json, profile);
    }
    dc_json_end_array(&json);
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}

static void put_profiles(const dc_options_t *options, const char *between, dc_buf_t *out)
{
    size_t len = out->len;
    size_t at = 0;
    dc_str_t profile;
    while (dc_options_next_profile(options, &at, &profile)) {
        if (out->len > len) dc_buf_append_text(out, between);
        dc_buf_append_str(out, profile);
    }
}

static void put_record(const dc_options_t *options, char delimiter, dc_buf_t *out)
{
    const char *path = dc_options_config_path(options);
    dc_buf_printf(out, "file%cprofiles\n", delimiter);
    if (delimiter == DC_CSV_COMMA) {
        dc_csv_put(out, dc_str_from(path));
    } else {
        dc_buf_append_text(out, path ? path : "");
    }
    dc_buf_append_char(out, delimiter);
    put_profiles(options, " ", out);
    dc_buf_append_char(out, '\n');
}

static void put_sentence(const dc_options_t *options, dc_buf_t *out)
{
    const char *path = dc_options_config_path(options);
    dc_buf_printf(out, "%s: sound", path ? path : "no configuration file");
    size_t len = out->len;
    dc_buf_append_text(out, "; profiles: ");
    size_t named = out->len;
    put_profiles(options, ", ", out);
    if (out->len == named) out->len = len;
    dc_buf_append_char(out, '\n');
}

static int check(const dc_cli_settings_t *settings, const dc_options_t *options,
                 dc_console_t *console, dc_buf_t *out)
{
    if (!dc_options_check_file(options, &console->buf)) return EX_CONFIG;
    switch (format_of(settings)) {
    case DC_OPTIONS_TEXT: put_sentence(options, out); break;
    case DC_OPTIONS_JSON: put_object(options, out); break;
    case DC_OPTIONS_CSV: put_record(options, DC_CSV_COMMA, out); break;
    case DC_OPTIONS_TSV: put_record(options, DC_CSV_TAB, out); break;
    }
    return 0;
}

// --- all of it ---------------------------------------------------------------------------------

int dc_configured(const dc_cli_settings_t *settings, const dc_options_t *options,
                  dc_console_t *console)
{
    dc_sink_t sink;
    int status = 0;
    int error = dc_sink_open(&sink, settings->output_file);
    if (error) {
        dc_sink_fini(&sink);
        return dc_exit_status_say_uncreated(console, settings->output_file, error);
    }
    if (settings->check) {
        status = check(settings, options, console, &sink.buf);
    } else {
        dc_options_show(options, format_of(settings), &sink.buf);
    }
    error = status ? 0 : dc_sink_finish(&sink);
    if (status) dc_sink_discard(&sink);
    if (error) {
        const char *name = settings->output_file ? settings->output_file : "the settings";
        status = dc_exit_status_say_unwritten(console, name, error);
    }
    dc_sink_fini(&sink);
    return status;
}

// --- what was wrong ----------------------------------------------------------------------------

// Is it what `said` begins with: `dcalc: --wait`, and not `--wait-for`?
static bool is_blamed(dc_str_t said, const char *name)
{
    static const dc_str_t start = { "dcalc: --", 9 };
    if (!dc_str_begins(said, start)) return false;
    said = dc_str_behind(said, start.len);
    if (!dc_str_begins(said, dc_str_from(name))) return false;
    said = dc_str_behind(said, strlen(name));
    return said.len && said.data[0] != '-' && (said.data[0] < 'a' || said.data[0] > 'z');
}

int dc_configured_blame(const dc_options_t *options, dc_buf_t *said)
{
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        dc_origin_t origin = dc_options_origin(options, i);
        const char *name = dc_cli_options.options[i].name;
        if (origin != DC_ORIGIN_FILE && origin != DC_ORIGIN_ENVIRONMENT) continue;
        if (!is_blamed(dc_buf_str(said), name)) continue;
        dc_buf_printf(said, "       --%s is from ", name);
        dc_options_put_origin(options, i, said);
        dc_buf_append_char(said, '\n');
        return EX_CONFIG;
    }
    return EX_USAGE;
}
