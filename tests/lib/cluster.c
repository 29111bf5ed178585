#include "tests/lib/cluster.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16
#define CHILDREN_MAX  64

static void die(const char *what)
{
    perror(what);
    abort();
}

void dc_cluster_init(dc_cluster_t *self)
{
    *self = (dc_cluster_t){ .folder = "/tmp/dcalc-test-XXXXXX", .data = "none" };
    if (!mkdtemp(self->folder)) die("mkdtemp");
    snprintf(self->front, sizeof self->front, "ipc://%s/front", self->folder);
    snprintf(self->back, sizeof self->back, "ipc://%s/back", self->folder);
}

// Where the broker keeps batches: a folder in that of the cluster, of plain files.
static void put_store(const dc_cluster_t *self, char path[PATH_MAX])
{
    bool is_none = strcmp(self->data, "none") == 0;
    snprintf(path, PATH_MAX, "%s%s%s", is_none ? "" : self->folder, is_none ? "" : "/", self->data);
}

static void remove_store(const dc_cluster_t *self)
{
    char path[PATH_MAX];
    put_store(self, path);
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder) closedir(folder);
    rmdir(path);
}

void dc_cluster_fini(dc_cluster_t *self)
{
    dc_cluster_kill(&self->worker);
    dc_cluster_kill(&self->broker);
    unlink(self->front + strlen("ipc://"));
    unlink(self->back + strlen("ipc://"));
    if (strcmp(self->data, "none") != 0) remove_store(self);
    rmdir(self->folder);
}

// In the child: become the program.
static _Noreturn void become(const char *const argv[])
{
    const char *folder = getenv("DCALC_BIN");
    char path[PATH_MAX];
    char *arguments[ARGUMENTS_MAX] = { NULL };
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "build/release", argv[0]);
    for (size_t i = 0; argv[i] && i + 1 < ARGUMENTS_MAX; i++) {
        arguments[i] = strdup(argv[i]);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!getenv("DCALC_TEST_LOG")) { // what it logs is for who looks for a fault
        int nothing = open("/dev/null", O_WRONLY);
        if (nothing >= 0) dup2(nothing, STDERR_FILENO);
    }
    setenv("DCALC_CONFIG", "none", 1); // and not what this person or machine has
    execv(path, arguments);
    _exit(127);
}

// Start a program of dcalc's with NULL-terminated `argv`; it dies with the calling thread.
static pid_t spawn(const char *const argv[])
{
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) become(argv);
    return pid;
}

void dc_cluster_start_broker(dc_cluster_t *self)
{
    char store[PATH_MAX];
    put_store(self, store);
    const char *argv[] = { "dcalc-broker", "--frontend", self->front, "--backend",
                           self->back,     "--data",     store,       NULL };
    self->broker = spawn(argv);
}

void dc_cluster_start_worker(dc_cluster_t *self, const char *slot_count)
{
    const char *argv[] = { "dcalc-worker", "--backend",   self->back, "--slots",
                           slot_count,     "--reconnect", "100ms",    NULL };
    self->worker = spawn(argv);
}

size_t dc_cluster_children(pid_t pid, pid_t *children, size_t max)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    char text[1024];
    size_t count = 0;
    char *at = fgets(text, sizeof text, file);
    while (at && count < max) {
        char *end;
        long child = strtol(at, &end, 10);
        if (end == at) break;
        children[count++] = (pid_t)child;
        at = end;
    }
    fclose(file);
    return count;
}

void dc_cluster_kill(pid_t *pid_p)
{
    pid_t pid = *pid_p;
    *pid_p = 0;
    if (pid == 0) return;
    pid_t children[CHILDREN_MAX];
    size_t count = dc_cluster_children(pid, children, CHILDREN_MAX);
    kill(pid, SIGKILL);
    for (size_t i = 0; i < count; i++) {
        kill(children[i], SIGKILL);
    }
    waitpid(pid, NULL, 0);
}
