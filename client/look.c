#include "client/look.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

#include "client/connection.h"
#include "client/grid.h"
#include "client/ids.h"
#include "client/numfmt.h"
#include "client/printer.h"
#include "client/sink.h"
#include "client/text.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/json_writer.h"
#include "common/limits.h"
#include "common/pull.h"

typedef struct look {
    const dc_cli_settings_t *settings;
    dc_console_t *console;
    dc_connection_t connection;
    dc_printer_format_t format;
    dc_buf_t answer; // owned: the broker's JSON
    dc_json_t *json; // owned: the same, read
    dc_buf_t *out;   // borrowed: what is printed
} look_t;

// --- reading the answer ------------------------------------------------------------------------

static int complain_answer(look_t *self)
{
    dc_buf_append_text(&self->console->buf,
                       "dcalc: the broker's answer is not understood: another version?\n");
    return EX_PROTOCOL;
}

static int ask(look_t *self, const char *what)
{
    dc_diag_t diag;
    self->answer.len = 0;
    dc_json_destroy(&self->json);
    int status =
        dc_connection_ask(&self->connection, self->settings, self->console, what, 0, &self->answer);
    if (status) return status;
    self->json =
        dc_json_parse(dc_buf_str(&self->answer), DC_FRAME_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    return self->json ? 0 : complain_answer(self);
}

static uint64_t number_of(const dc_json_t *object, const char *name)
{
    uint64_t value = 0;
    dc_diag_t diag;
    return dc_json_read_u64(object, name, INT64_MAX, &value, &diag) ? value : 0;
}

static dc_str_t text_of(const dc_json_t *object, const char *name)
{
    dc_str_t value = DC_STR("");
    dc_diag_t diag;
    return dc_json_read_string(object, name, &value, &diag) ? value : DC_STR("");
}

// A broker that does not count the jobs of an open batch says null.
static bool has_number(const dc_json_t *object, const char *name)
{
    const dc_json_t *member = dc_json_member(object, name);
    return member && dc_json_type(member) == DC_JSON_NUMBER;
}

// --- printing ----------------------------------------------------------------------------------

// The objects of the array `name`, one a line, each with a version.
static void print_objects(look_t *self, const char *name)
{
    dc_pull_t pull;
    dc_str_t key;
    dc_pull_begin(&pull, dc_buf_str(&self->answer));
    if (!dc_pull_object(&pull)) return;
    while (dc_pull_member(&pull, &key)) {
        if (!dc_str_eq(key, dc_str_from(name))) {
            if (!dc_pull_skip(&pull)) return;
            continue;
        }
        bool is_array = dc_pull_array(&pull);
        while (is_array && dc_pull_item(&pull)) {
            dc_pull_next(&pull);
            const char *start = pull.at;
            if (!dc_pull_skip(&pull)) return;
            dc_str_t object = dc_str_trim(dc_str(start, (size_t)(pull.at - start)));
            if (object.len < 2) return;
            dc_buf_append_text(self->out, "{\"v\":1,");
            dc_buf_append(self->out, object.data + 1, object.len - 1);
            dc_buf_append_char(self->out, '\n');
        }
    }
}

static void print_grid(look_t *self, dc_grid_t *grid)
{
    if (self->format == DC_PRINT_TEXT) {
        dc_grid_print(grid, self->out);
    } else {
        dc_grid_print_delimited(grid, self->format == DC_PRINT_TSV ? '\t' : ',', self->out);
    }
    dc_grid_fini(grid);
}

// A cell from a number: for people as `put` writes it, else as it is.
static void put_number(look_t *self, dc_grid_t *grid, uint64_t number,
                       void (*put)(dc_buf_t *out, uint64_t count))
{
    dc_buf_t text = { 0 };
    if (self->format == DC_PRINT_TEXT) {
        put(&text, number);
    } else {
        dc_buf_printf(&text, "%llu", (unsigned long long)number);
    }
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

static void put_age(dc_buf_t *out, uint64_t ms)
{
    dc_numfmt_put_age(out, (double)ms / 1000);
}

static void put_rate(dc_buf_t *out, uint64_t rate)
{
    dc_numfmt_put_short(out, (double)rate);
    dc_buf_append_text(out, "/s");
}

// --- ping --------------------------------------------------------------------------------------

static void print_ping(look_t *self, double seconds)
{
    static const dc_grid_column_t columns[] = { { "URL", false },
                                                { "VERSION", false },
                                                { "WORKERS", true },
                                                { "SLOTS", true },
                                                { "MS", true } };
    uint64_t workers = number_of(self->json, "workers") + number_of(self->json, "plain");
    uint64_t slots = number_of(self->json, "slots") + number_of(self->json, "plain");
    dc_str_t version = text_of(self->json, "version");
    const char *url = dcalc_url(self->connection.dcalc);
    double ms = (double)(uint64_t)(seconds * 1e6) / 1000;
    if (self->format == DC_PRINT_TEXT) {
        dc_buf_printf(self->out, "ok  %s  broker ", url);
        dc_text_put_safe(self->out, version);
        dc_buf_printf(self->out, "  %llu worker%s, %llu slot%s  ", (unsigned long long)workers,
                      workers == 1 ? "" : "s", (unsigned long long)slots, slots == 1 ? "" : "s");
        dc_numfmt_put_latency(self->out, seconds);
        dc_buf_append_char(self->out, '\n');
    } else if (self->format == DC_PRINT_JSON) {
        dc_json_writer_t json = dc_json_writer(self->out);
        dc_json_begin_object(&json);
        dc_json_put_member_u64(&json, "v", 1);
        dc_json_put_member_string(&json, "url", dc_str_from(url));
        dc_json_put_member_string(&json, "version", version);
        dc_json_put_member_u64(&json, "workers", workers);
        dc_json_put_member_u64(&json, "slots", slots);
        dc_json_put_member_number(&json, "ms", ms);
        dc_json_end_object(&json);
        dc_buf_append_char(self->out, '\n');
    } else {
        dc_grid_t grid;
        dc_grid_init(&grid, columns, DC_ARRAY_LEN(columns));
        dc_grid_put(&grid, dc_str_from(url));
        dc_grid_put(&grid, version);
        put_number(self, &grid, workers, NULL);
        put_number(self, &grid, slots, NULL);
        dc_buf_t text = { 0 };
        dc_buf_printf(&text, "%.3f", ms);
        dc_grid_put(&grid, dc_buf_str(&text));
        dc_buf_fini(&text);
        print_grid(self, &grid);
    }
}

// The first answer includes connecting; the second one tells how fast the broker answers.
static int ping(look_t *self)
{
    int status = ask(self, "ping");
    if (status) return status;
    dc_us_t start = dc_clock_us();
    status = ask(self, "ping");
    if (!status) print_ping(self, (double)(dc_clock_us() - start) / 1e6);
    return status;
}

// --- workers -----------------------------------------------------------------------------------

static const char *state_of_slot(const dc_json_t *slot)
{
    bool is_draining = false;
    dc_diag_t diag;
    if (!dc_json_read_bool(slot, "draining", &is_draining, &diag)) return "";
    if (is_draining) return "draining";
    return number_of(slot, "leases") ? "busy" : "idle";
}

static int workers(look_t *self)
{
    static const dc_grid_column_t columns[] = { { "WORKER", false }, { "SLOT", false },
                                                { "HOST", false },   { "STATE", false },
                                                { "JOBS", true },    { "HEARD", true },
                                                { "AGE", true } };
    int status = ask(self, "workers");
    if (status) return status;
    if (self->format == DC_PRINT_JSON) {
        print_objects(self, "slots");
        return 0;
    }
    const dc_json_t *slots = dc_json_member(self->json, "slots");
    dc_grid_t grid;
    dc_grid_init(&grid, columns, DC_ARRAY_LEN(columns));
    for (size_t i = 0; i < dc_json_len(slots); i++) {
        const dc_json_t *slot = dc_json_at(slots, i);
        dc_grid_put(&grid, text_of(slot, "worker"));
        dc_grid_put(&grid, text_of(slot, "id"));
        dc_grid_put(&grid, text_of(slot, "host"));
        dc_grid_put(&grid, dc_str_from(state_of_slot(slot)));
        put_number(self, &grid, number_of(slot, "jobs"), dc_numfmt_put_count);
        put_number(self, &grid, number_of(slot, "silent_ms"), put_age);
        put_number(self, &grid, number_of(slot, "age_ms"), put_age);
    }
    print_grid(self, &grid);
    return 0;
}

// --- batches -----------------------------------------------------------------------------------

static uint64_t rate_of(const dc_json_t *batch)
{
    uint64_t age_ms = number_of(batch, "age_ms");
    return age_ms ? number_of(batch, "done") * 1000 / age_ms : 0;
}

static int list(look_t *self)
{
    static const dc_grid_column_t columns[] = { { "ID", false },    { "NAME", false },
                                                { "STATE", false }, { "JOBS", true },
                                                { "DONE", true },   { "RATE", true },
                                                { "AGE", true } };
    int status = ask(self, "list");
    if (status) return status;
    if (self->format == DC_PRINT_JSON) {
        print_objects(self, "batches");
        return 0;
    }
    const dc_json_t *batches = dc_json_member(self->json, "batches");
    dc_grid_t grid;
    dc_grid_init(&grid, columns, DC_ARRAY_LEN(columns));
    for (size_t i = 0; i < dc_json_len(batches); i++) {
        const dc_json_t *batch = dc_json_at(batches, i);
        dc_grid_put(&grid, text_of(batch, "batch"));
        dc_grid_put(&grid, text_of(batch, "name"));
        dc_grid_put(&grid, text_of(batch, "state"));
        if (has_number(batch, "jobs")) {
            put_number(self, &grid, number_of(batch, "jobs"), dc_numfmt_put_count);
        } else {
            dc_grid_put(&grid, DC_STR(""));
        }
        put_number(self, &grid, number_of(batch, "done"), dc_numfmt_put_count);
        put_number(self, &grid, rate_of(batch), put_rate);
        put_number(self, &grid, number_of(batch, "age_ms"), put_age);
    }
    print_grid(self, &grid);
    return 0;
}

static void put_how_far(const dc_json_t *batch, dc_buf_t *out)
{
    uint64_t done = number_of(batch, "done");
    dc_numfmt_put_count(out, done);
    if (has_number(batch, "jobs")) {
        uint64_t jobs = number_of(batch, "jobs");
        dc_buf_append_text(out, " of ");
        dc_numfmt_put_count(out, jobs);
        if (jobs) dc_buf_printf(out, " (%.0f %%)", 100.0 * (double)done / (double)jobs);
    } else {
        dc_buf_append_text(out, " done, its client still sends");
    }
    uint64_t rate = rate_of(batch);
    dc_buf_append_text(out, "   ");
    put_rate(out, rate);
    if (rate && has_number(batch, "jobs") && number_of(batch, "jobs") > done) {
        dc_buf_append_text(out, "   about ");
        dc_numfmt_put_seconds(out, (double)(number_of(batch, "jobs") - done) / (double)rate);
        dc_buf_append_text(out, " left");
    }
}

static void put_status(look_t *self, const dc_json_t *batch)
{
    dc_buf_t *out = self->out;
    dc_str_t why = text_of(batch, "why");
    dc_str_t name = text_of(batch, "name");
    dc_text_put_safe(out, text_of(batch, "batch"));
    dc_buf_append_char(out, ' ');
    dc_text_put_safe(out, name.len ? name : DC_STR("-"));
    dc_buf_append_text(out, "   ");
    dc_text_put_safe(out, text_of(batch, "state"));
    if (why.len) {
        dc_buf_append_char(out, ' ');
        put_age(out, number_of(batch, "age_ms"));
        dc_buf_append_text(out, ": ");
        dc_text_put_safe(out, why);
    }
    dc_buf_append_text(out, "   ");
    put_how_far(batch, out);
    dc_buf_append_char(out, '\n');
}

static int status_of(look_t *self, const dc_json_t *batch)
{
    if (self->format == DC_PRINT_TEXT) {
        put_status(self, batch);
        return 0;
    }
    self->answer.len = 0;
    int status = dc_connection_ask(&self->connection, self->settings, self->console, "status",
                                   number_of(batch, "number"), &self->answer);
    if (status) return status;
    dc_buf_append_str(self->out, dc_buf_str(&self->answer));
    dc_buf_append_char(self->out, '\n');
    return 0;
}

static int cancel(look_t *self, const dc_json_t *batch)
{
    self->answer.len = 0;
    int status = dc_connection_ask(&self->connection, self->settings, self->console, NULL,
                                   number_of(batch, "number"), &self->answer);
    if (status) return status;
    if (self->format == DC_PRINT_JSON) {
        dc_buf_append_text(self->out, "{\"v\":1,\"batch\":\"");
        dc_text_put_safe(self->out, text_of(batch, "batch"));
        dc_buf_append_text(self->out, "\",\"state\":\"cancelled\"}\n");
    } else if (self->format == DC_PRINT_TEXT) {
        dc_text_put_safe(self->out, text_of(batch, "batch"));
        dc_buf_append_text(self->out, ": cancelled\n");
    }
    return 0;
}

static bool matches(const char *id, const dc_json_t *batch, bool is_last)
{
    char name[DC_NAME_BYTES_MAX + 1] = { 0 };
    dc_str_t text = text_of(batch, "name");
    if (text.len) memcpy(name, text.data, dc_min_size(text.len, DC_NAME_BYTES_MAX));
    return dc_ids_match(id, number_of(batch, "number"), name, is_last);
}

// Do `act` with each batch that `id` names.
static int for_each(look_t *self, const char *id, int (*act)(look_t *self, const dc_json_t *batch))
{
    const dc_json_t *batches = dc_json_member(self->json, "batches");
    size_t count = dc_json_len(batches);
    bool is_found = strcmp(id, "all") == 0;
    for (size_t i = 0; i < count; i++) {
        const dc_json_t *batch = dc_json_at(batches, i);
        if (!matches(id, batch, i + 1 == count)) continue;
        is_found = true;
        int status = act(self, batch);
        if (status) return status;
    }
    if (is_found) return 0;
    dc_buf_append_text(&self->console->buf, "dcalc: there is no batch '");
    dc_text_put_safe(&self->console->buf, dc_str_from(id));
    dc_buf_append_text(&self->console->buf, "'\n       those there are: dcalc list\n");
    return EX_NOINPUT;
}

static int with_batches(look_t *self, const char *const *ids, size_t count,
                        int (*act)(look_t *self, const dc_json_t *batch))
{
    int status = ask(self, "list");
    for (size_t i = 0; i < count && !status; i++) {
        status = for_each(self, ids[i], act);
    }
    return status;
}

// --- all of them -------------------------------------------------------------------------------

static int act(look_t *self, dc_cli_command_t command, const char *const *arguments, size_t count)
{
    switch (command) {
    case DC_CLI_PING: return ping(self);
    case DC_CLI_WORKERS: return workers(self);
    case DC_CLI_LIST: return list(self);
    case DC_CLI_STATUS: return with_batches(self, arguments, count, status_of);
    case DC_CLI_CANCEL: return with_batches(self, arguments, count, cancel);
    case DC_CLI_EVAL:
    case DC_CLI_BATCH:
    case DC_CLI_HELP: break;
    }
    return EX_SOFTWARE;
}

static int write_out(dc_sink_t *sink, dc_console_t *console)
{
    int error = dc_sink_finish(sink);
    if (!error) return 0;
    if (error == EPIPE) return 141;
    dc_buf_printf(&console->buf, "dcalc: cannot write %s: %s\n",
                  sink->path ? sink->path : "the answer", strerror(error));
    return EX_IOERR;
}

int dc_look(const dc_cli_settings_t *settings, dc_cli_command_t command,
            const char *const *arguments, size_t count, dc_console_t *console)
{
    dc_sink_t sink;
    look_t self = { .settings = settings, .console = console, .out = &sink.buf };
    if (settings->output >= 0) self.format = (dc_printer_format_t)settings->output;
    int error = dc_sink_open(&sink, settings->output_file);
    if (error) {
        dc_buf_printf(&console->buf, "dcalc: cannot create %s: %s\n", settings->output_file,
                      strerror(error));
        dc_sink_fini(&sink);
        return EX_CANTCREAT;
    }
    int status = dc_connection_open(&self.connection, settings, console);
    if (!status) status = act(&self, command, arguments, count);
    dc_connection_close(&self.connection);
    // What was found out before something went wrong is printed.
    int written = write_out(&sink, console);
    dc_json_destroy(&self.json);
    dc_buf_fini(&self.answer);
    dc_sink_fini(&sink);
    return status ? status : written;
}
