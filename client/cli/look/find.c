#include "client/cli/look/find.h"

#include <sysexits.h>

#include "client/cli/cluster/pages.h"
#include "client/cli/look/ids.h"
#include "client/cli/look/look_part.h"
#include "client/cli/text/text.h"
#include "common/limits.h"
#include "common/suggest.h"

static void copy_name(const dc_json_t *batch, char name[DC_NAME_BYTES_MAX + 1])
{
    dc_str_t text = dc_facts_text(batch, "name");
    size_t len = dc_min_size(text.len, DC_NAME_BYTES_MAX);
    if (len) memcpy(name, text.data, len);
    name[len] = '\0';
}

bool dc_find_matches(const char *id, const dc_json_t *batch, bool is_last)
{
    char name[DC_NAME_BYTES_MAX + 1];
    copy_name(batch, name);
    return dc_ids_match(id, dc_facts_number(batch, "number"), name, is_last);
}

void dc_find_say_last(uint64_t number, const char *name, dc_console_t *console)
{
    dc_buf_printf(&console->buf, "dcalc: last is b%llu", (unsigned long long)number);
    if (*name) {
        dc_buf_append_text(&console->buf, " '");
        dc_text_put_safe(&console->buf, dc_str_from(name));
        dc_buf_append_char(&console->buf, '\'');
    }
    dc_buf_append_char(&console->buf, '\n');
}

// Among so many, the newest, a name is looked for that is like the one that was typed.
#define SUGGESTED_MAX 1000

int dc_find_complain(const char *id, const dc_json_t *batches, dc_console_t *console)
{
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(id));
    size_t len = dc_json_len(batches);
    size_t first = len - dc_min_size(len, SUGGESTED_MAX);
    for (size_t i = first; i < len && dc_ids_is_name(id); i++) {
        dc_str_t name = dc_facts_text(dc_json_at(batches, i), "name");
        if (name.len) dc_suggest_offer(&suggest, name);
    }
    dc_str_t best = dc_suggest_best(&suggest);
    dc_buf_append_text(&console->buf, "dcalc: there is no batch '");
    dc_text_put_safe(&console->buf, dc_str_from(id));
    dc_buf_append_text(&console->buf, best.len ? "'; did you mean '" : "'");
    dc_text_put_safe(&console->buf, best);
    dc_buf_append_text(&console->buf, best.len ? "'?\n" : "\n");
    dc_buf_append_text(&console->buf, "       those there are: dcalc list\n");
    return EX_NOINPUT;
}

// --- one ---------------------------------------------------------------------------------------

void dc_find_read(const dc_json_t *batch, dc_found_t *found)
{
    dc_diag_t diag;
    *found = (dc_found_t){ .number = dc_facts_number(batch, "number"),
                           .jobs = UINT64_MAX,
                           .has_ended = dc_facts_has_ended(batch) };
    if (dc_json_member(batch, "keep_in_all_ms")) found->keep_ms = UINT64_MAX;
    // What is not there, or is null, stays as it is.
    bool is_read = dc_json_read_u64(batch, "jobs", INT64_MAX, &found->jobs, &diag) &&
                   dc_json_read_u64(batch, "keep_in_all_ms", INT64_MAX, &found->keep_ms, &diag) &&
                   dc_json_read_bool(batch, "detached", &found->is_detached, &diag);
    if (!is_read) found->is_detached = false;
    copy_name(batch, found->name);
}

// More of them are no help to whoever has to choose.
#define SEVERAL_SHOWN_MAX 5

// The newest are what is meant most often.
static int complain_several(const dc_json_t *batches, const char *id, size_t count,
                            dc_console_t *console)
{
    dc_buf_t *out = &console->buf;
    dc_buf_append_text(out, "dcalc: '");
    dc_text_put_safe(out, dc_str_from(id));
    dc_buf_printf(out, "' names %zu batches: which one?\n       the newest: ", count);
    size_t len = dc_json_len(batches);
    for (size_t i = len, shown = 0; i > 0 && shown < SEVERAL_SHOWN_MAX; i--) {
        const dc_json_t *batch = dc_json_at(batches, i - 1);
        if (!dc_find_matches(id, batch, i == len)) continue;
        dc_buf_append_text(out, shown++ ? ", " : "");
        dc_text_put_safe(out, dc_facts_text(batch, "batch"));
    }
    dc_buf_append_text(out, "      all: dcalc list\n");
    return EX_USAGE;
}

static int pick(const dc_json_t *batches, const char *id, dc_console_t *console, dc_found_t *found)
{
    size_t count = 0;
    size_t len = dc_json_len(batches);
    for (size_t i = 0; i < len; i++) {
        const dc_json_t *batch = dc_json_at(batches, i);
        if (!dc_find_matches(id, batch, i + 1 == len)) continue;
        count++;
        dc_find_read(batch, found);
    }
    if (count == 0) return dc_find_complain(id, batches, console);
    return count == 1 ? 0 : complain_several(batches, id, count, console);
}

int dc_find_one(dc_connection_t *connection, const dc_cli_settings_t *settings,
                dc_console_t *console, const char *id, dc_found_t *found)
{
    dc_buf_t answer = { 0 };
    dc_diag_t diag;
    int status = dc_connection_ask(connection, settings, console, "list", 0, &answer);
    if (!status) {
        dc_json_t *json =
            dc_json_parse(dc_buf_str(&answer), DC_PAGES_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
        status = json ? pick(dc_json_member(json, "batches"), id, console, found)
                      : dc_look_complain(console, &diag);
        dc_json_destroy(&json);
    }
    dc_buf_fini(&answer);
    return status;
}

int dc_find_stored(dc_connection_t *connection, const dc_cli_settings_t *settings,
                   dc_console_t *console, const char *id, dc_found_t *found)
{
    int status = dc_find_one(connection, settings, console, id, found);
    if (status || found->is_detached) return status;
    dc_buf_printf(&console->buf,
                  "dcalc: nothing of b%llu is kept: its results go to the client that sent it\n"
                  "       dcalc batch -d keeps them; --errors FILE keeps what failed\n",
                  (unsigned long long)found->number);
    return EX_NOINPUT;
}
