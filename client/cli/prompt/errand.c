#include "client/cli/prompt/errand.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/cli/interrupt.h"

// How often is looked whether it has ended, when nothing else is to be done.
#define WATCH_PAUSE_MS 20

// --- its environment ---------------------------------------------------------------------------

// Variables, each NAME=VALUE, in an array with room for what is added.
typedef struct variables {
    char **items;
    size_t count;
} variables_t;

static bool is_same(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");
    return len == strcspn(b, "=") && memcmp(a, b, len) == 0;
}

// Put `text`, NAME=VALUE, in the place of another value, or behind all.
static void put(variables_t *self, char *text)
{
    for (size_t i = 0; i < self->count; i++) {
        if (!is_same(self->items[i], text)) continue;
        self->items[i] = text;
        return;
    }
    self->items[self->count++] = text;
    self->items[self->count] = NULL;
}

// What has a value that reads back from a variable, and is the command's as well.
static bool is_handed_on(const dc_errand_t *self, size_t index)
{
    const dc_option_t *option = &dc_cli_options.options[index];
    if (option->kind == DC_OPTION_LIST || option->flags & DC_OPTION_NO_ENVIRONMENT) return false;
    return dc_options_origin(self->options, index) == DC_ORIGIN_FLAG;
}

// `name` is NUL-terminated, as is what comes of it; NULL if memory is short.
static char *join(dc_arena_t *arena, const char *name, const char *value)
{
    size_t name_bytes = strlen(name), value_bytes = strlen(value);
    char *text = dc_arena_alloc(arena, name_bytes + value_bytes + 2, 1);
    if (!text) return NULL;
    memcpy(text, name, name_bytes);
    text[name_bytes] = '=';
    memcpy(text + name_bytes + 1, value, value_bytes + 1);
    return text;
}

static char *variable_of(const dc_errand_t *self, size_t index, dc_arena_t *arena)
{
    const dc_option_t *option = &dc_cli_options.options[index];
    dc_buf_t name = { 0 }, value = { 0 };
    dc_option_put_variable(&dc_cli_options, index, &name);
    dc_option_put_value(option, (const char *)self->settings + option->offset, &value);
    dc_buf_append_char(&name, '\0');
    dc_buf_append_char(&value, '\0');
    // Who has a broker needs no private one.
    bool is_broker = strcmp(option->name, "broker") == 0;
    bool is_local = strcmp(option->name, "local") == 0;
    const char *text = is_broker ? self->url : is_local ? "" : value.data;
    char *variable = name.failed || value.failed ? NULL : join(arena, name.data, text);
    dc_buf_fini(&name);
    dc_buf_fini(&value);
    return variable;
}

static bool is_named(size_t index, const char *name)
{
    return strcmp(dc_cli_options.options[index].name, name) == 0;
}

// NULL if memory is short.
static char **make_environment(const dc_errand_t *self, dc_arena_t *arena)
{
    size_t count = 0;
    while (environ[count]) {
        count++;
    }
    size_t capacity = count + dc_cli_options.count + 1;
    variables_t made = { .items = dc_arena_alloc(arena, capacity, sizeof(char *)) };
    if (!made.items) return NULL;
    memcpy(made.items, environ, (count + 1) * sizeof(char *));
    made.count = count;
    for (size_t i = 0; i < dc_cli_options.count; i++) {
        bool is_always = is_named(i, "broker") || is_named(i, "local");
        if (!is_always && !is_handed_on(self, i)) continue;
        char *variable = variable_of(self, i, arena);
        if (!variable) return NULL;
        put(&made, variable);
    }
    return made.items;
}

// --- starting and waiting ----------------------------------------------------------------------

// It takes signals as a program does that a shell has started.
static int start(const dc_errand_t *self, char *const *arguments, char *const *environment,
                 pid_t *pid)
{
    posix_spawnattr_t attributes;
    sigset_t none, piped;
    (void)self;
    sigemptyset(&none);
    sigemptyset(&piped);
    sigaddset(&piped, SIGPIPE);
    int error = posix_spawnattr_init(&attributes);
    if (error) return error;
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &piped);
    // Under its own name, whatever has taken its place on the disk.
    error = posix_spawn(pid, "/proc/self/exe", NULL, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static int pause_ms(const dc_errand_t *self)
{
    int timeout_ms = self->timeout_ms(self->context);
    return timeout_ms < 0 || timeout_ms > WATCH_PAUSE_MS ? WATCH_PAUSE_MS : timeout_ms;
}

// Ctrl-C on the terminal has reached it as well as us.
static void await(const dc_errand_t *self, pid_t pid)
{
    bool is_told = false;
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        self->turn(self->context);
        struct pollfd fds[] = { { .fd = self->signal_fd, .events = POLLIN },
                                { .fd = self->fd, .events = POLLIN } };
        poll(fds, 2, pause_ms(self));
        dc_interrupt_take(self->signal_fd);
        if (is_told || !dc_interrupt_was_terminated()) continue;
        kill(pid, SIGTERM);
        is_told = true;
    }
}

int dc_errand_run(const dc_errand_t *self, const dc_words_t *words, dc_arena_t *arena)
{
    char **environment = make_environment(self, arena);
    char **arguments = dc_arena_alloc(arena, words->count + 2, sizeof *arguments);
    size_t bytes = strlen(self->program) + 1;
    char *program = dc_arena_alloc(arena, bytes, 1);
    pid_t pid;
    if (!environment || !arguments || !program) return ENOMEM;
    memcpy(program, self->program, bytes);
    arguments[0] = program;
    memcpy(arguments + 1, words->items, (words->count + 1) * sizeof *arguments);
    int error = start(self, arguments, environment, &pid);
    if (!error) await(self, pid);
    return error;
}
