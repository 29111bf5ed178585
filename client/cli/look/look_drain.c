#include <sysexits.h>

#include "client/cli/cluster/pages.h"
#include "client/cli/look/look_part.h"
#include "client/cli/text/text.h"
#include "common/suggest.h"

// Whether the last answer names the worker that is to leave; if not, `*near` is the one that may
// have been meant, or empty.
static bool is_there(const dc_look_t *self, dc_str_t *near)
{
    dc_suggest_t suggest;
    dc_str_t name = dc_str_from(self->settings->drain);
    const dc_json_t *slots = dc_json_member(self->json, "slots");
    dc_suggest_init(&suggest, name);
    for (size_t i = 0; i < dc_json_len(slots); i++) {
        bool is_plain = false;
        dc_diag_t diag;
        const dc_json_t *slot = dc_json_at(slots, i);
        // Plain workers have no names of their own, and do not know the word.
        if (!dc_json_read_bool(slot, "plain", &is_plain, &diag) || is_plain) continue;
        if (dc_str_eq(dc_facts_text(slot, "worker"), name)) return true;
        dc_suggest_offer(&suggest, dc_facts_text(slot, "worker"));
    }
    *near = dc_suggest_best(&suggest);
    return false;
}

static int say_unknown(dc_look_t *self, dc_str_t near)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_append_text(out, "dcalc: there is no worker '");
    dc_text_put_safe(out, dc_str_from(self->settings->drain));
    dc_buf_append_text(out, "'");
    if (near.len) {
        dc_buf_append_text(out, "; did you mean '");
        dc_text_put_safe(out, near);
        dc_buf_append_text(out, "'?");
    }
    dc_buf_append_text(out, "\n       those there are: dcalc workers\n");
    return EX_NOINPUT;
}

static const dc_grid_column_t columns[] = { { "WORKER", false, NULL },
                                            { "STATE", false, NULL },
                                            { "SLOTS", true, NULL } };

static void print(dc_look_t *self, uint64_t slots)
{
    dc_str_t name = dc_str_from(self->settings->drain);
    if (self->format == DC_PRINT_JSON) {
        dc_buf_append_str(self->out, dc_buf_str(&self->answer));
        dc_buf_append_char(self->out, '\n');
    } else if (self->format == DC_PRINT_TEXT) {
        dc_text_put_safe(self->out, name);
        dc_buf_printf(self->out, ": draining, %llu slot%s\n", (unsigned long long)slots,
                      slots == 1 ? "" : "s");
    } else {
        dc_grid_t grid;
        dc_grid_init(&grid, columns, DC_ARRAY_LEN(columns));
        dc_grid_put(&grid, name);
        dc_grid_put(&grid, DC_STR("draining"));
        dc_look_put_number(self, &grid, slots, NULL);
        dc_look_print_grid(self, &grid);
    }
}

int dc_look_drain(dc_look_t *self)
{
    dc_str_t near;
    int status = dc_look_ask(self, "workers");
    if (status) return status;
    if (!is_there(self, &near)) return say_unknown(self, near);
    self->answer.len = 0;
    status = dc_connection_drain(&self->connection, self->settings, self->console,
                                 self->settings->drain, &self->answer);
    if (status) return status;
    dc_diag_t diag;
    dc_json_destroy(&self->json);
    self->json =
        dc_json_parse(dc_buf_str(&self->answer), DC_PAGES_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    if (!self->json) return dc_look_complain(self->console, &diag);
    print(self, dc_facts_number(self->json, "slots"));
    return 0;
}
