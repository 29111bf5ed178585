#include "client/dcalc.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "client/handle.h"
#include "client/sized.h"
#include "common/clock.h"
#include "common/entropy.h"
#include "common/version.h"
#include "common/wire_words.h"

// A turn receives this many messages at most, so that they are used before more come.
#define TURN_MESSAGES_MAX 256

// For the last words to the broker.
#define LINGER_MS 200

// Whoever listens on a path is on this machine, and often is just being started.
#define IPC_RECONNECT_MS_MIN 5
#define IPC_RECONNECT_MS_MAX 100

// What the struct had in version 1.0. It does not change; members that come later are behind it.
#define OPTIONS_BYTES_FIRST (offsetof(dcalc_options_t, inputs_bytes_max) + sizeof(size_t))

static const char *const url_default = DCALC_URL_DEFAULT;

const char *dcalc_version(void)
{
    return DC_VERSION;
}

static uint64_t or_default(uint64_t value, uint64_t instead)
{
    return value ? value : instead;
}

static dc_session_settings_t settings_of(const dcalc_options_t *options)
{
    dc_session_settings_t settings = dc_requests_settings_default();
    if (strncmp(options->urls[0], "ipc:", 4) == 0) {
        settings.reconnect_ms_min = IPC_RECONNECT_MS_MIN;
        settings.reconnect_ms_max = IPC_RECONNECT_MS_MAX;
    }
    settings.heartbeat_ms = or_default(options->heartbeat_ms, settings.heartbeat_ms);
    settings.liveness_beats =
        (uint32_t)or_default(options->liveness_beats, settings.liveness_beats);
    settings.reconnect_ms_min = or_default(options->reconnect_ms_min, settings.reconnect_ms_min);
    settings.reconnect_ms_max = or_default(options->reconnect_ms_max, settings.reconnect_ms_max);
    settings.inputs_bytes_max = or_default(options->inputs_bytes_max, settings.inputs_bytes_max);
    settings.wants_workers = options->workers;
    return settings;
}

static void trace(dcalc_t *self, bool is_sent, const dc_cmd_t *cmd)
{
    dc_buf_t words = { 0 };
    dc_wire_put_words(cmd, &words);
    dc_buf_append_char(&words, '\0');
    if (!words.failed) self->trace(self->trace_context, is_sent, words.data);
    dc_buf_fini(&words);
}

static void trace_sent(void *context, const dc_cmd_t *cmd)
{
    trace(context, true, cmd);
}

// Make the parts. False, and errno set, if one cannot be made.
static bool set_up(dcalc_t *self, const dcalc_options_t *options)
{
    uint64_t seed;
    if (!dc_entropy_fill(&seed, sizeof seed)) return false;
    dc_session_settings_t settings = settings_of(options);
    self->requests = dc_requests_new(&settings, seed);
    if (!self->requests) return false;
    self->channel = dc_channel_new(options->urls, options->url_count);
    if (!self->channel) return false;
    self->trace = options->trace;
    self->trace_context = options->trace_context;
    if (self->trace) dc_channel_tap(self->channel, trace_sent, self);
    return true;
}

// --- the loop ----------------------------------------------------------------------------------

static void receive(dcalc_t *self, dc_ms_t now)
{
    dc_wire_reader_t reader;
    dc_cmd_t cmd;
    for (size_t i = 0; i < TURN_MESSAGES_MAX; i++) {
        switch (dc_channel_receive(self->channel, &reader)) {
        case DC_CHANNEL_NOTHING: return;
        case DC_CHANNEL_FOREIGN:
            dc_requests_receive_foreign(self->requests, now, &self->outcome);
            continue;
        case DC_CHANNEL_GARBAGE:
            dc_requests_receive_garbage(self->requests, now, &self->outcome);
            continue;
        case DC_CHANNEL_MESSAGE: break;
        }
        while (dc_wire_next(&reader, &cmd)) {
            if (self->trace) trace(self, false, &cmd);
            dc_requests_receive(self->requests, now, &cmd, &self->outcome);
        }
    }
}

// Open the next connection.
static dc_err_t reconnect(dcalc_t *self, dc_ms_t now)
{
    self->outcome.connect = false;
    dc_err_t err = dc_channel_connect(self->channel);
    if (err != DC_OK) dc_requests_disconnected(self->requests, now, &self->outcome);
    return err;
}

dcalc_err_t dcalc_turn(dcalc_t *self)
{
    dc_ms_t now = dc_clock_ms();
    receive(self, now);
    if (dc_channel_is_broken(self->channel)) {
        dc_requests_disconnected(self->requests, now, &self->outcome);
    }
    dc_requests_tick(self->requests, now, &self->outcome);
    dc_err_t err = self->outcome.connect ? reconnect(self, now) : DC_OK;
    // Nothing is sent to an address that is none; it may be mended, or another one be tried.
    if (err == DC_ERR_INVALID) return DCALC_OK;
    if (err == DC_OK) err = dc_channel_send(self->channel, &self->outcome);
    return (dcalc_err_t)err;
}

int dcalc_fd(const dcalc_t *self)
{
    return dc_channel_fd(self->channel);
}

int dcalc_timeout_ms(const dcalc_t *self)
{
    if (dc_outcome_has_news(&self->outcome)) return 0;
    if (dc_channel_wants_to_send(self->channel, &self->outcome)) return 0;
    dc_ms_t deadline = dc_requests_deadline(self->requests);
    if (deadline == UINT64_MAX) return dc_channel_is_ready(self->channel) ? 0 : -1;
    dc_ms_t now = dc_clock_ms();
    if (deadline <= now || dc_channel_is_ready(self->channel)) return 0;
    return (int)dc_min_u64(deadline - now, INT_MAX);
}

dcalc_err_t dcalc_wait(dcalc_t *self, int timeout_ms)
{
    int due_ms = dcalc_timeout_ms(self);
    if (due_ms >= 0 && (timeout_ms < 0 || due_ms < timeout_ms)) timeout_ms = due_ms;
    struct pollfd item = { .fd = dcalc_fd(self), .events = POLLIN };
    if (timeout_ms) poll(&item, 1, timeout_ms);
    return dcalc_turn(self);
}

// The chunk is looked up only now: it may have been given up since the piece came. False if so.
static bool find_chunk(dcalc_t *self)
{
    dcalc_piece_t *piece = &self->news.piece;
    piece->inside = &self->news.data;
    piece->chunk = dc_requests_chunk(self->requests, piece->batch, piece->first);
    return piece->chunk != NULL;
}

bool dcalc_next(dcalc_t *self, dcalc_event_t *event)
{
    do {
        dc_news_fini(&self->news);
        if (!dc_outcome_take(&self->outcome, &self->news)) return false;
    } while (self->news.event.type == DCALC_EVENT_PIECE && !find_chunk(self));
    *event = self->news.event;
    return true;
}

// --- life cycle --------------------------------------------------------------------------------

dcalc_t *dcalc_new(const dcalc_options_t *options)
{
    dcalc_options_t all = { 0 };
    if (options && !dc_sized_read(&all, sizeof all, options, OPTIONS_BYTES_FIRST)) {
        errno = EINVAL;
        return NULL;
    }
    if (!all.urls || all.url_count == 0) {
        all.urls = &url_default;
        all.url_count = 1;
    }
    dcalc_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_outcome_init(&self->outcome);
    errno = ENOMEM;
    // The first turn begins to connect, so that this goes on while the program reads its input.
    if (set_up(self, &all)) {
        dcalc_err_t err = dcalc_turn(self);
        if (err == DCALC_OK) return self;
        errno = err == DCALC_ERR_IO ? EMFILE : ENOMEM;
    }
    int error = errno;
    dcalc_destroy(&self);
    errno = error;
    return NULL;
}

void dcalc_destroy(dcalc_t **self_p)
{
    dcalc_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    uint32_t linger_ms = 0;
    if (self->requests && self->channel) {
        dc_requests_leave(self->requests, dc_clock_ms(), &self->outcome);
        // Where nobody listens there is nobody to wait for.
        if (dc_requests_is_connected(self->requests)) linger_ms = LINGER_MS;
        dc_err_t err = dc_channel_send(self->channel, &self->outcome);
        if (err != DC_OK) linger_ms = 0; // the broker will notice that we are gone
    }
    dc_channel_destroy(&self->channel, linger_ms);
    dc_requests_destroy(&self->requests);
    dc_news_fini(&self->news);
    dc_outcome_fini(&self->outcome);
    free(self);
}

bool dcalc_is_connected(const dcalc_t *self)
{
    return dc_requests_is_connected(self->requests);
}

uint64_t dcalc_waiting_ms(const dcalc_t *self)
{
    return dc_requests_waiting_ms(self->requests, dc_clock_ms());
}

const char *dcalc_url(const dcalc_t *self)
{
    return dc_channel_url(self->channel);
}

const char *dcalc_reason(const dcalc_t *self)
{
    return dc_channel_reason(self->channel);
}

const char *dcalc_place(const dcalc_t *self, size_t index, const char **reason)
{
    return dc_channel_place(self->channel, index, reason);
}
