#include "client/cli/look/look_part.h"

#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/clock.h"
#include "common/json_writer.h"

// --- ping --------------------------------------------------------------------------------------

typedef struct ping {
    const char *url;
    dc_str_t version;
    uint64_t workers, slots;
    double seconds;
} ping_t;

// To the microsecond, as people read it.
static double milliseconds(const ping_t *ping)
{
    return (double)(uint64_t)(ping->seconds * 1e6) / 1000;
}

static void put_ping_text(const ping_t *ping, dc_buf_t *out)
{
    dc_buf_printf(out, "ok  %s  broker ", ping->url);
    dc_text_put_safe(out, ping->version);
    dc_buf_printf(out, "  %llu worker%s, %llu slot%s  ", (unsigned long long)ping->workers,
                  ping->workers == 1 ? "" : "s", (unsigned long long)ping->slots,
                  ping->slots == 1 ? "" : "s");
    dc_numfmt_put_latency(out, ping->seconds);
    dc_buf_append_char(out, '\n');
}

static void put_ping_json(const ping_t *ping, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_json_put_member_string(&json, "url", dc_str_from(ping->url));
    dc_json_put_member_string(&json, "version", ping->version);
    dc_json_put_member_u64(&json, "workers", ping->workers);
    dc_json_put_member_u64(&json, "slots", ping->slots);
    dc_json_put_member_number(&json, "ms", milliseconds(ping));
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}

static void print_ping_grid(dc_look_t *self, const ping_t *ping)
{
    static const dc_grid_column_t columns[] = { { "URL", false, NULL },
                                                { "VERSION", false, NULL },
                                                { "WORKERS", true, NULL },
                                                { "SLOTS", true, NULL },
                                                { "MS", true, NULL } };
    dc_grid_t grid;
    dc_buf_t text = { 0 };
    dc_grid_init(&grid, columns, DC_ARRAY_LEN(columns));
    dc_grid_put(&grid, dc_str_from(ping->url));
    dc_grid_put(&grid, ping->version);
    dc_look_put_number(self, &grid, ping->workers, NULL);
    dc_look_put_number(self, &grid, ping->slots, NULL);
    dc_buf_printf(&text, "%.3f", milliseconds(ping));
    dc_grid_put(&grid, dc_buf_str(&text));
    dc_buf_fini(&text);
    dc_look_print_grid(self, &grid);
}

static void print_ping(dc_look_t *self, double seconds)
{
    // A plain worker is one slot, and says nothing of itself.
    uint64_t plain = dc_facts_number(self->json, "plain");
    ping_t ping = { .url = dcalc_url(self->connection.dcalc),
                    .version = dc_facts_text(self->json, "version"),
                    .workers = dc_facts_number(self->json, "workers") + plain,
                    .slots = dc_facts_number(self->json, "slots") + plain,
                    .seconds = seconds };
    switch (self->format) {
    case DC_PRINT_TEXT: put_ping_text(&ping, self->out); break;
    case DC_PRINT_JSON: put_ping_json(&ping, self->out); break;
    case DC_PRINT_CSV:
    case DC_PRINT_TSV: print_ping_grid(self, &ping); break;
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

static double positive(const dc_json_t *slot, const char *name)
{
    double value = 0;
    dc_diag_t diag;
    return dc_json_read_number(slot, name, &value, &diag) && value > 0 ? value : 0;
}

// Of what nobody has said the cell is empty.
static void put_reading(dc_look_t *self, dc_grid_t *grid, const dc_json_t *slot, const char *name,
                        void (*put)(dc_buf_t *out, double value))
{
    dc_buf_t text = { 0 };
    double value = positive(slot, name);
    if (self->format != DC_PRINT_TEXT && dc_json_member(slot, name)) {
        dc_json_writer_t json = dc_json_writer(&text);
        dc_json_put_number(&json, value);
    } else if (dc_json_member(slot, name)) {
        put(&text, value);
    }
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

static void put_load(dc_buf_t *out, double load)
{
    dc_buf_printf(out, "%.2f", load);
}

static void put_bytes(dc_buf_t *out, double bytes)
{
    static const char units[] = "KMGT";
    size_t unit = 0;
    double count = bytes / 1024;
    for (; count >= 1024 && unit + 2 < sizeof units; unit++)
        count /= 1024;
    dc_buf_printf(out, count < 10 ? "%.1f%c" : "%.0f%c", count, units[unit]);
}

static void put_speed(dc_buf_t *out, double steps)
{
    dc_numfmt_put_short(out, steps);
    dc_buf_append_text(out, "/s");
}

// What the slot was at when it last said so: "b17 1204" or, of jobs that are computed at once, "b17
// 1024-1279"; people count rows from 1.
static void put_run(const dc_json_t *slot, dc_grid_t *grid)
{
    dc_buf_t text = { 0 };
    const dc_json_t *runs = dc_json_member(slot, "runs");
    if (runs) {
        uint64_t first = dc_facts_number(runs, "first") + 1;
        uint64_t count = dc_facts_number(runs, "count");
        dc_buf_append_str(&text, dc_facts_text(runs, "batch"));
        dc_buf_printf(&text, " %llu", (unsigned long long)first);
        if (count > 1) dc_buf_printf(&text, "-%llu", (unsigned long long)(first + count - 1));
    }
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

static void put_tags(const dc_json_t *slot, dc_grid_t *grid)
{
    dc_buf_t text = { 0 };
    const dc_json_t *tags = dc_json_member(slot, "tags");
    for (size_t i = 0; i < dc_json_len(tags); i++) {
        const dc_json_t *tag = dc_json_at(tags, i);
        if (dc_json_type(tag) != DC_JSON_STRING) continue;
        if (text.len) dc_buf_append_char(&text, ' ');
        dc_buf_append_str(&text, dc_json_string(tag));
    }
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

// Who is late is what people are to see first.
static dc_str_t state_of_slot(const dc_look_t *self, const dc_json_t *slot)
{
    dc_str_t state = dc_facts_text(slot, "state");
    bool is_late = dc_str_eq(state, DC_STR("late"));
    return is_late && self->format == DC_PRINT_TEXT ? DC_STR("LATE") : state;
}

static void put_slot(dc_look_t *self, dc_grid_t *grid, const dc_json_t *slot)
{
    dc_grid_put(grid, dc_facts_text(slot, "worker"));
    dc_grid_put(grid, dc_facts_text(slot, "id"));
    dc_grid_put(grid, dc_facts_text(slot, "host"));
    dc_grid_put(grid, state_of_slot(self, slot));
    dc_look_put_number(self, grid, dc_facts_number(slot, "jobs"), dc_numfmt_put_count);
    dc_look_put_number(self, grid, dc_facts_number(slot, "silent_ms"), dc_look_put_age);
    dc_look_put_number(self, grid, dc_facts_number(slot, "age_ms"), dc_look_put_age);
    put_reading(self, grid, slot, "load", put_load);
    put_reading(self, grid, slot, "memory_free", put_bytes);
    put_reading(self, grid, slot, "speed", put_speed);
    put_run(slot, grid);
    put_tags(slot, grid);
}

int dc_look_workers(dc_look_t *self)
{
    static const dc_grid_column_t columns[] = {
        { "WORKER", false, NULL },
        { "SLOT", false, NULL },
        { "HOST", false, NULL },
        { "STATE", false, NULL },
        { "JOBS", true, NULL },
        { "HEARD", true, "silent_ms" },
        { "AGE", true, "age_ms" },
        { "LOAD", true, NULL },
        { "MEMORY", true, "memory_bytes" },
        { "SPEED", true, "steps_per_s" },
        { "RUNS", false, NULL },
        { "TAGS", false, NULL },
    };
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
        put_slot(self, &grid, dc_json_at(slots, i));
    }
    dc_look_print_grid(self, &grid);
    dc_look_say_none(self, "slots", "workers");
    return 0;
}
