#include "broker/shell/shell_part.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/entropy.h"
#include "common/map.h"
#include "common/thread.h"

// Descriptors for what is not a connection: libzmq's own, signals, the lifeline, standard ones.
#define DESCRIPTORS_RESERVED ((rlim_t)100)

// Signals are read like everything else. libzmq's threads inherit the mask, so this comes first.
static int open_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // the store says what it could not write
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

// How many connections each door may have: what the system gives us, which we ask to be its most.
static unsigned get_connections_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return DC_CONNECTIONS_MAX;
    rlim_t most = (rlim_t)2 * DC_CONNECTIONS_MAX + DESCRIPTORS_RESERVED;
    if (limit.rlim_cur < most && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < most ? limit.rlim_max : most;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= most) return DC_CONNECTIONS_MAX;
    if (limit.rlim_cur <= 2 * DESCRIPTORS_RESERVED) return DESCRIPTORS_RESERVED / 2;
    return (unsigned)(limit.rlim_cur - DESCRIPTORS_RESERVED) / 2;
}

static int status_of(dc_err_t error)
{
    return error == DC_ERR_INVALID ? EX_USAGE : error == DC_ERR_NOMEM ? EX_OSERR : EX_UNAVAILABLE;
}

static int open_door(dc_shell_t *self, dc_side_t side, const char *url, unsigned connections_max)
{
    dc_diag_t diag;
    const char *option = side == DC_SIDE_FRONT ? "frontend" : "backend";
    self->doors[side] = dc_door_new(self->net, side, url, connections_max, &diag);
    if (self->doors[side]) return EX_OK;
    dc_log(DC_LOG_ERROR, "cannot listen: %s; give another address with --%s", diag.message, option);
    return status_of(diag.code);
}

static int open_doors(dc_shell_t *self, const dc_shell_options_t *options)
{
    unsigned connections_max = get_connections_max();
    int status = open_door(self, DC_SIDE_FRONT, options->frontend_url, connections_max);
    if (status != EX_OK) return status;
    status = open_door(self, DC_SIDE_BACK, options->backend_url, connections_max);
    if (status != EX_OK) return status;
    dc_door_set_other(self->doors[DC_SIDE_FRONT], dc_door_url(self->doors[DC_SIDE_BACK]));
    dc_door_set_other(self->doors[DC_SIDE_BACK], dc_door_url(self->doors[DC_SIDE_FRONT]));
    return EX_OK;
}

static int say_short(void)
{
    dc_log(DC_LOG_ERROR, "cannot start: no memory, descriptors or randomness to be had");
    return EX_OSERR;
}

static int open_core(dc_shell_t *self, const dc_settings_t *settings)
{
    uint64_t seed;
    if (dc_entropy_fill(&seed, sizeof seed)) self->core = dc_core_new(settings, seed);
    return self->core ? EX_OK : say_short();
}

int dc_shell_open(dc_shell_t *self, const dc_shell_options_t *options)
{
    if (!dc_map_draw_secret()) return say_short();
    self->signal_fd = open_signals();
    dc_thread_be_prompt();
    self->net = dc_net_new();
    if (self->signal_fd < 0 || !self->net) return say_short();
    // Who comes while the store is read waits in the sockets.
    int status = open_doors(self, options);
    if (status != EX_OK) return status;
    dc_settings_t settings;
    status = dc_shell_open_store(self, options, &settings);
    if (status == EX_OK) status = open_core(self, &settings);
    if (status == EX_OK) status = dc_shell_recover(self);
    if (status != EX_OK) return status;
    dc_log(DC_LOG_INFO, "listening frontend=%s backend=%s", dc_door_url(self->doors[DC_SIDE_FRONT]),
           dc_door_url(self->doors[DC_SIDE_BACK]));
    return EX_OK;
}

void dc_shell_close(dc_shell_t *self)
{
    dc_store_close(&self->store);
    dc_core_destroy(&self->core);
    dc_actions_fini(&self->actions);
    dc_door_destroy(&self->doors[DC_SIDE_FRONT], DC_FAREWELL_MS);
    dc_door_destroy(&self->doors[DC_SIDE_BACK], DC_FAREWELL_MS);
    dc_guard_fini(&self->guard);
    dc_net_destroy(&self->net);
    if (self->signal_fd >= 0) close(self->signal_fd);
}
