#include "common/config.h"

#include <ini.h>
#include <stdlib.h>

#include "common/arena.h"
#include "common/limits.h"

// libinih cuts the name of a section to fewer bytes than this without a word.
#define SECTION_BYTES 49

struct dc_config {
    dc_arena_t texts;
    const char *path;
    dc_config_entry_t *entries; // owned
    size_t count, capacity;
};

// What is known while the text is read.
typedef struct reader {
    dc_config_t *config;
    dc_str_t rest;
    uint32_t line;     // the one that libinih is at
    dc_buf_t *message; // gets the first complaint only
    bool has_complained;
} reader_t;

static void complain(reader_t *self, const char *what)
{
    if (self->has_complained) return;
    self->has_complained = true;
    dc_buf_printf(self->message, "%s:%u: %s\n", self->config->path, self->line, what);
}

// The next line, for libinih, which has `size` bytes of room for it.
//
// It comes without its indentation, or libinih would take it for more of the value before.
static char *read_line(char *room, int size, void *stream)
{
    reader_t *self = stream;
    dc_str_t line;
    if (!dc_str_take_line(&self->rest, &line)) return NULL;
    self->line++;
    if (self->line == 1 && dc_str_begins(line, DC_STR("\xEF\xBB\xBF")))
        line = dc_str_behind(line, 3);
    line = dc_str_trim(line);
    if (line.len >= (size_t)size) {
        complain(self, "the line is longer than 199 bytes");
        line.len = 0;
    } else if (line.len && memchr(line.data, '\0', line.len)) {
        complain(self, "a zero byte: is this a text?");
        line.len = 0;
    }
    if (line.len) memcpy(room, line.data, line.len);
    room[line.len] = '\0';
    return room;
}

static const char *copy(dc_config_t *self, const char *text)
{
    size_t size = strlen(text) + 1;
    char *room = dc_arena_alloc(&self->texts, size, 1);
    return room ? memcpy(room, text, size) : NULL;
}

static bool reserve(dc_config_t *self)
{
    if (self->count < self->capacity) return true;
    size_t capacity = self->capacity ? 2 * self->capacity : 16;
    dc_config_entry_t *entries = realloc(self->entries, capacity * sizeof *entries);
    if (!entries) return false;
    self->entries = entries;
    self->capacity = capacity;
    return true;
}

// libinih has found `key = value`. Returns 0 to say that something is wrong.
static int add(void *user, const char *section, const char *key, const char *value)
{
    reader_t *self = user;
    dc_config_t *config = self->config;
    if (strlen(section) >= SECTION_BYTES) {
        complain(self, "the name of its section is longer than 48 bytes");
        return 0;
    }
    if (config->count == DC_CONFIG_ENTRIES_MAX) {
        complain(self, "there are too many settings");
        return 0;
    }
    dc_config_entry_t entry = { .section = copy(config, section),
                                .key = copy(config, key),
                                .value = copy(config, value),
                                .line = self->line };
    if (!entry.section || !entry.key || !entry.value || !reserve(config)) {
        complain(self, "out of memory");
        return 0;
    }
    config->entries[config->count++] = entry;
    return 1;
}

static bool read_all(reader_t *self)
{
    int line = ini_parse_stream(read_line, self, add, self);
    if (self->has_complained) return false;
    if (line == 0) return true;
    self->line = line > 0 ? (uint32_t)line : 0;
    complain(self, line > 0 ? "neither a [section] nor `key = value`" : "out of memory");
    return false;
}

dc_config_t *dc_config_parse(const char *path, dc_str_t text, dc_buf_t *message)
{
    dc_config_t *self = calloc(1, sizeof *self);
    if (self) {
        dc_arena_init(&self->texts, DC_CONFIG_TEXTS_BYTES_MAX);
        self->path = copy(self, path);
    }
    reader_t reader = { .config = self, .rest = text, .message = message };
    if (self && self->path && read_all(&reader)) return self;
    if (!self || !self->path) dc_buf_printf(message, "%s: out of memory\n", path);
    dc_config_destroy(&self);
    return NULL;
}

void dc_config_destroy(dc_config_t **self_p)
{
    dc_config_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_arena_fini(&self->texts);
    free(self->entries);
    free(self);
}

const char *dc_config_path(const dc_config_t *self)
{
    return self->path;
}

size_t dc_config_count(const dc_config_t *self)
{
    return self->count;
}

const dc_config_entry_t *dc_config_at(const dc_config_t *self, size_t index)
{
    return &self->entries[index];
}

// --- sections ----------------------------------------------------------------------------------

static bool is_program(dc_str_t word, const char *const *programs)
{
    for (; *programs; programs++) {
        if (dc_str_eq(word, dc_str_from(*programs))) return true;
    }
    return false;
}

static bool is_profile(dc_str_t word, const char *const *programs)
{
    if (word.len == 0 || is_program(word, programs)) return false;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    return true;
}

dc_config_section_t dc_config_read_section(const char *name, const char *const *programs)
{
    dc_str_t all = dc_str_from(name);
    dc_str_t first = dc_str(name, strcspn(name, "."));
    dc_config_section_t none = { 0 };
    if (first.len < all.len) {
        dc_str_t program = dc_str_behind(all, first.len + 1);
        bool is_sound = is_profile(first, programs) && is_program(program, programs);
        return is_sound ? (dc_config_section_t){ first, program } : none;
    }
    if (is_program(all, programs)) return (dc_config_section_t){ .program = all };
    return is_profile(all, programs) ? (dc_config_section_t){ .profile = all } : none;
}

unsigned dc_config_strength(const dc_config_entry_t *entry, const char *program,
                            const char *profile)
{
    const char *section = entry->section;
    if (strcmp(section, program) == 0) return 1;
    size_t len = profile ? strlen(profile) : 0;
    if (len == 0 || strncmp(section, profile, len) != 0) return 0;
    if (section[len] == '\0') return 2;
    return section[len] == '.' && strcmp(section + len + 1, program) == 0 ? 3 : 0;
}
