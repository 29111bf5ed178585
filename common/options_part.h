// options_part — what the files of options share; see common/options.h for what they do.
#ifndef DC_COMMON_OPTIONS_PART_H
#define DC_COMMON_OPTIONS_PART_H

#include "common/arena.h"
#include "common/config.h"
#include "common/options.h"

// Where the value of an option is from.
typedef struct dc_options_source {
    dc_origin_t origin;
    const dc_config_entry_t *entry; // of the file; else NULL
} dc_options_source_t;

struct dc_options {
    const dc_option_table_t *table; // borrowed
    char *settings;                 // borrowed; offsets count from here
    dc_options_source_t *sources;   // owned, one for each option
    char **arguments;               // owned copy of argv, whose expressions are shielded
    char *shield;                   // owned; the shielded arguments, one behind the other
    size_t shield_bytes;
    size_t operand_first, operand_count; // where they are in `arguments` after parsing
    dc_config_t *config;                 // owned; NULL: no file was read
    dc_arena_t texts;                    // the file's values, with variables put in
};

static inline void *dc_options_field(const dc_options_t *self, const dc_option_t *option)
{
    return self->settings + option->offset;
}

// From now on the value of option `index` comes from there: what counts or collects begins anew
// where that is another place, as flags replace the environment's.
void dc_options_begin(dc_options_t *self, size_t index, dc_options_source_t source);

// Set option `index` of the table from text, as dc_option_read does.
DC_MUST_USE bool dc_options_set(dc_options_t *self, size_t index, const char *text,
                                dc_options_source_t source, dc_buf_t *message);

// common/options_arguments.c: copy argv, such that getopt_long takes no expression for an option;
// false if memory is short. Then read it; returns 0 or an exit status, with what is wrong appended
// to `message`.
DC_MUST_USE bool dc_options_shield(dc_options_t *self, int argc, char **argv);
DC_MUST_USE int dc_options_read_arguments(dc_options_t *self, int argc, dc_buf_t *message);

// common/options_file.c: take over what the configuration file says where no stronger word was
// said. Returns likewise.
DC_MUST_USE int dc_options_read_file(dc_options_t *self, dc_buf_t *message);

#endif
