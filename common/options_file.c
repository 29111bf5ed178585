#include <stdlib.h>
#include <sysexits.h>

#include "common/config_check.h"
#include "common/config_file.h"
#include "common/options_part.h"
#include "common/suggest.h"

// getenv, as a function whose pointer may be had.
static const char *look_up(const char *name)
{
    return getenv(name);
}

// The field of a string option; NULL if the table has none of that name.
static const char **text_of(const dc_options_t *self, const char *name)
{
    size_t index;
    if (!dc_option_find(self->table, name, &index)) return NULL;
    return dc_options_field(self, &self->table->options[index]);
}

static const char *profile_of(const dc_options_t *self)
{
    const char **profile = text_of(self, "profile");
    return profile ? *profile : NULL;
}

// --- values ------------------------------------------------------------------------------------

// Read `text` for option `index`: into its field, unless something stronger has set that, and
// otherwise only to see whether it fits.
static bool take_text(dc_options_t *self, size_t index, const char *text,
                      const dc_config_entry_t *entry, dc_buf_t *message)
{
    dc_options_source_t source = { .origin = DC_ORIGIN_FILE, .entry = entry };
    if (self->sources[index].origin > DC_ORIGIN_FILE)
        return dc_option_check(&self->table->options[index], text, message);
    return dc_options_set(self, index, text, source, message);
}

// Take over an entry that is for this program; what is empty says nothing.
static int take_entry(dc_options_t *self, const dc_config_entry_t *entry, dc_buf_t *message)
{
    size_t index;
    // In a profile's section there are other programs' keys too.
    if (!dc_option_find(self->table, entry->key, &index)) return 0;
    if (!dc_option_is_key(&self->table->options[index])) return 0;
    dc_buf_t value = { 0 };
    int status = EX_CONFIG;
    if (dc_config_value(self->config, entry, look_up, &value, message) == DC_CONFIG_EXPANDED) {
        dc_buf_append_char(&value, '\0');
        char *text = value.failed ? NULL : dc_arena_alloc(&self->texts, value.len, 1);
        size_t len = message->len;
        dc_config_put_place(self->config, entry, message);
        if (text) memcpy(text, value.data, value.len);
        if (!text) {
            dc_buf_append_text(message, "out of memory\n");
        } else if (*text == '\0' || take_text(self, index, text, entry, message)) {
            message->len = len;
            status = 0;
        } else {
            dc_buf_append_char(message, '\n');
        }
    }
    dc_buf_fini(&value);
    return status;
}

// The weakest first, so that the strongest has the last word.
static int take_entries(dc_options_t *self, dc_buf_t *message)
{
    int status = 0;
    for (unsigned strength = 1; strength <= DC_CONFIG_STRENGTH_MAX; strength++) {
        for (size_t i = 0; i < dc_config_count(self->config); i++) {
            const dc_config_entry_t *entry = dc_config_at(self->config, i);
            if (dc_config_strength(entry, self->table->section, profile_of(self)) != strength)
                continue;
            int taken = take_entry(self, entry, message);
            if (taken) status = taken;
        }
    }
    return status;
}

// --- the profile -------------------------------------------------------------------------------

// `dev, prod`; nothing if there are none.
static void put_profiles(const dc_options_t *self, dc_buf_t *out)
{
    size_t at = 0;
    size_t len = out->len;
    dc_str_t profile;
    while (dc_options_next_profile(self, &at, &profile)) {
        dc_buf_printf(out, "%s%.*s", out->len > len ? ", " : "", (int)profile.len, profile.data);
    }
}

static int complain_profile(const dc_options_t *self, dc_buf_t *message)
{
    const char *path = dc_config_path(self->config);
    int status = dc_options_blame(self, "profile", message);
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, dc_str_from(profile_of(self)));
    size_t at = 0;
    dc_str_t profile;
    while (dc_options_next_profile(self, &at, &profile)) {
        dc_suggest_offer(&suggest, profile);
    }
    dc_buf_printf(message, "%s has no settings in [%s]", path, profile_of(self));
    dc_str_t best = dc_suggest_best(&suggest);
    if (best.len) dc_buf_printf(message, "; did you mean '%.*s'?", (int)best.len, best.data);
    dc_buf_append_char(message, '\n');
    if (dc_config_count(self->config) == 0) return status;
    dc_buf_append_text(message, "       its profiles: ");
    size_t len = message->len;
    put_profiles(self, message);
    dc_buf_append_text(message, message->len == len ? "none\n" : "\n");
    return status;
}

// A profile that is nowhere is a mistake: its settings would be missed.
static int check_profile(const dc_options_t *self, dc_buf_t *message)
{
    const char *wanted = profile_of(self);
    size_t at = 0;
    dc_str_t profile;
    if (!wanted || !*wanted) return 0;
    while (dc_options_next_profile(self, &at, &profile)) {
        if (dc_str_eq(profile, dc_str_from(wanted))) return 0;
    }
    return complain_profile(self, message);
}

static int complain_no_file(const dc_options_t *self, dc_buf_t *message)
{
    int status = dc_options_blame(self, "profile", message);
    dc_buf_printf(message, "'%s' needs a configuration file; there is none at ", profile_of(self));
    dc_config_file_put_places(message);
    dc_buf_append_char(message, '\n');
    return status;
}

// --- all of it ---------------------------------------------------------------------------------

int dc_options_read_file(dc_options_t *self, dc_buf_t *message)
{
    const char **wanted = text_of(self, "config");
    if (!wanted || !self->table->family) return 0;
    char *path;
    dc_buf_t text = { 0 };
    int status = EX_CONFIG;
    bool is_read = dc_config_file_read(*wanted, &path, &text, message);
    bool has_profile = profile_of(self) && *profile_of(self);
    if (is_read && !path) {
        // Who says `none` says so of the profile too, which may be in the environment.
        status = has_profile && !*wanted ? complain_no_file(self, message) : 0;
    } else if (is_read && (self->config = dc_config_parse(path, dc_buf_str(&text), message))) {
        *wanted = dc_config_path(self->config);
        bool is_sound = dc_config_check_names(self->config, self->table->family, message);
        status = is_sound ? check_profile(self, message) : EX_CONFIG;
        if (!status) status = take_entries(self, message);
    }
    free(path);
    dc_buf_fini(&text);
    return status;
}

const char *dc_options_config_path(const dc_options_t *self)
{
    return self->config ? dc_config_path(self->config) : NULL;
}

bool dc_options_next_profile(const dc_options_t *self, size_t *at, dc_str_t *profile)
{
    return self->config && dc_config_next_profile(self->config, self->table->family, at, profile);
}

bool dc_options_check_file(const dc_options_t *self, dc_buf_t *message)
{
    return !self->config || dc_config_check_values(self->config, self->table->family,
                                                   profile_of(self), look_up, message);
}

void dc_options_put_arguments(const dc_options_t *self, dc_buf_t *out)
{
    for (size_t i = 0; i < self->table->count; i++) {
        const dc_option_t *option = &self->table->options[i];
        const dc_option_list_t *list = dc_options_field(self, option);
        if (self->sources[i].origin != DC_ORIGIN_FILE) continue;
        if (option->kind == DC_OPTION_LIST) {
            for (size_t j = 0; j < list->count; j++) {
                dc_buf_printf(out, "--%s=%s", option->name, list->items[j]);
                dc_buf_append_char(out, '\0');
            }
            continue;
        }
        // A flag that is off is so anyway.
        bool is_flag = option->kind == DC_OPTION_FLAG;
        if (is_flag && !*(const bool *)dc_options_field(self, option)) continue;
        dc_buf_printf(out, is_flag ? "--%s" : "--%s=", option->name);
        if (!is_flag) dc_option_put_value(option, dc_options_field(self, option), out);
        dc_buf_append_char(out, '\0');
    }
}
