#include "tests/lib/story.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/core/core.h"
#include "tests/lib/action_words.h"
#include "tests/lib/store_model.h"
#include "tests/lib/words.h"

typedef struct story {
    dc_settings_t settings;
    dc_core_t *core;
    dc_store_model_t *store;
    dc_words_ids_t ids;
    dc_ms_t now;
    bool is_passing; // time does, by `until`
    dc_buf_t out;    // the script, with what came out
} story_t;

// The core takes 0 for no time at all.
#define TIME_ORIGIN 1000000

// --- what comes out ----------------------------------------------------------------------------

static void rename_lease(story_t *self, dc_cmd_t *cmd)
{
    uint64_t *id = cmd->type == DC_CMD_LEASE  ? &cmd->lease.id
                   : cmd->type == DC_CMD_TRIM ? &cmd->trim.id
                   : cmd->type == DC_CMD_WORK ? &cmd->work.id
                                              : NULL;
    if (id) *id = dc_words_name_of(&self->ids, *id);
}

static void put_action(story_t *self, const dc_action_t *action)
{
    if (self->is_passing && action->type <= DC_ACTION_TO_WORKER &&
        (action->cmd.type == DC_CMD_BEAT || action->cmd.type == DC_CMD_HEARTBEAT)) {
        return;
    }
    char margin[16] = "";
    if (self->is_passing) snprintf(margin, sizeof margin, "%llu", (unsigned long long)self->now);
    dc_buf_printf(&self->out, "%6s ", margin);
    dc_action_t shown = *action;
    if (action->type <= DC_ACTION_TO_WORKER) rename_lease(self, &shown.cmd);
    dc_action_put_words(&shown, &self->out);
    dc_buf_append_char(&self->out, '\n');
}

// --- what goes in ------------------------------------------------------------------------------

static bool take_word(dc_str_t *text, const char *word)
{
    size_t len = strlen(word);
    if (text->len < len || memcmp(text->data, word, len) != 0) return false;
    *text = dc_str(text->data + len, text->len - len);
    return true;
}

static dc_ms_t take_time(dc_str_t *text)
{
    char digits[24] = "";
    memcpy(digits, text->data, dc_min_size(text->len, sizeof digits - 1));
    size_t len = strspn(digits, "0123456789");
    *text = dc_str(text->data + len, text->len - len);
    return strtoull(digits, NULL, 10);
}

static void carry_out(story_t *self, dc_actions_t *actions)
{
    for (size_t i = 0; i < actions->len; i++) {
        dc_action_t *action = &actions->list[i];
        put_action(self, action);
        if (action->type == DC_ACTION_STORE) dc_store_model_put(self->store, &action->op);
    }
    dc_actions_fini(actions);
}

static const char *step(story_t *self, const dc_event_t *event)
{
    dc_actions_t actions;
    dc_actions_init(&actions);
    dc_core_step(self->core, TIME_ORIGIN + self->now, event, &actions);
    carry_out(self, &actions);
    return dc_core_check(self->core);
}

static const char *dispatch(story_t *self)
{
    dc_actions_t actions;
    dc_actions_init(&actions);
    dc_core_dispatch(self->core, TIME_ORIGIN + self->now, &actions);
    carry_out(self, &actions);
    return dc_core_audit(self->core);
}

// --- the store ---------------------------------------------------------------------------------

static const char *do_store(story_t *self, dc_str_t words)
{
    bool is_input = take_word(&words, "spoil input=");
    if (is_input || take_word(&words, "spoil result=")) {
        dc_store_model_damage(self->store, take_time(&words), !is_input);
        return NULL;
    }
    static const struct {
        const char *word;
        dc_store_what_t what;
    } small[] = { { "spoil end=", DC_STORE_END },
                  { "spoil terms=", DC_STORE_TERMS },
                  { "spoil met=", DC_STORE_MET } };
    for (size_t i = 0; i < DC_ARRAY_LEN(small); i++) {
        if (!take_word(&words, small[i].word)) continue;
        dc_store_model_damage_small(self->store, take_time(&words), small[i].what);
        return NULL;
    }
    dc_err_t error = take_word(&words, "full")     ? DC_ERR_STORE_FULL
                     : take_word(&words, "locked") ? DC_ERR_STORE_LOCKED
                     : take_word(&words, "lost")   ? DC_ERR_DAMAGED
                                                   : DC_OK;
    if (!error && !take_word(&words, "commit"))
        return "the store does commit, full, locked, lost, or spoil";
    uint64_t count = take_word(&words, "=") ? take_time(&words) : UINT64_MAX;
    const char *flaw = NULL;
    while (!flaw && count--) {
        dc_store_op_t *op =
            error ? dc_store_model_refuse(self->store, error) : dc_store_model_commit(self->store);
        if (!op) break;
        dc_event_t event = { .type = DC_EVENT_STORED, .op = &op };
        flaw = step(self, &event);
        dc_store_op_destroy(&op);
    }
    return flaw;
}

static bool take_found(void *context, const dc_store_op_t *op)
{
    story_t *self = context;
    dc_event_t event = { .type = DC_EVENT_FOUND, .found = op };
    return step(self, &event) == NULL;
}

static const char *make_core(story_t *self)
{
    if (self->core) return NULL;
    if (!self->store) self->store = dc_store_model_new();
    self->settings.has_store = true;
    self->settings.batch_number = dc_store_model_highest(self->store);
    self->core = dc_core_new(&self->settings, 1);
    if (!self->core) return "memory is short";
    if (!dc_store_model_batches(self->store)) return NULL;
    dc_store_model_recover(self->store, take_found, self);
    return take_found(self, NULL) ? NULL : dc_core_check(self->core);
}

static const char *restart(story_t *self)
{
    dc_core_destroy(&self->core);
    dc_store_model_crash(self->store);
    return make_core(self);
}

// --- events ------------------------------------------------------------------------------------

// Read `c1` or `w1` from the front of `text`.
static bool take_peer(dc_str_t *text, dc_event_t *event)
{
    char number[24] = "";
    *text = dc_str_trim(*text);
    if (text->len < 2 || (text->data[0] != 'c' && text->data[0] != 'w')) return false;
    memcpy(number, text->data + 1, dc_min_size(text->len - 1, sizeof number - 1));
    size_t digits = strspn(number, "0123456789");
    if (digits == 0) return false;
    event->type = text->data[0] == 'c' ? DC_EVENT_CLIENT : DC_EVENT_WORKER;
    event->peer = strtoull(number, NULL, 10);
    *text = dc_str_trim(dc_str(text->data + 1 + digits, text->len - 1 - digits));
    return true;
}

static const char *do_event(story_t *self, dc_str_t words)
{
    dc_event_t event = { .type = DC_EVENT_TICK };
    words = dc_str_trim(words);
    if (dc_str_eq(words, DC_STR("tick"))) return step(self, &event);
    if (dc_str_eq(words, DC_STR("restart"))) return restart(self);
    if (dc_str_eq(words, DC_STR("stop"))) event.type = DC_EVENT_STOP;
    if (dc_str_eq(words, DC_STR("farewell"))) event.type = DC_EVENT_FAREWELL;
    if (event.type != DC_EVENT_TICK) return step(self, &event);
    if (take_word(&words, "store ")) return do_store(self, words);
    if (!take_peer(&words, &event)) return "an event begins with c1 or w1, or is a tick";
    if (dc_str_eq(words, DC_STR("gone"))) {
        bool is_client = event.type == DC_EVENT_CLIENT;
        event.type = is_client ? DC_EVENT_CLIENT_GONE : DC_EVENT_WORKER_GONE;
        return step(self, &event);
    }
    dc_cmd_t cmd;
    const char *flaw = dc_words_read(words, &self->ids, &cmd);
    event.cmd = &cmd;
    if (!flaw) flaw = step(self, &event);
    dc_slice_drop(&cmd.data);
    dc_slice_drop(&cmd.program);
    return flaw;
}

// Cut what stands before the next `separator` outside of quotes off `rest`.
static bool take_part(dc_str_t *rest, char separator, dc_str_t *part)
{
    if (rest->len == 0) return false;
    size_t len = 0;
    bool is_quoted = false;
    while (len < rest->len && (is_quoted || rest->data[len] != separator)) {
        is_quoted ^= rest->data[len] == '"';
        len++;
    }
    *part = dc_str(rest->data, len);
    size_t used = len + (len < rest->len);
    *rest = dc_str(rest->data + used, rest->len - used);
    return true;
}

static const char *do_events(story_t *self, dc_str_t events)
{
    dc_str_t event;
    const char *flaw = NULL;
    while (!flaw && take_part(&events, ';', &event)) {
        flaw = do_event(self, event);
    }
    return flaw;
}

// Those who are alive say so, in the way that their kind has.
static const char *say_alive(story_t *self, dc_str_t peers)
{
    dc_str_t peer;
    const char *flaw = NULL;
    while (!flaw && take_part(&peers, ',', &peer)) {
        dc_event_t event;
        if (!take_peer(&peer, &event)) return "who is alive: c1, w1";
        bool is_client = event.type == DC_EVENT_CLIENT;
        dc_cmd_t cmd = { .type = is_client ? DC_CMD_HEARTBEAT : DC_CMD_BEAT };
        if (!is_client) cmd.data.bytes = DC_STR("{}");
        event.cmd = &cmd;
        flaw = step(self, &event);
    }
    return flaw;
}

static const char *pass_time(story_t *self, dc_ms_t until, dc_str_t peers)
{
    const char *flaw = NULL;
    const dc_event_t tick = { .type = DC_EVENT_TICK };
    self->is_passing = true;
    while (!flaw && self->now + DC_TICK_MS <= until) {
        self->now += DC_TICK_MS;
        flaw = say_alive(self, peers);
        if (!flaw) flaw = step(self, &tick);
        if (!flaw) flaw = dispatch(self);
    }
    self->now = until;
    self->is_passing = false;
    return flaw;
}

// --- scripts -----------------------------------------------------------------------------------

static const char *read_setting(story_t *self, dc_str_t line)
{
    dc_settings_t *to = &self->settings;
    const struct {
        const char *word;
        uint64_t *value;
    } settings[] = {
        { "orphan_ms=", &to->orphan_ms },
        { "memory_bytes_max=", &to->memory_bytes_max },
        { "keep_ms=", &to->keep_ms },
        { "date_ms=", &to->date_ms },
        { "batch_bytes_max=", &to->batch_bytes_max },
        { "store_bytes_max=", &to->store_bytes_max },
        { "store_batches_max=", &to->store_batches_max },
        { "rate_max=", &to->rate_max },
        { "burst=", &to->burst },
        { "rate_bytes_max=", &to->rate_bytes_max },
        { "burst_bytes=", &to->burst_bytes },
        { "reading_bytes_max=", &to->reading_bytes_max },
        { "number_end=", &to->number_end },
        { "outstanding_max=", &to->outstanding_max },
        { "expr_bytes_max=", &to->expr_bytes_max },
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(settings); i++) {
        if (!take_word(&line, settings[i].word)) continue;
        *settings[i].value = take_time(&line);
        return NULL;
    }
    return "no such setting";
}

static bool is_trace(dc_str_t line)
{
    line = dc_str_trim(line);
    while (line.len && (isdigit((unsigned char)line.data[0]) || line.data[0] == ' ')) {
        line = dc_str(line.data + 1, line.len - 1);
    }
    return line.len && line.data[0] == '>';
}

static bool begins_blank(dc_str_t line)
{
    return line.len && line.data[0] == ' ';
}

// `  w1, c1 alive`: who that is.
static dc_str_t alive_of(dc_str_t line)
{
    static const char word[] = "alive";
    line = dc_str_trim(line);
    if (line.len > sizeof word) line.len -= sizeof word - 1;
    return line;
}

// Do one line of a script, which is no trace.
static const char *do_line(story_t *self, dc_str_t line)
{
    if (line.len == 0 || line.data[0] == '#') return NULL;
    if (take_word(&line, "with ")) {
        const char *wrong = read_setting(self, line);
        if (wrong || !self->core) return wrong;
        dc_core_set_limits(self->core, TIME_ORIGIN + self->now, &self->settings);
        return NULL;
    }
    const char *flaw = make_core(self);
    if (flaw) return flaw;
    if (begins_blank(line)) return do_events(self, line);
    if (take_word(&line, "until ")) {
        dc_ms_t until = take_time(&line);
        return pass_time(self, until, dc_str_trim(alive_of(line)));
    }
    if (!take_word(&line, "at ")) return "a line begins with at, until, with, # or blanks";
    dc_ms_t now = take_time(&line);
    if (now < self->now) return "time never goes back";
    self->now = now;
    return do_events(self, line);
}

// Does the turn that `line` belongs to end with it?
static bool ends_turn(dc_str_t rest)
{
    dc_str_t next = { 0 };
    do {
        if (!dc_str_take_line(&rest, &next)) return true;
    } while (is_trace(next));
    return !begins_blank(next);
}

static const char *tell(story_t *self, dc_str_t script)
{
    const char *flaw = NULL;
    dc_str_t line;
    while (!flaw && dc_str_take_line(&script, &line)) {
        if (is_trace(line)) continue;
        dc_buf_append_str(&self->out, line);
        dc_buf_append_char(&self->out, '\n');
        flaw = do_line(self, line);
        bool is_turn = take_word(&line, "at ") || begins_blank(line);
        if (!flaw && is_turn && ends_turn(script)) flaw = dispatch(self);
    }
    return flaw;
}

const char *dc_story_tell(dc_str_t script, dc_buf_t *out)
{
    story_t story = { .settings = dc_settings_default() };
    const char *flaw = tell(&story, script);
    dc_core_destroy(&story.core);
    dc_store_model_destroy(&story.store);
    dc_buf_append_str(out, dc_buf_str(&story.out));
    dc_buf_fini(&story.out);
    return flaw;
}
