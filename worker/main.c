// dcalc-worker — computes for a broker, in as many processes as there are cores.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/expr/expr.h"
#include "common/quantity.h"
#include "worker/machine.h"
#include "worker/options.h"
#include "worker/sandbox.h"
#include "worker/slot.h"
#include "worker/supervisor.h"

// A finding of a sanitizer ends a slot like a crash, so that the supervisor takes it for one.
#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "handle_segv=0:handle_abort=0:abort_on_error=1";
}
#elif defined(__SANITIZE_THREAD__)
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "handle_segv=0:handle_abort=0:abort_on_error=1";
}
#endif

// What a slot leaves of the machine's memory to others.
#define MEMORY_PERCENT 80

// How many there are is nothing that one of them could be asked.
static bool are_tags_few(const dc_worker_options_t *options)
{
    if (options->tags.count <= DC_TAGS_MAX) return true;
    fprintf(stderr, "dcalc-worker: --tag: a worker has at most %d\n", DC_TAGS_MAX);
    return false;
}

// What options leave open is decided here, equally in the supervisor and in its slots.
static void fill_in(dc_worker_options_t *options)
{
    if (options->slot_count == 0) {
        options->slot_count = (int64_t)dc_min_u64(dc_machine_cores(), DC_SLOTS_MAX);
    }
    if (options->memory_bytes_max == 0) {
        uint64_t share = dc_machine_memory() / 100 * MEMORY_PERCENT / (uint64_t)options->slot_count;
        options->memory_bytes_max = dc_max_u64(share, DC_WORKER_MEMORY_MIN);
    }
    // No limit to draining would be an hour or a year for who waits; never to leave is the default.
    if (options->idle_exit_ms == DC_DURATION_INF) options->idle_exit_ms = 0;
    // So that a time from now can be counted with.
    options->drain_ms = dc_min_u64(options->drain_ms, INT64_MAX);
}

static const char *const default_endpoints[] = { DC_WORKER_BACKEND };

static dc_link_settings_t link_settings(const dc_worker_options_t *options)
{
    dc_link_settings_t settings = dc_link_settings_default();
    settings.heartbeat_ms = options->heartbeat_ms;
    settings.liveness_beats = (uint32_t)options->liveness_beats;
    settings.reconnect_ms_max = options->reconnect_ms;
    settings.reconnect_ms_min = dc_min_u64(settings.reconnect_ms_min, options->reconnect_ms);
    settings.drain_ms = options->drain_ms;
    settings.idle_exit_ms = options->idle_exit_ms;
    return settings;
}

static int run_slot(const dc_worker_options_t *options)
{
    dc_share_t *share = dc_share_open(DC_SHARE_FD);
    if (!share) {
        fprintf(stderr, "dcalc-worker: --slot is for the worker's own use\n");
        return EX_USAGE;
    }
    if (!dc_sandbox_bind_to_parent(share->supervisor_pid)) return EX_TEMPFAIL;
    dc_sandbox_close_from(DC_SHARE_FD);
    char host[65] = "?";
    char name[DC_NAME_BYTES_MAX + 1];
    gethostname(host, sizeof host - 1);
    // The number is what tells two workers of a host apart: it must not be what a long name lacks.
    snprintf(name, sizeof name, "%.50s-%d", host, (int)share->supervisor_pid);
    bool has_backends = options->backends.count > 0;
    dc_slot_settings_t settings = {
        .endpoints = has_backends ? options->backends.items : default_endpoints,
        .endpoint_count = has_backends ? options->backends.count : 1,
        .name = dc_str_from(options->name && *options->name ? options->name : name),
        .host = dc_str_from(host),
        .tags = options->tags.items,
        .tag_count = options->tags.count,
        .memory_bytes_max = options->memory_bytes_max,
        .link = link_settings(options),
    };
    int status = dc_slot_run(&settings, share);
    dc_share_close(&share);
    return status;
}

// The arguments of a slot: ours, those that the configuration stands for, and one more. The file
// itself is not read again: a slot that starts later is to be as the others are. `texts` holds what
// is added. NULL if memory is short.
static char **make_slot_arguments(const dc_options_t *options, int argc, char **argv,
                                  dc_buf_t *texts)
{
    static char no_config[] = "--config=none", slot_option[] = "--slot";
    dc_options_put_arguments(options, texts);
    size_t count = (size_t)argc;
    for (size_t i = 0; i < texts->len; i++) {
        count += texts->data[i] == '\0';
    }
    char **slot_argv = texts->failed ? NULL : calloc(count + 3, sizeof *slot_argv);
    if (!slot_argv) return NULL;
    size_t len = 0;
    for (int i = 0; i < argc; i++) {
        slot_argv[len++] = argv[i];
    }
    for (size_t at = 0; at < texts->len; at += strlen(texts->data + at) + 1) {
        slot_argv[len++] = texts->data + at;
    }
    slot_argv[len++] = no_config;
    slot_argv[len] = slot_option;
    return slot_argv;
}

static int supervise(const dc_worker_options_t *options, char *const *slot_argv)
{
    bool has_backends = options->backends.count > 0;
    dc_supervisor_settings_t settings = {
        .endpoints = has_backends ? options->backends.items : default_endpoints,
        .endpoint_count = has_backends ? options->backends.count : 1,
        .slot_count = (uint32_t)options->slot_count,
        .drain_ms = options->drain_ms,
        .lifeline_fd = (int)options->daemon.lifeline_fd,
        .argv = slot_argv,
    };
    return dc_supervisor_run(&settings);
}

static int run_supervisor(const dc_worker_options_t *settings, const dc_options_t *options,
                          int argc, char **argv)
{
    dc_buf_t texts = { 0 };
    char **slot_argv = make_slot_arguments(options, argc, argv, &texts);
    int status = slot_argv ? supervise(settings, slot_argv) : EX_OSERR;
    free(slot_argv);
    dc_buf_fini(&texts);
    return status;
}

static int run(dc_worker_options_t *settings, const dc_options_t *options, int argc, char **argv)
{
    const char *reason;
    if (!are_tags_few(settings)) return EX_USAGE;
    if (settings->daemon.check_config) return dc_options_say_sound(options);
    if (!dc_engine_is_supported(&reason)) {
        fprintf(stderr, "dcalc-worker: this processor cannot compute for dcalc: %s\n", reason);
        return EX_UNAVAILABLE;
    }
    fill_in(settings);
    dc_log_set_format((dc_log_format_t)settings->daemon.log_format);
    dc_log_set_level((dc_log_level_t)settings->daemon.log_level);
    if (settings->is_slot) return run_slot(settings);
    return run_supervisor(settings, options, argc, argv);
}

int main(int argc, char **argv)
{
    dc_worker_options_t settings;
    dc_options_t *options = dc_options_new(&dc_worker_options, &settings);
    int status = EX_OSERR;
    if (options && dc_options_start(options, argc, argv, &status)) {
        status = run(&settings, options, argc, argv);
    }
    dc_options_destroy(&options);
    return status;
}
