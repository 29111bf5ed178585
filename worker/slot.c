#include "worker/slot.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/entropy.h"
#include "common/thread.h"
#include "worker/hello.h"
#include "worker/machine.h"
#include "worker/sandbox.h"
#include "worker/slot_loop.h"

// What was said last must get out before the process ends.
#define LINGER_MS 1000

static int report(const dc_slot_loop_t *self, const dc_diag_t *diag, int status)
{
    dc_log(DC_LOG_ERROR, "slot cannot start slot=%u why=%s", (unsigned)self->share->slot_index,
           diag->message);
    return status;
}

static dc_link_t *make_link(const dc_slot_loop_t *self)
{
    const dc_slot_settings_t *settings = self->settings;
    dc_hello_t hello = {
        .session = self->share->session,
        .name = settings->name,
        .host = settings->host,
        .tags = settings->tags,
        .tag_count = settings->tag_count,
        .pid = (uint64_t)getpid(),
        .slot_index = self->share->slot_index,
        .memory_bytes_max = settings->memory_bytes_max,
    };
    uint64_t seed;
    dc_buf_t json = { 0 };
    dc_hello_put(&hello, &json);
    dc_link_settings_t link_settings = settings->link;
    link_settings.ready = dc_buf_str(&json);
    bool is_ready = !json.failed && dc_entropy_fill(&seed, sizeof seed);
    dc_link_t *link = is_ready ? dc_link_new(&link_settings, seed) : NULL;
    dc_buf_fini(&json);
    return link;
}

// All that needs files or threads is done here, before the slot is locked down.
static bool make_parts(dc_slot_loop_t *self)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, DC_SLOT_SIGNAL_END);
    self->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    dc_message_init(&self->message);
    dc_mailer_init(&self->mailer);
    dc_link_actions_init(&self->actions);
    self->memory_fd = dc_machine_open_memory();
    self->core_count = dc_machine_cores();
    self->net = dc_net_new();
    self->link = make_link(self);
    self->runner = dc_runner_new(&self->share->spot);
    self->quick = dc_quick_new(&self->share->quick_spot);
    return self->signal_fd >= 0 && self->net && self->link && self->runner && self->quick;
}

static void free_parts(dc_slot_loop_t *self)
{
    dc_runner_destroy(&self->runner);
    dc_quick_destroy(&self->quick);
    dc_pieces_fini(&self->pieces);
    dc_link_actions_fini(&self->actions);
    dc_link_destroy(&self->link);
    dc_mailer_fini(&self->mailer);
    dc_message_fini(&self->message);
    dc_socket_close(&self->socket, LINGER_MS);
    dc_net_destroy(&self->net);
    if (self->signal_fd >= 0) close(self->signal_fd);
    if (self->memory_fd >= 0) close(self->memory_fd);
}

// Of several names those that are not found are left out; of one that is said by who gives up.
static dc_err_t resolve_endpoints(dc_slot_loop_t *self, dc_diag_t *diag)
{
    size_t count = self->settings->endpoint_count;
    size_t found_count = 0;
    self->endpoints = calloc(count, sizeof *self->endpoints);
    if (!self->endpoints) return dc_diag_set_no_memory(diag);
    for (size_t i = 0; i < count; i++) {
        const char *url = self->settings->endpoints[i];
        dc_err_t err = dc_endpoint_resolve(url, &self->endpoints[i], diag);
        if (err && err != DC_ERR_IO) return err;
        if (!err) found_count++;
        if (err && count > 1) {
            dc_log(DC_LOG_WARN, "backend left out slot=%u backend=%s why=%s",
                   (unsigned)self->share->slot_index, url, diag->message);
        }
    }
    return found_count ? DC_OK : DC_ERR_IO;
}

static int run(dc_slot_loop_t *self)
{
    dc_diag_t diag = { .message = "the system has no memory or threads to give" };
    if (resolve_endpoints(self, &diag) || !make_parts(self))
        return report(self, &diag, EX_TEMPFAIL);
    // libzmq starts its threads before there may be no more. They and this one are prompt, the
    // thread that evaluates, which is there already, is not.
    dc_thread_be_prompt();
    if (!dc_slot_loop_start(self)) return self->status;
    if (dc_sandbox_limit(self->settings->memory_bytes_max, &diag) || dc_sandbox_lock(&diag)) {
        return report(self, &diag, EX_OSERR);
    }
    dc_slot_loop_run(self);
    if (self->has_failed && !self->must_look_up) {
        dc_log(DC_LOG_ERROR, "slot cannot go on slot=%u", (unsigned)self->share->slot_index);
    }
    return self->has_failed ? self->status : 0;
}

// SIGINT comes from a terminal to the whole group, and is the supervisor's.
static void set_up_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, DC_SLOT_SIGNAL_END);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

int dc_slot_run(const dc_slot_settings_t *settings, dc_share_t *share)
{
    dc_slot_loop_t self = { .settings = settings,
                            .share = share,
                            .signal_fd = -1,
                            .memory_fd = -1,
                            .status = EX_TEMPFAIL };
    set_up_signals();
    prctl(PR_SET_NAME, "dcalc-slot"); // what was started as /proc/self/exe is called `exe`
    int status = run(&self);
    free_parts(&self);
    free(self.endpoints);
    return status;
}
