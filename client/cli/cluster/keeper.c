#include "client/cli/cluster/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/net_url.h"

// The descriptor under which the cluster's programs find the lifeline.
#define LIFELINE_FD 3

// How often is looked whether the broker listens already; and later, whether all are alive.
#define START_PAUSE_MS 1
#define WATCH_PAUSE_MS 100

// A broker that does not listen by then never will.
#define START_MS_MAX 10000

// Nor does it take long to be killed.
#define END_S_MAX 2

#define PATH_BYTES_MAX 128 // of a name in the folder
#define URL_BYTES_MAX  (PATH_BYTES_MAX + 8)

typedef struct cluster {
    const dc_keeper_t *keeper;
    pid_t broker, worker; // 0: not there
    char report[DC_KEEPER_REPORT_MAX];
} cluster_t;

static void put_path(const cluster_t *self, const char *name, char path[PATH_BYTES_MAX])
{
    snprintf(path, PATH_BYTES_MAX, "%s/%s", self->keeper->folder, name);
}

static void put_url(const cluster_t *self, const char *name, char url[URL_BYTES_MAX])
{
    snprintf(url, URL_BYTES_MAX, "ipc://%s/%s", self->keeper->folder, name);
}

// --- ends --------------------------------------------------------------------------------------

// Append the end of the log to the report.
static void append_log(cluster_t *self)
{
    char path[PATH_BYTES_MAX];
    put_path(self, DC_KEEPER_LOG, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    size_t len = strlen(self->report);
    size_t room = sizeof self->report - len - 1;
    off_t size = lseek(fd, 0, SEEK_END);
    if (size > (off_t)room) lseek(fd, -(off_t)room, SEEK_END);
    if (size <= (off_t)room) lseek(fd, 0, SEEK_SET);
    ssize_t count = read(fd, self->report + len, room);
    if (count > 0) self->report[len + (size_t)count] = '\0';
    close(fd);
}

// False if something is left in it.
static bool remove_folder(const cluster_t *self)
{
    static const char *const names[] = { DC_KEEPER_FRONT, DC_KEEPER_BACK, DC_KEEPER_LOG };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_BYTES_MAX];
        put_path(self, names[i], path);
        unlink(path);
    }
    return rmdir(self->keeper->folder) == 0;
}

// End the cluster and the keeper. There is nothing in it that could be lost, so it need not be
// asked; broker, worker and slots are one process group.
static _Noreturn void end(cluster_t *self)
{
    if (self->broker) kill(-self->broker, SIGKILL);
    if (self->report[0]) {
        append_log(self);
        ssize_t written = write(self->keeper->report_fd, self->report, strlen(self->report));
        (void)written; // if nobody reads it, nobody wants to know
    }
    bool is_removed = remove_folder(self);
    // Slots are waited for as well, being inherited from the worker; but not for ever.
    alarm(END_S_MAX);
    while (wait(NULL) > 0 || errno == EINTR) {
    }
    // Who is killed while it makes a file may be later with that than the above.
    if (!is_removed) remove_folder(self);
    _exit(0);
}

// --- starting ----------------------------------------------------------------------------------

// Start a program in the process group of `group` (0: of its own). Returns its id.
static pid_t start(cluster_t *self, pid_t group, char *const argv[])
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    // The program may have blocked signals, to take them from a descriptor.
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, group);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, self->keeper->lifeline_fd, LIFELINE_FD);
    pid_t pid = 0;
    int error = posix_spawn(&pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0) return pid;
    snprintf(self->report, sizeof self->report, "cannot start %s: %s\n", argv[0], strerror(error));
    end(self);
}

// Both programs have these: what they log is shown only if something fails, and only its end.
#define LOG_LEVEL "--log-level=warn"

// A private cluster is what this command asks for, and not what is configured for others.
#define NO_CONFIG "--config=none"

static pid_t start_broker(cluster_t *self)
{
    char program[PATH_MAX], front[URL_BYTES_MAX], back[URL_BYTES_MAX], lifeline[16];
    snprintf(program, sizeof program, "%s", self->keeper->broker);
    put_url(self, DC_KEEPER_FRONT, front);
    put_url(self, DC_KEEPER_BACK, back);
    snprintf(lifeline, sizeof lifeline, "%d", LIFELINE_FD);
    char frontend_option[] = "--frontend", backend_option[] = "--backend";
    char lifeline_option[] = "--lifeline", log_option[] = LOG_LEVEL, no_config[] = NO_CONFIG;
    char data_option[] = "--data", data[] = "none";
    char *argv[] = { program, frontend_option, front,    backend_option, back,      data_option,
                     data,    lifeline_option, lifeline, log_option,     no_config, NULL };
    return start(self, 0, argv);
}

static pid_t start_worker(cluster_t *self)
{
    char program[PATH_MAX], back[URL_BYTES_MAX], lifeline[16], slots[32];
    snprintf(program, sizeof program, "%s", self->keeper->worker);
    put_url(self, DC_KEEPER_BACK, back);
    snprintf(lifeline, sizeof lifeline, "%d", LIFELINE_FD);
    snprintf(slots, sizeof slots, "%zu", self->keeper->slot_count);
    char backend_option[] = "--backend", lifeline_option[] = "--lifeline";
    char log_option[] = LOG_LEVEL, no_config[] = NO_CONFIG, slots_option[] = "--slots";
    char *argv[] = { program,    backend_option, back,         lifeline_option, lifeline,
                     log_option, no_config,      slots_option, slots,           NULL };
    if (self->keeper->slot_count == 0) argv[7] = NULL;
    return start(self, self->broker, argv);
}

// --- watching ----------------------------------------------------------------------------------

// If `pid` has ended, say so and end everything.
static void look_after(cluster_t *self, pid_t pid, const char *name)
{
    int status;
    if (pid == 0 || waitpid(pid, &status, WNOHANG) != pid) return;
    const char *how = WIFSIGNALED(status) ? "signal" : "status";
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    snprintf(self->report, sizeof self->report, "%s ended with %s %d\n", name, how, number);
    end(self);
}

// Wait for `pause_ms`; end everything if the program has gone or a part of the cluster has.
static void watch(cluster_t *self, int pause_ms)
{
    struct pollfd lifeline = { .fd = self->keeper->lifeline_fd, .events = POLLIN };
    if (poll(&lifeline, 1, pause_ms) > 0) end(self);
    look_after(self, self->broker, "dcalc-broker");
    look_after(self, self->worker, "dcalc-worker");
}

static void await_broker(cluster_t *self)
{
    char back[URL_BYTES_MAX];
    put_url(self, DC_KEEPER_BACK, back);
    // Who connects to a path that is not there yet is made to wait for a long time by libzmq.
    for (int waited_ms = 0; !dc_net_is_ipc_taken(back); waited_ms += START_PAUSE_MS) {
        if (waited_ms >= START_MS_MAX) {
            snprintf(self->report, sizeof self->report, "dcalc-broker does not listen\n");
            end(self);
        }
        watch(self, START_PAUSE_MS);
    }
}

// Let go of all that was the program's: a reader of its output would wait for the keeper too.
static void let_go(cluster_t *self)
{
    char path[PATH_BYTES_MAX];
    put_path(self, DC_KEEPER_LOG, path);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (nothing < 0 || log < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
        dup2(log, 2) < 0) {
        snprintf(self->report, sizeof self->report, "%s: %s\n", path, strerror(errno));
        end(self);
    }
    int low = self->keeper->lifeline_fd;
    int high = self->keeper->report_fd;
    if (low > high) {
        low = high;
        high = self->keeper->lifeline_fd;
    }
    // The two that it needs are CLOEXEC, as are these three.
    if (low > 3) close_range(3, (unsigned)low - 1, 0);
    if (high > low + 1) close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    close_range((unsigned)high + 1, ~0u, 0);
}

// What was sent to the program's group, which is not ours any more, is for the program: its end is
// ours, in order. To ignore a signal is to forget those that wait.
static void forget_signals(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
    sigset_t none;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        signal(signals[i], SIG_IGN);
        signal(signals[i], SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void dc_keeper_run(const dc_keeper_t *self)
{
    cluster_t cluster = { .keeper = self };
    setpgid(0, 0);
    prctl(PR_SET_NAME, "dcalc-keeper");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    forget_signals();
    signal(SIGPIPE, SIG_IGN);
    let_go(&cluster);
    cluster.broker = start_broker(&cluster);
    await_broker(&cluster);
    cluster.worker = start_worker(&cluster);
    for (;;) {
        watch(&cluster, WATCH_PAUSE_MS);
    }
}
