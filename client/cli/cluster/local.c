#include "client/cli/cluster/local.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/cli/cluster/keeper.h"

struct dc_local {
    dc_keeper_t keeper;
    pid_t pid;       // the keeper's; 0 or less: not started
    int lifeline_fd; // closing it ends everything
    int report_fd;   // readable when the keeper has said something, or ended
    bool has_folder; // it was made, and no keeper will remove it
    bool has_failed;
    char url[128];
    char report[DC_KEEPER_REPORT_MAX + 1];
};

// --- finding the programs ----------------------------------------------------------------------

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

// Beside this program: so a build finds its own, and an installation too.
static bool find_beside(const char *name, char path[PATH_MAX])
{
    char own[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    if (len <= 0) return false;
    own[len] = '\0';
    char *slash = strrchr(own, '/');
    if (!slash) return false;
    int needed = snprintf(path, PATH_MAX, "%.*s/%s", (int)(slash - own), own, name);
    return needed < PATH_MAX && is_program(path);
}

static bool find_in_path(const char *name, char path[PATH_MAX])
{
    const char *folders = getenv("PATH");
    while (folders && *folders) {
        size_t len = strcspn(folders, ":");
        // An empty entry would be the current folder, where anybody may have put anything.
        int needed = snprintf(path, PATH_MAX, "%.*s/%s", (int)len, folders, name);
        if (len && needed < PATH_MAX && is_program(path)) return true;
        folders += len + (folders[len] == ':');
    }
    return false;
}

static bool find_program(const char *name, char path[PATH_MAX], dc_diag_t *diag)
{
    if (find_beside(name, path) || find_in_path(name, path)) return true;
    dc_diag_set(diag, DC_ERR_IO, 0, 0, "cannot find %s beside this program or in PATH", name);
    return false;
}

// --- the directory -----------------------------------------------------------------------------

static bool make_folder_in(dc_local_t *self, const char *parent)
{
    char *folder = self->keeper.folder;
    size_t size = sizeof self->keeper.folder;
    if (!parent || parent[0] != '/') return false;
    int needed = snprintf(folder, size, "%s/dcalc-XXXXXX", parent);
    return needed < (int)size && mkdtemp(folder); // with mode 0700
}

static bool make_folder(dc_local_t *self, dc_diag_t *diag)
{
    self->has_folder = make_folder_in(self, getenv("XDG_RUNTIME_DIR")) ||
                       make_folder_in(self, getenv("TMPDIR")) || make_folder_in(self, "/tmp");
    if (!self->has_folder) {
        dc_diag_set(diag, DC_ERR_IO, 0, 0, "cannot make a private directory: %s", strerror(errno));
        return false;
    }
    snprintf(self->url, sizeof self->url, "ipc://%s/%s", self->keeper.folder, DC_KEEPER_FRONT);
    return true;
}

// --- life cycle --------------------------------------------------------------------------------

// The two pipes. False if there can be none.
static bool make_pipes(dc_local_t *self)
{
    int lifeline[2], report[2];
    if (pipe2(lifeline, O_CLOEXEC) != 0) return false;
    self->keeper.lifeline_fd = lifeline[0];
    self->lifeline_fd = lifeline[1];
    if (pipe2(report, O_CLOEXEC) != 0) return false;
    self->report_fd = report[0];
    self->keeper.report_fd = report[1];
    return true;
}

static void close_if_open(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static bool fork_keeper(dc_local_t *self, dc_diag_t *diag)
{
    self->pid = make_pipes(self) ? fork() : -1;
    if (self->pid == 0) {
        close(self->lifeline_fd);
        dc_keeper_run(&self->keeper);
    }
    if (self->pid < 0) {
        dc_diag_set(diag, DC_ERR_IO, 0, 0, "cannot start a process: %s", strerror(errno));
        return false;
    }
    self->has_folder = false;
    close_if_open(&self->keeper.lifeline_fd);
    close_if_open(&self->keeper.report_fd);
    return true;
}

// Make the folder, and somebody who removes it. A signal that came between would leave it behind.
static bool start_keeper(dc_local_t *self, dc_diag_t *diag)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    bool is_started = make_folder(self, diag) && fork_keeper(self, diag);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

dc_local_t *dc_local_start(size_t slot_count, dc_diag_t *diag)
{
    dc_local_t *self = calloc(1, sizeof *self);
    if (!self) {
        dc_diag_set_no_memory(diag);
        return NULL;
    }
    self->keeper.slot_count = slot_count;
    self->lifeline_fd = self->report_fd = -1;
    self->keeper.lifeline_fd = self->keeper.report_fd = -1;
    if (find_program("dcalc-broker", self->keeper.broker, diag) &&
        find_program("dcalc-worker", self->keeper.worker, diag) && start_keeper(self, diag)) {
        return self;
    }
    dc_local_stop(&self);
    return NULL;
}

const char *dc_local_url(const dc_local_t *self)
{
    return self->url;
}

int dc_local_fd(const dc_local_t *self)
{
    return self->report_fd;
}

bool dc_local_has_failed(dc_local_t *self, const char **why)
{
    struct pollfd item = { .fd = self->report_fd, .events = POLLIN };
    if (!self->has_failed && poll(&item, 1, 0) > 0) {
        ssize_t len = read(self->report_fd, self->report, sizeof self->report - 1);
        if (len <= 0) len = snprintf(self->report, sizeof self->report, "its keeper was killed\n");
        self->report[len] = '\0';
        self->has_failed = true;
    }
    *why = self->report;
    return self->has_failed;
}

void dc_local_stop(dc_local_t **self_p)
{
    dc_local_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    close_if_open(&self->lifeline_fd);
    close_if_open(&self->keeper.lifeline_fd);
    close_if_open(&self->keeper.report_fd);
    if (self->pid > 0) {
        while (waitpid(self->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (self->has_folder) rmdir(self->keeper.folder);
    close_if_open(&self->report_fd);
    free(self);
}
