#include "common/config_check.h"

#include "common/suggest.h"

// How many programs a family may have.
#define FAMILY_MAX 8

typedef struct check {
    const dc_config_t *config;
    const dc_option_table_t *const *family;
    const char *programs[FAMILY_MAX + 1]; // the names of their sections, up to a NULL
    dc_buf_t *message;
    bool is_sound;
} check_t;

static check_t begin(const dc_config_t *config, const dc_option_table_t *const *family,
                     dc_buf_t *message)
{
    check_t self = { .config = config, .family = family, .message = message, .is_sound = true };
    for (size_t i = 0; i < FAMILY_MAX && family[i]; i++) {
        self.programs[i] = family[i]->section;
    }
    return self;
}

static dc_config_section_t section_of(const check_t *self, const dc_config_entry_t *entry)
{
    return dc_config_read_section(entry->section, self->programs);
}

static bool is_for(dc_config_section_t section, const dc_option_table_t *table)
{
    return section.program.len == 0 || dc_str_eq(section.program, dc_str_from(table->section));
}

static const dc_option_t *find_key(const dc_option_table_t *table, const char *key)
{
    size_t index;
    if (!dc_option_find(table, key, &index)) return NULL;
    return dc_option_is_key(&table->options[index]) ? &table->options[index] : NULL;
}

// --- names -------------------------------------------------------------------------------------

// Begin a complaint about an entry.
static void put_line(check_t *self, const dc_config_entry_t *entry)
{
    self->is_sound = false;
    dc_buf_printf(self->message, "%s:%u: ", dc_config_path(self->config), entry->line);
}

static void put_sections(const check_t *self)
{
    dc_buf_append_text(self->message, "; sections are ");
    for (size_t i = 0; self->programs[i]; i++) {
        dc_buf_printf(self->message, "[%s], ", self->programs[i]);
    }
    dc_buf_printf(self->message, "and [NAME], [NAME.%s] of profiles\n", self->programs[0]);
}

// A program's name that is nearly `word`; empty if there is none.
static dc_str_t suggest_program(const check_t *self, const char *word)
{
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(word));
    for (size_t i = 0; self->programs[i]; i++) {
        dc_suggest_offer(&suggest, dc_str_from(self->programs[i]));
    }
    return dc_suggest_best(&suggest);
}

// A section that nobody reads, or that is most likely none: [clinet] would be a profile.
static bool check_section(check_t *self, const dc_config_entry_t *entry)
{
    const char *name = entry->section;
    const char *point = strchr(name, '.');
    dc_config_section_t section = section_of(self, entry);
    bool is_known = section.profile.len || section.program.len;
    dc_str_t meant =
        section.program.len ? (dc_str_t){ 0 } : suggest_program(self, point ? point + 1 : name);
    if (is_known && meant.len == 0) return true;
    put_line(self, entry);
    if (*name == '\0') {
        dc_buf_printf(self->message, "'%s' stands in no section", entry->key);
        put_sections(self);
        return false;
    }
    dc_buf_printf(self->message, "unknown section [%s]", name);
    if (meant.len) {
        dc_buf_printf(self->message, "; did you mean [%.*s%.*s]?\n",
                      point ? (int)(point + 1 - name) : 0, name, (int)meant.len, meant.data);
    } else {
        put_sections(self);
    }
    return false;
}

// Those programs that have a key, as the end of a sentence.
static bool put_owners(const check_t *self, const char *key)
{
    size_t count = 0;
    for (size_t i = 0; self->programs[i]; i++) {
        if (!find_key(self->family[i], key)) continue;
        dc_buf_printf(self->message, "%s[%s]", count++ ? " or " : "; it belongs in ",
                      self->programs[i]);
    }
    return count > 0;
}

static void complain_key(check_t *self, const dc_config_entry_t *entry)
{
    dc_config_section_t section = section_of(self, entry);
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(entry->key));
    for (size_t i = 0; self->programs[i]; i++) {
        const dc_option_table_t *table = self->family[i];
        for (size_t j = 0; j < table->count && is_for(section, table); j++) {
            if (!dc_option_is_key(&table->options[j])) continue;
            dc_suggest_offer(&suggest, dc_str_from(table->options[j].name));
        }
    }
    put_line(self, entry);
    dc_buf_printf(self->message, "unknown key '%s' in [%s]", entry->key, entry->section);
    dc_str_t best = dc_suggest_best(&suggest);
    if (!put_owners(self, entry->key) && best.len) {
        dc_buf_printf(self->message, "; did you mean '%.*s'?", (int)best.len, best.data);
    }
    dc_buf_append_char(self->message, '\n');
}

// The option that an entry is of, of whichever program; NULL if of none that its section is for.
static const dc_option_t *find_option(const check_t *self, const dc_config_entry_t *entry)
{
    dc_config_section_t section = section_of(self, entry);
    for (size_t i = 0; self->programs[i]; i++) {
        const dc_option_t *option = find_key(self->family[i], entry->key);
        if (option && is_for(section, self->family[i])) return option;
    }
    return NULL;
}

static void check_single(check_t *self, size_t index)
{
    const dc_config_entry_t *entry = dc_config_at(self->config, index);
    for (size_t i = 0; i < index; i++) {
        const dc_config_entry_t *before = dc_config_at(self->config, i);
        if (strcmp(before->key, entry->key) != 0) continue;
        if (strcmp(before->section, entry->section) != 0) continue;
        put_line(self, entry);
        dc_buf_printf(self->message, "'%s' is in [%s] already, in line %u\n", entry->key,
                      entry->section, before->line);
        return;
    }
}

bool dc_config_check_names(const dc_config_t *config, const dc_option_table_t *const *family,
                           dc_buf_t *message)
{
    check_t self = begin(config, family, message);
    const char *unknown = NULL; // the section that was complained about last
    for (size_t i = 0; i < dc_config_count(config); i++) {
        const dc_config_entry_t *entry = dc_config_at(config, i);
        if (unknown && strcmp(unknown, entry->section) == 0) continue;
        unknown = check_section(&self, entry) ? NULL : entry->section;
        if (unknown) continue;
        const dc_option_t *option = find_option(&self, entry);
        if (!option) complain_key(&self, entry);
        if (option && option->kind != DC_OPTION_LIST) check_single(&self, i);
    }
    return self.is_sound;
}

// --- values ------------------------------------------------------------------------------------

void dc_config_put_place(const dc_config_t *config, const dc_config_entry_t *entry, dc_buf_t *out)
{
    dc_buf_printf(out, "%s:%u: %s: ", dc_config_path(config), entry->line, entry->key);
}

dc_config_expanded_t dc_config_value(const dc_config_t *config, const dc_config_entry_t *entry,
                                     dc_config_lookup_t *lookup, dc_buf_t *value, dc_buf_t *message)
{
    size_t len = message->len;
    dc_config_put_place(config, entry, message);
    dc_config_expanded_t expanded = dc_config_expand(entry->value, lookup, value, message);
    if (expanded == DC_CONFIG_EXPANDED) {
        message->len = len;
    } else {
        dc_buf_append_char(message, '\n');
    }
    return expanded;
}

// Read `value` for each program that has it.
static void check_value(check_t *self, const dc_config_entry_t *entry, const char *value)
{
    dc_config_section_t section = section_of(self, entry);
    for (size_t i = 0; self->programs[i] && *value; i++) {
        const dc_option_t *option = find_key(self->family[i], entry->key);
        if (!option || !is_for(section, self->family[i])) continue;
        size_t len = self->message->len;
        dc_config_put_place(self->config, entry, self->message);
        if (dc_option_check(option, value, self->message)) {
            self->message->len = len;
            continue;
        }
        dc_buf_append_char(self->message, '\n');
        self->is_sound = false;
        return;
    }
}

bool dc_config_check_values(const dc_config_t *config, const dc_option_table_t *const *family,
                            const char *profile, dc_config_lookup_t *lookup, dc_buf_t *message)
{
    check_t self = begin(config, family, message);
    dc_buf_t value = { 0 };
    for (size_t i = 0; i < dc_config_count(config); i++) {
        const dc_config_entry_t *entry = dc_config_at(config, i);
        dc_str_t of = section_of(&self, entry).profile;
        bool is_elsewhere = of.len && !dc_str_eq(of, dc_str_from(profile));
        size_t len = message->len;
        value.len = 0;
        dc_config_expanded_t expanded = dc_config_value(config, entry, lookup, &value, message);
        dc_buf_append_char(&value, '\0');
        if (expanded == DC_CONFIG_UNSET && is_elsewhere) {
            message->len = len;
        } else if (expanded != DC_CONFIG_EXPANDED || value.failed) {
            self.is_sound = false;
        } else {
            check_value(&self, entry, value.data);
        }
    }
    dc_buf_fini(&value);
    return self.is_sound;
}

// --- profiles ----------------------------------------------------------------------------------

bool dc_config_next_profile(const dc_config_t *config, const dc_option_table_t *const *family,
                            size_t *at, dc_str_t *profile)
{
    check_t self = begin(config, family, NULL);
    while (*at < dc_config_count(config)) {
        dc_str_t found = section_of(&self, dc_config_at(config, (*at)++)).profile;
        bool is_new = found.len > 0;
        for (size_t i = 0; i + 1 < *at && is_new; i++) {
            is_new = !dc_str_eq(found, section_of(&self, dc_config_at(config, i)).profile);
        }
        if (!is_new) continue;
        *profile = found;
        return true;
    }
    return false;
}
