#include "client/cli/look/top_state.h"

#include <stdio.h>

#include "client/cli/cluster/facts.h"
#include "client/cli/text/screen.h"
#include "client/cli/text/text.h"
#include "common/limits.h"

// How long a message stays in place of the keys.
#define MESSAGE_MS 5000

void dc_top_state_fini(dc_top_state_t *self)
{
    dc_json_destroy(&self->stats);
    dc_json_destroy(&self->detail);
}

// --- what the broker says ----------------------------------------------------------------------

static void replace(dc_json_t **json_p, dc_str_t text)
{
    dc_diag_t diag;
    dc_json_t *json = dc_json_parse(text, DC_FRAME_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    if (!json) return;
    dc_json_destroy(json_p);
    *json_p = json;
}

static const dc_json_t *batches(const dc_top_state_t *self)
{
    return self->stats ? dc_json_member(self->stats, "by_batch") : NULL;
}

// The row of the chosen batch; SIZE_MAX if there is none.
static size_t find_chosen(const dc_top_state_t *self)
{
    for (size_t i = 0; i < dc_json_len(batches(self)); i++) {
        if (dc_facts_number(dc_json_at(batches(self), i), "number") == self->chosen) return i;
    }
    return SIZE_MAX;
}

static const dc_json_t *chosen_batch(const dc_top_state_t *self)
{
    return dc_json_at(batches(self), find_chosen(self));
}

static void choose(dc_top_state_t *self, size_t row)
{
    size_t count = dc_json_len(batches(self));
    const dc_json_t *batch = count ? dc_json_at(batches(self), dc_min_size(row, count - 1)) : NULL;
    uint64_t number = batch ? dc_facts_number(batch, "number") : 0;
    if (number == self->chosen) return;
    self->chosen = number;
    self->is_asked = false;
    dc_json_destroy(&self->detail);
}

static void say(dc_top_state_t *self, dc_str_t text, dc_ms_t now)
{
    dc_buf_t safe = { 0 };
    dc_text_put_safe(&safe, text);
    snprintf(self->message, sizeof self->message, "%.*s", (int)safe.len, safe.len ? safe.data : "");
    self->message_ms = now;
    dc_buf_fini(&safe);
}

void dc_top_take_stats(dc_top_state_t *self, dc_str_t json, dc_ms_t now)
{
    size_t row = find_chosen(self);
    bool was_asked = self->is_asked;
    replace(&self->stats, json);
    if (find_chosen(self) != SIZE_MAX) return;
    // The one that follows it stands where it stood.
    choose(self, row == SIZE_MAX ? 0 : row);
    if (was_asked) say(self, DC_STR("it has ended"), now);
}

void dc_top_take_detail(dc_top_state_t *self, dc_str_t json)
{
    dc_json_t *detail = NULL;
    replace(&detail, json);
    if (detail && dc_facts_number(detail, "number") == self->chosen) {
        dc_json_destroy(&self->detail);
        self->detail = detail;
    } else {
        dc_json_destroy(&detail);
    }
}

// --- keys --------------------------------------------------------------------------------------

static void move(dc_top_state_t *self, int rows)
{
    size_t row = find_chosen(self);
    if (row == SIZE_MAX) row = 0;
    if (rows < 0) {
        choose(self, row ? row - 1 : 0);
    } else {
        choose(self, row + 1);
    }
}

static dc_top_order_t order(const dc_top_state_t *self, dc_top_order_type_t type, int64_t value)
{
    return (dc_top_order_t){ .type = type, .number = self->chosen, .value = value };
}

static const dc_top_order_t nothing = { .type = DC_TOP_NOTHING };

static dc_top_order_t change_priority(const dc_top_state_t *self, int change)
{
    int priority = dc_facts_priority(chosen_batch(self)) + change;
    if (priority < DC_PRIORITY_MIN || priority > DC_PRIORITY_MAX) return nothing;
    return order(self, DC_TOP_PRIORITY, priority);
}

// The answer to whether the chosen batch is to be cancelled.
static dc_top_order_t take_word(dc_top_state_t *self, int key)
{
    self->is_asked = false;
    self->message[0] = '\0';
    return key == 'y' || key == 'Y' ? order(self, DC_TOP_CANCEL, 0) : nothing;
}

static dc_top_order_t toggle_detail(dc_top_state_t *self, bool wants_detail)
{
    self->wants_detail = wants_detail;
    if (wants_detail) return order(self, DC_TOP_LOOK, 0);
    dc_json_destroy(&self->detail);
    return nothing;
}

// A key that means something for the chosen batch.
static dc_top_order_t press_for_batch(dc_top_state_t *self, int key)
{
    switch (key) {
    case 'c':
        self->is_asked = true;
        snprintf(self->message, sizeof self->message, "cancel b%llu: y or n?",
                 (unsigned long long)self->chosen);
        return nothing;
    case '+':
    case '=': return change_priority(self, 1);
    case '-': return change_priority(self, -1);
    case 'h': return order(self, DC_TOP_HOLD, !dc_facts_flag(chosen_batch(self), "held"));
    case DC_KEY_ENTER: return toggle_detail(self, !self->wants_detail);
    case DC_KEY_ESCAPE: return toggle_detail(self, false);
    default: return nothing;
    }
}

dc_top_order_t dc_top_press(dc_top_state_t *self, int key, dc_ms_t now)
{
    if (key == DC_KEY_OTHER) return nothing;
    if (self->is_asked) return take_word(self, key);
    self->message[0] = '\0';
    switch (key) {
    case 'q':
    case 'Q': return (dc_top_order_t){ .type = DC_TOP_QUIT };
    case DC_KEY_UP:
    case 'k':
    case DC_KEY_DOWN:
    case 'j':
        move(self, key == DC_KEY_UP || key == 'k' ? -1 : 1);
        return self->wants_detail && self->chosen ? order(self, DC_TOP_LOOK, 0) : nothing;
    default: break;
    }
    if (chosen_batch(self)) return press_for_batch(self, key);
    if (key != DC_KEY_ESCAPE) say(self, DC_STR("there is no batch"), now);
    return nothing;
}

// --- what is said ------------------------------------------------------------------------------

void dc_top_done(dc_top_state_t *self, const dc_top_order_t *done, dc_str_t why, dc_ms_t now)
{
    dc_buf_t text = { 0 };
    dc_buf_printf(&text, "b%llu", (unsigned long long)done->number);
    if (why.len) {
        text.len = 0;
        dc_buf_append_str(&text, why);
    } else if (done->type == DC_TOP_CANCEL) {
        dc_buf_append_text(&text, " is cancelled");
    } else if (done->type == DC_TOP_PRIORITY) {
        dc_buf_printf(&text, " has priority %d", (int)done->value);
    } else if (done->type == DC_TOP_HOLD) {
        dc_buf_append_text(&text, done->value ? " is held" : " is released");
    }
    say(self, dc_buf_str(&text), now);
    dc_buf_fini(&text);
}

dc_top_view_t dc_top_view(const dc_top_state_t *self, dc_ms_t now)
{
    bool is_new = self->is_asked || now - self->message_ms < MESSAGE_MS;
    return (dc_top_view_t){
        .stats = self->stats,
        .detail = self->wants_detail ? self->detail : NULL,
        .message = *self->message && is_new ? self->message : NULL,
        .chosen = self->chosen,
    };
}
