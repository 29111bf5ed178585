#include "worker/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/notify.h"
#include "worker/obituary.h"
#include "worker/slot.h"

// A second signal this soon is the first one again: whoever ends a group or a service may send both
// to it and to us.
#define REPEAT_MS 500

// Slots end by themselves when their time to drain is over; this much later they are ended.
#define DRAIN_GRACE_MS 2000

// How often brokers' words on the obituaries' connections are dropped.
#define TIDY_MS 1000

typedef struct child {
    pid_t pid;         // 0: there is no process
    dc_share_t *share; // owned; of the process, and of the dead one until it is buried
    dc_ms_t start_ms;  // when it was started
    dc_ms_t again_ms;  // if there is none: when to start it
    dc_ms_t pause_ms;  // the last pause
    unsigned free_restarts;
    bool is_over; // it has left, and is not started again
} child_t;

typedef struct supervisor {
    const dc_supervisor_settings_t *settings;
    child_t *children; // owned
    dc_obituary_t *obituary;
    dc_notify_t notify;
    int signal_fd;
    bool is_draining;
    dc_ms_t drain_ms; // since when
    dc_ms_t kill_ms;  // when draining: not later than this
    int status;       // of the whole program
} supervisor_t;

// --- starting ----------------------------------------------------------------------------------

// In the child: only what is safe between fork and exec.
static void exec_slot(const supervisor_t *self, int share_fd)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (share_fd == DC_SHARE_FD) {
        fcntl(share_fd, F_SETFD, 0);
    } else {
        dup2(share_fd, DC_SHARE_FD);
    }
    execv("/proc/self/exe", self->settings->argv);
    _exit(EX_OSERR);
}

static bool start_child(supervisor_t *self, child_t *child, dc_ms_t now)
{
    int share_fd;
    dc_share_close(&child->share);
    child->share = dc_share_new((uint32_t)(child - self->children), &share_fd);
    if (!child->share) return false;
    pid_t pid = fork();
    if (pid == 0) exec_slot(self, share_fd);
    close(share_fd);
    if (pid < 0) return false;
    child->pid = pid;
    child->start_ms = now;
    dc_log(DC_LOG_DEBUG, "slot started slot=%u pid=%d", (unsigned)child->share->slot_index,
           (int)pid);
    return true;
}

static dc_ms_t next_pause(const child_t *child)
{
    if (child->pause_ms == 0) return DC_RESTART_MS_MIN;
    return dc_min_u64(2 * child->pause_ms, DC_RESTART_MS_MAX);
}

static void start_children(supervisor_t *self, dc_ms_t now)
{
    for (size_t i = 0; i < self->settings->slot_count; i++) {
        child_t *child = &self->children[i];
        if (child->pid || child->is_over || self->is_draining || now < child->again_ms) continue;
        if (start_child(self, child, now)) continue;
        child->pause_ms = next_pause(child);
        child->again_ms = now + child->pause_ms;
        dc_log(DC_LOG_ERROR, "slot cannot be started slot=%zu why=%s", i, strerror(errno));
    }
}

// --- ending ------------------------------------------------------------------------------------

static void signal_children(const supervisor_t *self, int signal)
{
    for (size_t i = 0; i < self->settings->slot_count; i++) {
        if (self->children[i].pid) kill(self->children[i].pid, signal);
    }
}

static void drain(supervisor_t *self, unsigned signal, dc_ms_t now)
{
    if (self->is_draining) {
        if (now - self->drain_ms < REPEAT_MS) return;
        signal_children(self, DC_SLOT_SIGNAL_END);
        self->kill_ms = dc_min_u64(self->kill_ms, now + DRAIN_GRACE_MS);
        return;
    }
    self->is_draining = true;
    dc_notify_stopping(&self->notify);
    self->drain_ms = now;
    if (__builtin_add_overflow(now, self->settings->drain_ms, &self->kill_ms) ||
        __builtin_add_overflow(self->kill_ms, DRAIN_GRACE_MS, &self->kill_ms)) {
        self->kill_ms = UINT64_MAX;
    }
    dc_log(DC_LOG_INFO, "worker drains signal=%u", signal);
    signal_children(self, SIGTERM);
}

// A slot cannot work here: nor can the others.
static void give_up(supervisor_t *self, int status)
{
    if (self->status == 0) self->status = status;
    self->is_draining = true;
    self->kill_ms = 0;
}

// Decide when a slot that was lost is started again.
static void plan_restart(child_t *child, bool by_signal, dc_ms_t now)
{
    dc_ms_t lived_ms = now - child->start_ms;
    if (lived_ms >= DC_RESTART_MS_OK) {
        child->pause_ms = 0;
        child->free_restarts = DC_RESTARTS_FREE;
    }
    child->again_ms = now;
    if (by_signal && child->free_restarts > 0) {
        child->free_restarts--;
        return;
    }
    child->pause_ms = next_pause(child);
    child->again_ms = now + child->pause_ms;
}

static void lose_child(supervisor_t *self, child_t *child, int signal, int status, dc_ms_t now)
{
    dc_obituary_send(self->obituary, child->share, signal);
    if (!self->is_draining) plan_restart(child, signal != 0, now);
    dc_log(DC_LOG_WARN, "slot lost slot=%u signal=%d status=%d lived_ms=%llu pause_ms=%llu",
           (unsigned)child->share->slot_index, signal, status,
           (unsigned long long)(now - child->start_ms),
           (unsigned long long)(child->again_ms > now ? child->again_ms - now : 0));
}

static void bury(supervisor_t *self, child_t *child, int wait_status, dc_ms_t now)
{
    int signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
    child->pid = 0;
    if (signal == 0 && status == 0) {
        child->is_over = true; // it took its leave
        return;
    }
    lose_child(self, child, signal, status, now);
    if (signal == 0 && status != EX_TEMPFAIL) give_up(self, status);
}

static void collect_children(supervisor_t *self, dc_ms_t now)
{
    for (size_t i = 0; i < self->settings->slot_count; i++) {
        child_t *child = &self->children[i];
        int wait_status;
        if (child->pid && waitpid(child->pid, &wait_status, WNOHANG) == child->pid) {
            bury(self, child, wait_status, now);
        }
    }
}

// --- the loop ----------------------------------------------------------------------------------

static bool is_done(const supervisor_t *self)
{
    for (size_t i = 0; i < self->settings->slot_count; i++) {
        const child_t *child = &self->children[i];
        if (child->pid || !(child->is_over || self->is_draining)) return false;
    }
    return true;
}

static void read_signals(supervisor_t *self, dc_ms_t now)
{
    struct signalfd_siginfo info;
    while (read(self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGCHLD) drain(self, info.ssi_signo, now);
    }
}

static int wait_ms(const supervisor_t *self, dc_ms_t now)
{
    dc_ms_t until = now + TIDY_MS;
    if (self->is_draining) until = dc_min_u64(until, self->kill_ms);
    for (size_t i = 0; i < self->settings->slot_count; i++) {
        const child_t *child = &self->children[i];
        // What is lost while the others drain is not started again.
        bool is_due = !child->pid && !child->is_over && !self->is_draining;
        if (is_due) until = dc_min_u64(until, child->again_ms);
    }
    return until > now ? (int)(until - now) : 0;
}

// How many slots there are, for who looks at the service.
static void notify(supervisor_t *self, dc_ms_t now)
{
    dc_notify_turn(&self->notify, now);
    if (!dc_notify_wants_status(&self->notify, now)) return;
    unsigned running = 0;
    for (size_t i = 0; i < self->settings->slot_count; i++) {
        running += self->children[i].pid != 0;
    }
    char text[64];
    int len = snprintf(text, sizeof text, "%u of %u slots run%s", running,
                       (unsigned)self->settings->slot_count, self->is_draining ? ", draining" : "");
    dc_notify_status(&self->notify, now, dc_str(text, (size_t)len));
}

static void turn(supervisor_t *self)
{
    struct pollfd fds[] = {
        { .fd = self->signal_fd, .events = POLLIN },
        { .fd = self->settings->lifeline_fd, .events = POLLIN },
    };
    poll(fds, DC_ARRAY_LEN(fds), wait_ms(self, dc_clock_ms()));
    dc_ms_t now = dc_clock_ms();
    read_signals(self, now);
    if (fds[1].revents) give_up(self, 0);
    if (self->is_draining && now >= self->kill_ms) {
        self->kill_ms = now + DRAIN_GRACE_MS;
        signal_children(self, SIGKILL);
    }
    collect_children(self, now);
    start_children(self, now);
    dc_obituary_tidy(self->obituary);
    notify(self, now);
}

static bool set_up(supervisor_t *self)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // of a log that may not grow
    self->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (self->settings->lifeline_fd >= 0) fcntl(self->settings->lifeline_fd, F_SETFD, FD_CLOEXEC);
    self->children = calloc(self->settings->slot_count, sizeof *self->children);
    self->obituary = dc_obituary_new(self->settings->endpoints, self->settings->endpoint_count);
    if (self->signal_fd < 0 || !self->children || !self->obituary) return false;
    for (size_t i = 0; i < self->settings->slot_count; i++) {
        self->children[i].free_restarts = DC_RESTARTS_FREE;
    }
    return true;
}

static void tear_down(supervisor_t *self)
{
    for (size_t i = 0; self->children && i < self->settings->slot_count; i++) {
        dc_share_close(&self->children[i].share);
    }
    free(self->children);
    dc_obituary_destroy(&self->obituary);
    if (self->signal_fd >= 0) close(self->signal_fd);
}

int dc_supervisor_run(const dc_supervisor_settings_t *settings)
{
    supervisor_t self = { .settings = settings, .signal_fd = -1 };
    dc_notify_init(&self.notify);
    if (set_up(&self)) {
        dc_log(DC_LOG_INFO, "worker started slots=%u backend=%s", (unsigned)settings->slot_count,
               settings->endpoints[0]);
        start_children(&self, dc_clock_ms());
        dc_notify_ready(&self.notify);
        while (!is_done(&self))
            turn(&self);
        dc_log(DC_LOG_INFO, "worker ends");
    } else {
        dc_log(DC_LOG_ERROR, "worker cannot start why=%s", strerror(errno));
        self.status = EX_OSERR;
    }
    tear_down(&self);
    dc_notify_fini(&self.notify);
    return self.status;
}
