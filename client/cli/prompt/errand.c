#include "client/cli/prompt/errand.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/cli/cli_commands.h"
#include "client/cli/interrupt.h"
#include "client/cli/recipe/constants.h"

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

// NAME=VALUE, or only NAME where there is no value; NULL if memory is short.
static char *join(dc_arena_t *arena, const char *name, const char *value)
{
    size_t bytes = strlen(name) + (value ? strlen(value) : 0) + 2;
    char *text = dc_arena_alloc(arena, bytes, 1);
    if (text) snprintf(text, bytes, "%s%s%s", name, value ? "=" : "", value ? value : "");
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

// --- its arguments -----------------------------------------------------------------------------

// Whether the line itself has the option, which is stronger than all that is handed on.
static bool has_option(const dc_words_t *words, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 1; i < words->count; i++) {
        const char *word = words->items[i];
        bool is_long = strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, len) == 0;
        if (is_long && (word[2 + len] == '\0' || word[2 + len] == '=')) return true;
    }
    return false;
}

// What --let has bound, if it is handed on: there may be several, which no variable can hold.
static dc_option_list_t lets_of(const dc_errand_t *self, const dc_words_t *words)
{
    dc_cli_command_t command;
    bool is_taken =
        dc_cli_find_command(words->items[0], &command) && command & (DC_CLI_EVAL | DC_CLI_BATCH);
    if (!is_taken || has_option(words, "let")) return (dc_option_list_t){ 0 };
    return self->settings->lets;
}

// `--let=NAME=VALUE` for one of them, with the value that NAME has by now; empty if it has none.
// NULL where memory is short.
static char *make_let(const dc_errand_t *self, const char *item, dc_arena_t *arena)
{
    static char nothing[] = "";
    dc_str_t name, ignored, value;
    if (!dc_constants_split(item, &name, &ignored)) return nothing;
    if (!dc_notebook_get_variable(self->notebook, name, &value)) return nothing;
    dc_buf_t text = { 0 };
    dc_buf_printf(&text, "--let={%.*s}=", (int)name.len, name.data);
    dc_buf_append_str(&text, value);
    dc_buf_append_char(&text, '\0');
    char *made = text.failed ? NULL : dc_arena_alloc(arena, text.len, 1);
    if (made) memcpy(made, text.data, text.len);
    dc_buf_fini(&text);
    return made;
}

// The program's name, the command, what is handed on, the rest of the line. NULL where memory is
// short.
static char **make_arguments(const dc_errand_t *self, const dc_words_t *words, dc_arena_t *arena)
{
    static char private_option[] = "--private";
    dc_option_list_t lets = lets_of(self, words);
    char **made = dc_arena_alloc(arena, words->count + lets.count + 3, sizeof *made);
    if (!made) return NULL;
    size_t count = 0;
    made[count++] = join(arena, self->program, NULL);
    made[count++] = words->items[0];
    if (!made[0]) return NULL;
    if (self->is_private) made[count++] = private_option;
    for (size_t i = 0; i < lets.count; i++) {
        char *let = make_let(self, lets.items[i], arena);
        if (!let) return NULL;
        if (*let) made[count++] = let;
    }
    memcpy(made + count, words->items + 1, words->count * sizeof *made);
    return made;
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
    char **arguments = make_arguments(self, words, arena);
    pid_t pid;
    if (!environment || !arguments) return ENOMEM;
    int error = start(self, arguments, environment, &pid);
    if (!error) await(self, pid);
    return error;
}
