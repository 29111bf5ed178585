#include "common/options_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/config_check.h"
#include "common/option_help.h"
#include "common/options_show.h"
#include "common/version.h"

void dc_options_begin(dc_options_t *self, size_t index, dc_options_source_t source)
{
    const dc_option_t *option = &self->table->options[index];
    dc_options_source_t *old = &self->sources[index];
    bool is_same = old->origin == source.origin &&
                   (!source.entry || strcmp(old->entry->section, source.entry->section) == 0);
    // A list is where its first item is.
    if (is_same && option->kind == DC_OPTION_LIST) return;
    *old = source;
    if (is_same) return;
    void *field = dc_options_field(self, option);
    if (option->kind == DC_OPTION_LIST) ((dc_option_list_t *)field)->count = 0;
    if (option->kind == DC_OPTION_COUNT) *(int64_t *)field = 0;
}

bool dc_options_set(dc_options_t *self, size_t index, const char *text, dc_options_source_t source,
                    dc_buf_t *message)
{
    const dc_option_t *option = &self->table->options[index];
    dc_options_begin(self, index, source);
    return dc_option_read(option, dc_options_field(self, option), text, message);
}

// --- the environment ---------------------------------------------------------------------------

static int read_environment(dc_options_t *self, dc_buf_t *message)
{
    static const dc_options_source_t from_environment = { .origin = DC_ORIGIN_ENVIRONMENT };
    int status = 0;
    dc_buf_t name = { 0 };
    for (size_t i = 0; i < self->table->count && status == 0; i++) {
        if (self->table->options[i].flags & DC_OPTION_NO_ENVIRONMENT) continue;
        name.len = 0;
        dc_option_put_variable(self->table, i, &name);
        dc_buf_append_char(&name, '\0');
        if (name.failed) {
            status = EX_TEMPFAIL;
            break;
        }
        const char *text = getenv(name.data);
        if (!text || !*text) continue;
        size_t len = message->len;
        dc_buf_printf(message, "%s: %s: ", self->table->program, name.data);
        if (dc_options_set(self, i, text, from_environment, message)) {
            message->len = len;
        } else {
            dc_buf_append_char(message, '\n');
            status = EX_CONFIG;
        }
    }
    dc_buf_fini(&name);
    return status;
}

// --- all of it ---------------------------------------------------------------------------------

// Whether flag `name` is on; a table need not have it.
static bool is_on(const dc_options_t *self, const char *name)
{
    size_t index;
    if (!dc_option_find(self->table, name, &index)) return false;
    return *(const bool *)dc_options_field(self, &self->table->options[index]);
}

int dc_options_parse(dc_options_t *self, int argc, char **argv, dc_buf_t *message)
{
    if (!dc_options_shield(self, argc, argv)) return EX_TEMPFAIL;
    size_t len = message->len;
    int status = read_environment(self, message);
    if (status && status != EX_CONFIG) return status;
    int later = dc_options_read_arguments(self, argc, message);
    if (later) return later;
    // Who asks for help may do so because of what is wrong with the environment, or the file.
    if (is_on(self, "help") || is_on(self, "version")) {
        message->len = len;
        return 0;
    }
    return status ? status : dc_options_read_file(self, message);
}

dc_options_t *dc_options_new(const dc_option_table_t *table, void *settings)
{
    dc_options_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    size_t count = table->count;
    assert(count > 0);
    self->table = table;
    self->settings = settings;
    dc_arena_init(&self->texts, DC_CONFIG_TEXTS_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        dc_option_set_default(&table->options[i], dc_options_field(self, &table->options[i]));
    }
    self->sources = calloc(count, sizeof *self->sources);
    if (!self->sources) dc_options_destroy(&self);
    return self;
}

void dc_options_destroy(dc_options_t **self_p)
{
    dc_options_t *self = *self_p;
    if (!self) return;
    for (size_t i = 0; i < self->table->count; i++) {
        const dc_option_t *option = &self->table->options[i];
        if (option->kind == DC_OPTION_LIST)
            free(((dc_option_list_t *)dc_options_field(self, option))->items);
    }
    dc_config_destroy(&self->config);
    dc_arena_fini(&self->texts);
    free(self->sources);
    free(self->arguments);
    free(self->shield);
    free(self);
    *self_p = NULL;
}

// --- where from --------------------------------------------------------------------------------

dc_origin_t dc_options_origin(const dc_options_t *self, size_t index)
{
    return self->sources[index].origin;
}

void dc_options_put_origin(const dc_options_t *self, size_t index, dc_buf_t *out)
{
    const dc_config_entry_t *entry = self->sources[index].entry;
    switch (self->sources[index].origin) {
    case DC_ORIGIN_DEFAULT: dc_buf_append_text(out, "default"); break;
    case DC_ORIGIN_FLAG: dc_buf_append_text(out, "flag"); break;
    case DC_ORIGIN_ENVIRONMENT:
        dc_buf_append_text(out, "env ");
        dc_option_put_variable(self->table, index, out);
        break;
    case DC_ORIGIN_FILE: {
        const char *path = dc_config_path(self->config);
        const char *slash = strrchr(path, '/');
        dc_buf_printf(out, "%s:%u [%s]", slash ? slash + 1 : path, entry->line, entry->section);
        break;
    }
    }
}

int dc_options_blame(const dc_options_t *self, const char *name, dc_buf_t *message)
{
    size_t index;
    if (!dc_option_find(self->table, name, &index)) return EX_SOFTWARE;
    const dc_options_source_t *source = &self->sources[index];
    if (source->origin == DC_ORIGIN_FILE) {
        dc_config_put_place(self->config, source->entry, message);
        return EX_CONFIG;
    }
    dc_buf_printf(message, "%s: ", self->table->program);
    bool is_variable = source->origin == DC_ORIGIN_ENVIRONMENT;
    if (is_variable) {
        dc_option_put_variable(self->table, index, message);
    } else {
        dc_buf_printf(message, "--%s", name);
    }
    dc_buf_append_text(message, ": ");
    return is_variable ? EX_CONFIG : EX_USAGE;
}

// --- for a program without commands ------------------------------------------------------------

static void put_help(const dc_options_t *self, dc_buf_t *out)
{
    dc_buf_append_text(out, self->table->usage);
    dc_buf_append_text(out, "\n");
    dc_option_put_help(self->table, 0, out);
}

// Print what is asked for in place of the program's work. False if nothing is.
static bool print_asked(const dc_options_t *self)
{
    dc_buf_t text = { 0 };
    size_t output;
    if (is_on(self, "help")) {
        put_help(self, &text);
    } else if (is_on(self, "version")) {
        dc_buf_printf(&text, "%s %s\n", self->table->program, DC_VERSION);
    } else if (is_on(self, "print-config") && dc_option_find(self->table, "output", &output)) {
        const int64_t *format = dc_options_field(self, &self->table->options[output]);
        dc_options_show(self, (dc_options_format_t)*format, &text);
    } else {
        return false;
    }
    fwrite(text.data, 1, text.len, stdout);
    dc_buf_fini(&text);
    return true;
}

bool dc_options_start(dc_options_t *self, int argc, char **argv, int *status)
{
    dc_buf_t message = { 0 };
    *status = dc_options_parse(self, argc, argv, &message);
    bool is_about = is_on(self, "help") || is_on(self, "version");
    if (*status == 0 && !is_about && self->operand_count) {
        dc_buf_printf(&message, "%s: '%s' is not an option\n       all of them: %s --help\n",
                      self->table->program, dc_options_operand(self, 0), self->table->program);
        *status = EX_USAGE;
    }
    if (*status == EX_TEMPFAIL) dc_buf_append_text(&message, "out of memory\n");
    fwrite(message.data, 1, message.len, stderr);
    dc_buf_fini(&message);
    return *status == 0 && !print_asked(self);
}

int dc_options_say_sound(const dc_options_t *self)
{
    dc_buf_t message = { 0 };
    const char *path = dc_options_config_path(self);
    bool is_sound = dc_options_check_file(self, &message);
    fwrite(message.data, 1, message.len, stderr);
    dc_buf_fini(&message);
    if (!is_sound) return EX_CONFIG;
    printf("%s: sound\n", path ? path : "no configuration file");
    return 0;
}
