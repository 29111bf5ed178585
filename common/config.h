// config — a configuration file: which keys stand in which sections, and on which lines.
//
//   [client]                  ; a comment
//   timeout = 30s
//   [prod.client]             ; under --profile prod, stronger than the section above
//   broker = tcp://${DCALC_HOST:127.0.0.1}:5555
//
// The syntax is INI as libinih reads it: comments begin with `;` or `#` at the start of a line, and
// with ` ;` behind a value; a line may be indented, and has at most 199 bytes. What keys mean is
// known elsewhere (common/config_check.h), as is what `${...}` means (common/config_expand.h).
#ifndef DC_COMMON_CONFIG_H
#define DC_COMMON_CONFIG_H

#include "common/buf.h"

// A line `key = value`. The strings are the configuration's.
typedef struct dc_config_entry {
    const char *section; // "prod.client"; empty before the first one
    const char *key;
    const char *value; // as it is written
    uint32_t line;     // from 1
} dc_config_entry_t;

typedef struct dc_config dc_config_t;

// Read `text`. `path` begins messages and is copied. The caller owns what is returned. NULL, and a
// line such as `dcalc.conf:7: ...` appended to `message`, if the text is no INI or memory is short.
dc_config_t *dc_config_parse(const char *path, dc_str_t text, dc_buf_t *message);

// Destroy it and set `*self_p` to NULL; NULL is fine.
void dc_config_destroy(dc_config_t **self_p);

const char *dc_config_path(const dc_config_t *self);

// The entries, in the file's order.
size_t dc_config_count(const dc_config_t *self);
const dc_config_entry_t *dc_config_at(const dc_config_t *self, size_t index);

// The parts of a section's name: [client] is a program's, [prod] a profile's, [prod.client] both's.
// `programs` are their names, up to NULL. What is missing is empty, in both if it is none of these.
typedef struct dc_config_section {
    dc_str_t profile, program;
} dc_config_section_t;
dc_config_section_t dc_config_read_section(const char *name, const char *const *programs);

// How strong an entry is for a program under a profile (NULL: none): 0 if it is not for it, then
// [program], [profile], [profile.program].
#define DC_CONFIG_STRENGTH_MAX 3
unsigned dc_config_strength(const dc_config_entry_t *entry, const char *program,
                            const char *profile);

#endif
