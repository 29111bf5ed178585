#include "client/cli/completion/complete.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/cli_help.h"
#include "client/cli/cluster/connection.h"
#include "client/cli/cluster/facts.h"
#include "client/cli/cluster/pages.h"
#include "client/cli/exit_status.h"
#include "client/cli/text/text.h"
#include "common/expr/expr.h"

// A person notices what takes longer.
#define COMPLETE_MS 100

typedef struct completer {
    const dc_cli_settings_t *settings;
    const dc_options_t *options;
    dc_buf_t out; // owned
} completer_t;

// What is not known by now comes too late.
static void give_up(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

static void limit_time(void)
{
    struct sigaction action = { .sa_handler = give_up };
    struct itimerval timer = { .it_value.tv_usec = COMPLETE_MS * 1000L };
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void put_word(completer_t *self, dc_str_t word)
{
    size_t len = self->out.len;
    if (word.len == 0) return;
    dc_text_put_shell(&self->out, word);
    bool is_plain = self->out.len - len == word.len && dc_text_is_safe(word);
    if (!is_plain) self->out.len = len;
    if (is_plain) dc_buf_append_char(&self->out, '\n');
}

// --- what the broker knows ---------------------------------------------------------------------

// Ask the broker `what`; NULL if it does not say.
static dc_json_t *ask(const completer_t *self, const char *what)
{
    dc_cli_settings_t settings = *self->settings;
    dc_console_t silent = { 0 };
    dc_connection_t connection;
    dc_buf_t answer = { 0 };
    dc_diag_t diag;
    dc_json_t *json = NULL;
    settings.wait_ms = COMPLETE_MS;
    settings.local = -1; // a private cluster would have nothing to tell
    if (dc_connection_open(&connection, &settings, &silent) == 0) {
        int status = dc_connection_ask(&connection, &settings, &silent, what, 0, &answer);
        if (!status) {
            json = dc_json_parse(dc_buf_str(&answer), DC_PAGES_BYTES_MAX, DC_JSON_INTEGERS_EXACT,
                                 &diag);
        }
        dc_connection_close(&connection);
    }
    dc_buf_fini(&answer);
    dc_buf_fini(&silent.buf);
    return json;
}

// Put member `name` of each object in array `what`, once if several that follow have the same.
static void put_members(completer_t *self, const char *what, const char *array, const char *name)
{
    dc_json_t *json = ask(self, what);
    const dc_json_t *items = dc_json_member(json, array);
    dc_str_t before = { 0 };
    for (size_t i = 0; i < dc_json_len(items); i++) {
        dc_str_t word = dc_facts_text(dc_json_at(items, i), name);
        if (!dc_str_eq(word, before)) put_word(self, word);
        before = word;
    }
    dc_json_destroy(&json);
}

static void put_ids(completer_t *self)
{
    put_members(self, "list", "batches", "batch");
    put_word(self, DC_STR("last"));
    put_word(self, DC_STR("all"));
}

static void put_names(completer_t *self)
{
    put_members(self, "list", "batches", "name");
}

static void put_workers(completer_t *self)
{
    put_members(self, "workers", "slots", "worker");
}

// --- what we know ------------------------------------------------------------------------------

static void put_functions(completer_t *self)
{
    const char *name;
    for (size_t i = 0; (name = dc_engine_function(i)); i++) {
        put_word(self, dc_str_from(name));
    }
}

static void put_numbers(completer_t *self)
{
    put_word(self, DC_STR("double"));
    put_word(self, DC_STR("exact"));
    put_word(self, DC_STR("decimal=34"));
}

static void put_profiles(completer_t *self)
{
    size_t at = 0;
    dc_str_t profile;
    while (dc_options_next_profile(self->options, &at, &profile)) {
        put_word(self, profile);
    }
}

static void put_topics(completer_t *self)
{
    size_t at = 0;
    const char *topic;
    while ((topic = dc_cli_help_next_topic(&at))) {
        put_word(self, dc_str_from(topic));
    }
}

static const struct {
    const char *name;
    void (*put)(completer_t *self);
} kinds_known[] = {
    { "ids", put_ids },           { "names", put_names },
    { "workers", put_workers },   { "functions", put_functions },
    { "profiles", put_profiles }, { "topics", put_topics },
    { "numbers", put_numbers },
};

int dc_complete(const dc_cli_settings_t *settings, const dc_options_t *options,
                const char *const *kinds, size_t count)
{
    completer_t self = { .settings = settings, .options = options };
    limit_time();
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < DC_ARRAY_LEN(kinds_known); j++) {
            if (strcmp(kinds_known[j].name, kinds[i]) == 0) kinds_known[j].put(&self);
        }
    }
    if (self.out.len) fwrite(self.out.data, 1, self.out.len, stdout);
    dc_buf_fini(&self.out);
    if (!fflush(stdout)) return 0;
    return errno == EPIPE ? DC_EXIT_PIPE : EX_IOERR;
}
