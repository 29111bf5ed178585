#include "client/cli/look_part.h"

#include "client/cli/numfmt.h"
#include "client/cli/text.h"
#include "common/clock.h"
#include "common/json_writer.h"

// --- ping --------------------------------------------------------------------------------------

static void print_ping(dc_look_t *self, double seconds)
{
    static const dc_grid_column_t columns[] = { { "URL", false },
                                                { "VERSION", false },
                                                { "WORKERS", true },
                                                { "SLOTS", true },
                                                { "MS", true } };
    uint64_t workers = dc_look_number(self->json, "workers") + dc_look_number(self->json, "plain");
    uint64_t slots = dc_look_number(self->json, "slots") + dc_look_number(self->json, "plain");
    dc_str_t version = dc_look_text(self->json, "version");
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
        dc_look_put_number(self, &grid, workers, NULL);
        dc_look_put_number(self, &grid, slots, NULL);
        dc_buf_t text = { 0 };
        dc_buf_printf(&text, "%.3f", ms);
        dc_grid_put(&grid, dc_buf_str(&text));
        dc_buf_fini(&text);
        dc_look_print_grid(self, &grid);
    }
}

// The first answer includes connecting; the second one tells how fast the broker answers.
int dc_look_ping(dc_look_t *self)
{
    int status = dc_look_ask(self, "ping");
    if (status) return status;
    dc_us_t start = dc_clock_us();
    status = dc_look_ask(self, "ping");
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
    return dc_look_number(slot, "leases") ? "busy" : "idle";
}

int dc_look_workers(dc_look_t *self)
{
    static const dc_grid_column_t columns[] = { { "WORKER", false }, { "SLOT", false },
                                                { "HOST", false },   { "STATE", false },
                                                { "JOBS", true },    { "HEARD", true },
                                                { "AGE", true } };
    int status = dc_look_ask(self, "workers");
    if (status) return status;
    if (self->format == DC_PRINT_JSON) {
        dc_look_print_objects(self, "slots");
        return 0;
    }
    const dc_json_t *slots = dc_json_member(self->json, "slots");
    dc_grid_t grid;
    dc_grid_init(&grid, columns, DC_ARRAY_LEN(columns));
    for (size_t i = 0; i < dc_json_len(slots); i++) {
        const dc_json_t *slot = dc_json_at(slots, i);
        dc_grid_put(&grid, dc_look_text(slot, "worker"));
        dc_grid_put(&grid, dc_look_text(slot, "id"));
        dc_grid_put(&grid, dc_look_text(slot, "host"));
        dc_grid_put(&grid, dc_str_from(state_of_slot(slot)));
        dc_look_put_number(self, &grid, dc_look_number(slot, "jobs"), dc_numfmt_put_count);
        dc_look_put_number(self, &grid, dc_look_number(slot, "silent_ms"), dc_look_put_age);
        dc_look_put_number(self, &grid, dc_look_number(slot, "age_ms"), dc_look_put_age);
    }
    dc_look_print_grid(self, &grid);
    return 0;
}
