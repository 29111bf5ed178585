// dcalc-worker — computes for a broker, in as many processes as there are cores.
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/expr/expr.h"
#include "common/net_url.h"
#include "common/quantity.h"
#include "common/tag.h"
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

static bool are_tags_sound(const dc_option_list_t *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        const char *flaw = dc_tag_flaw(dc_str_from(tags->items[i]));
        if (!flaw) continue;
        fprintf(stderr, "dcalc-worker: --tag: '%s' %s\n", tags->items[i], flaw);
        return false;
    }
    if (tags->count <= DC_TAGS_MAX) return true;
    fprintf(stderr, "dcalc-worker: --tag: a worker has at most %d\n", DC_TAGS_MAX);
    return false;
}

// People type it, and the broker's log has it between blanks: so it is a word, as a tag is. An
// empty one is none.
static bool is_name_sound(const char *name)
{
    static_assert(DC_NAME_BYTES_MAX == DC_TAG_BYTES_MAX, "a name is looked at as a tag is");
    const char *flaw = name && *name ? dc_tag_flaw(dc_str_from(name)) : NULL;
    if (!flaw) return true;
    fprintf(stderr, "dcalc-worker: --name: '%s' %s\n", name, flaw);
    return false;
}

// Told once, instead of by every slot.
static bool are_addresses(const dc_option_list_t *backends)
{
    for (size_t i = 0; i < backends->count; i++) {
        const char *url = backends->items[i];
        if (dc_net_is_address(url) && dc_net_has_port(url)) continue;
        fprintf(stderr,
                "dcalc-worker: --backend: '%s' is not an address such as tcp://127.0.0.1:5556 or "
                "ipc:///path\n",
                url);
        return false;
    }
    return true;
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

// The slots get the same arguments, and one more.
static int run_supervisor(const dc_worker_options_t *options, int argc, char **argv)
{
    static char slot_option[] = "--slot";
    char **slot_argv = calloc((size_t)argc + 2, sizeof *slot_argv);
    if (!slot_argv) return EX_OSERR;
    for (int i = 0; i < argc; i++)
        slot_argv[i] = argv[i];
    slot_argv[argc] = slot_option;
    bool has_backends = options->backends.count > 0;
    dc_supervisor_settings_t settings = {
        .endpoints = has_backends ? options->backends.items : default_endpoints,
        .endpoint_count = has_backends ? options->backends.count : 1,
        .slot_count = (uint32_t)options->slot_count,
        .drain_ms = options->drain_ms,
        .lifeline_fd = (int)options->lifeline_fd,
        .argv = slot_argv,
    };
    int status = dc_supervisor_run(&settings);
    free(slot_argv);
    return status;
}

static int run(dc_worker_options_t *options, int argc, char **argv)
{
    const char *reason;
    if (!dc_engine_is_supported(&reason)) {
        fprintf(stderr, "dcalc-worker: this processor cannot compute for dcalc: %s\n", reason);
        return EX_UNAVAILABLE;
    }
    if (!is_name_sound(options->name) || !are_tags_sound(&options->tags)) return EX_USAGE;
    if (!are_addresses(&options->backends)) return EX_USAGE;
    fill_in(options);
    dc_log_set_level((dc_log_level_t)options->log_level);
    return options->is_slot ? run_slot(options) : run_supervisor(options, argc, argv);
}

int main(int argc, char **argv)
{
    dc_worker_options_t settings;
    dc_options_t *options = dc_options_new(&dc_worker_options, &settings);
    int status = EX_OSERR;
    if (options && dc_options_start(options, argc, argv, &status)) {
        status = run(&settings, argc, argv);
    }
    dc_options_destroy(&options);
    return status;
}
