#include "client/cli/cluster/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

#include "client/cli/cluster/pages.h"
#include "client/cli/cluster/patience.h"
#include "client/cli/exit_status.h"
#include "client/cli/interrupt.h"
#include "client/cli/text/text.h"
#include "common/clock.h"
#include "common/limits.h"
#include "common/net_url.h"

// More places where a broker may be than anybody has.
#define URLS_MAX 16

// How often a broker is looked for: who comes shortly before the wait is over must still be found.
#define RECONNECT_MS_MAX 200

// To find out that nobody is at one of several addresses, and to go on to the next.
#define TRY_MS 250

// More than the start of a private cluster takes on a busy machine.
#define LOCAL_WAIT_MS_MIN 10000

// A broker that is there knows of it long before. Who cancels does not want to wait.
#define CANCEL_MS_MAX 200

static int complain_url(dc_console_t *console, const char *urls)
{
    int error = errno;
    if (error == EINVAL) {
        dc_buf_append_text(&console->buf, "dcalc: --broker: '");
        dc_text_put_safe(&console->buf, dc_str_from(urls));
        dc_buf_append_text(
            &console->buf,
            "' is not an address, such as tcp://127.0.0.1:5555 or ipc:///run/dcalc\n");
        return EX_USAGE;
    }
    dc_buf_printf(&console->buf, "dcalc: cannot open a connection: %s\n", strerror(error));
    return EX_TEMPFAIL;
}

// Cut a list of addresses, parted by commas, in place.
static size_t split_urls(char *text, const char **urls)
{
    size_t count = 0;
    char *rest = text;
    char *url;
    while (count < URLS_MAX && (url = strsep(&rest, ","))) {
        if (*url) urls[count++] = url;
    }
    return count;
}

// What is no address should not be waited for: libzmq would try for ever to reach it.
static bool are_addresses(const char *const *urls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *host = strncmp(urls[i], "tcp://", 6) == 0 ? urls[i] + 6 : NULL;
        if (!dc_net_is_address(urls[i])) return false;
        if (host && (!strchr(host, ':') || strchr(host, '*') || !dc_net_has_port(urls[i])))
            return false;
    }
    return count > 0;
}

// Who will not wait still has every address tried.
static uint64_t wait_for_all(uint64_t wait_ms, size_t url_count)
{
    return url_count > 1 ? dc_max_u64(wait_ms, url_count * TRY_MS) : wait_ms;
}

// What is said to the broker and what it says, for who wants to see all.
static void put_trace(void *context, bool is_sent, const char *words)
{
    dc_console_t *console = context;
    dc_buf_printf(&console->buf, "%c %s\n", is_sent ? '>' : '<', words);
}

static int connect_to(dc_connection_t *self, const char *text, const dc_cli_settings_t *settings,
                      dc_console_t *console)
{
    const char *urls[URLS_MAX];
    char *copy = strdup(text);
    if (copy) {
        dcalc_options_t options = { .size = sizeof options,
                                    .urls = urls,
                                    .url_count = split_urls(copy, urls),
                                    .trace = settings->verbose > 1 ? put_trace : NULL,
                                    .trace_context = console,
                                    .workers = settings->verbose > 0 };
        // Who listens on a path is looked for even more often, without being asked to.
        if (strncmp(text, "ipc:", 4) != 0) options.reconnect_ms_max = RECONNECT_MS_MAX;
        self->wait_ms = wait_for_all(self->wait_ms, options.url_count);
        errno = EINVAL;
        if (are_addresses(urls, options.url_count)) self->dcalc = dcalc_new(&options);
    }
    int status = self->dcalc ? 0 : complain_url(console, text);
    free(copy);
    return status;
}

int dc_connection_open(dc_connection_t *self, const dc_cli_settings_t *settings,
                       dc_console_t *console)
{
    *self = (dc_connection_t){ .wait_ms = settings->wait_ms };
    if (settings->local >= 0) {
        dc_diag_t diag = { 0 };
        // It is being started, and its keeper says if it cannot be: there is something to wait for.
        self->wait_ms = dc_max_u64(self->wait_ms, LOCAL_WAIT_MS_MIN);
        self->local = dc_local_start((size_t)settings->local, &diag);
        if (!self->local) {
            dc_buf_printf(&console->buf, "dcalc: %s\n", diag.message);
            return diag.code == DC_ERR_NOMEM ? EX_TEMPFAIL : EX_UNAVAILABLE;
        }
    }
    const char *url = self->local ? dc_local_url(self->local) : settings->broker;
    int status = connect_to(self, url, settings, console);
    if (status) dc_connection_close(self);
    return status;
}

void dc_connection_close(dc_connection_t *self)
{
    dcalc_destroy(&self->dcalc);
    dc_local_stop(&self->local);
}

int dc_connection_check(const dc_connection_t *self, dc_console_t *console)
{
    const char *why;
    if (!self->local || !dc_local_has_failed(self->local, &why)) return 0;
    dc_buf_printf(&console->buf, "dcalc: %s\n", why);
    return EX_UNAVAILABLE;
}

bool dc_connection_is_interrupted(const dc_connection_t *self)
{
    return self->heeds_signals && dc_interrupt_take(self->signal_fd) > 0;
}

static bool is_answered(dc_connection_t *self, dcalc_id_t question)
{
    dcalc_event_t event;
    while (dcalc_next(self->dcalc, &event)) {
        if (event.type == DCALC_EVENT_ANSWER && event.id == question) return true;
    }
    return false;
}

dcalc_err_t dc_connection_open_batch(dc_connection_t *self, const dcalc_batch_options_t *options,
                                     dc_ms_t deadline_ms, dc_ms_t now, dcalc_id_t *batch)
{
    dcalc_batch_options_t timed = *options;
    if (deadline_ms) timed.deadline_ms = deadline_ms > now ? deadline_ms - now : 1;
    return dcalc_open(self->dcalc, &timed, batch);
}

void dc_connection_cancel(dc_connection_t *self, dcalc_id_t batch)
{
    dcalc_cancel(self->dcalc, batch);
    dc_connection_settle(self);
}

void dc_connection_settle(dc_connection_t *self)
{
    dcalc_id_t question;
    // A private cluster ends with us.
    if (self->local || !dcalc_is_connected(self->dcalc)) return;
    if (dcalc_query(self->dcalc, "ping", 0, &question)) return;
    dc_ms_t end = dc_clock_ms() + CANCEL_MS_MAX;
    for (dc_ms_t now; !is_answered(self, question) && (now = dc_clock_ms()) < end;) {
        if (dcalc_wait(self->dcalc, (int)(end - now))) return;
    }
}

// The answer to `question`, if it is among the events. Returns an exit status, or -1 for none yet.
static int take_answer(dc_connection_t *self, dc_console_t *console, dcalc_id_t question,
                       dc_buf_t *json)
{
    dcalc_event_t event;
    while (dcalc_next(self->dcalc, &event)) {
        if (event.type != DCALC_EVENT_ANSWER || event.id != question) continue;
        if (!event.error) {
            dc_buf_append(json, event.text, event.text_bytes);
            return 0;
        }
        dc_buf_append_text(&console->buf, "dcalc: ");
        dc_text_put_safe(&console->buf, event.text_bytes
                                            ? dc_str(event.text, event.text_bytes)
                                            : dc_str_from(dcalc_err_text(event.error)));
        dc_buf_append_char(&console->buf, '\n');
        if ((dc_err_t)event.error == DC_ERR_UNKNOWN_BATCH) return EX_NOINPUT;
        return dc_exit_status((dc_err_t)event.error);
    }
    return -1;
}

// Wait for the answer to `question`; with `err` it could not be asked.
static int await(dc_connection_t *self, const dc_cli_settings_t *settings, dc_console_t *console,
                 dcalc_err_t err, dcalc_id_t question, dc_buf_t *json)
{
    dc_patience_t patience;
    if (err) {
        dc_buf_printf(&console->buf, "dcalc: %s\n", dcalc_err_text(err));
        return dc_exit_status((dc_err_t)err);
    }
    dc_patience_init(&patience, self->dcalc, console, self->wait_ms, dc_clock_ms());
    patience.is_quiet = settings->quiet;
    int status = -1;
    while (status < 0) {
        status = dc_connection_is_interrupted(self) ? DC_EXIT_INTERRUPTED
                                                    : dc_connection_check(self, console);
        if (!status) status = dc_patience_look(&patience, dc_clock_ms(), false, false);
        if (status) break;
        err = dcalc_wait(self->dcalc, DC_TICK_MS);
        bool has_failed = err && (dc_err_t)err != DC_ERR_NOMEM;
        status = has_failed ? EX_TEMPFAIL : take_answer(self, console, question, json);
    }
    dc_console_draw(console, DC_STR(""));
    dc_patience_fini(&patience);
    return status;
}

// The name of the array in the answer to `what`; NULL if that comes whole.
static const char *array_of(const char *what)
{
    if (strcmp(what, "list") == 0) return "batches";
    return strcmp(what, "workers") == 0 ? "slots" : NULL;
}

// Ask for all pages of what is listed, one behind the other.
static int ask_pages(dc_connection_t *self, const dc_cli_settings_t *settings,
                     dc_console_t *console, const char *what, dc_buf_t *json)
{
    dc_buf_t page = { 0 };
    uint64_t next = 0;
    int status = 0;
    do {
        dcalc_id_t question = 0;
        page.len = 0;
        dcalc_err_t err = dcalc_query(self->dcalc, what, next, &question);
        status = await(self, settings, console, err, question, &page);
        if (!status && !dc_pages_add(json, array_of(what), dc_buf_str(&page), &next)) {
            dc_buf_append_text(&console->buf,
                               "dcalc: the broker's answer is not understood: another version?\n");
            status = EX_PROTOCOL;
        }
    } while (!status && next);
    dc_buf_fini(&page);
    return status;
}

int dc_connection_ask(dc_connection_t *self, const dc_cli_settings_t *settings,
                      dc_console_t *console, const char *what, uint64_t number, dc_buf_t *json)
{
    if (what && array_of(what)) return ask_pages(self, settings, console, what, json);
    dcalc_id_t question = 0;
    dcalc_err_t err = what ? dcalc_query(self->dcalc, what, number, &question)
                           : dcalc_cancel_number(self->dcalc, number, &question);
    return await(self, settings, console, err, question, json);
}

int dc_connection_delete(dc_connection_t *self, const dc_cli_settings_t *settings,
                         dc_console_t *console, uint64_t number, dc_buf_t *json)
{
    dcalc_id_t question = 0;
    dcalc_err_t err = dcalc_delete(self->dcalc, number, &question);
    return await(self, settings, console, err, question, json);
}

int dc_connection_set(dc_connection_t *self, const dc_cli_settings_t *settings,
                      dc_console_t *console, uint64_t number, dcalc_set_t what, int64_t value,
                      dc_buf_t *json)
{
    dcalc_id_t question = 0;
    dcalc_err_t err = dcalc_set(self->dcalc, number, what, value, &question);
    return await(self, settings, console, err, question, json);
}

int dc_connection_drain(dc_connection_t *self, const dc_cli_settings_t *settings,
                        dc_console_t *console, const char *worker, dc_buf_t *json)
{
    dcalc_id_t question = 0;
    dcalc_err_t err = dcalc_drain(self->dcalc, worker, &question);
    return await(self, settings, console, err, question, json);
}
