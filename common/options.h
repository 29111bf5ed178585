// options — a program's settings, taken from its table of options: defaults, configuration file,
// environment, arguments.
//
//   dc_options_t *options = dc_options_new(&table, &settings);
//   int status;
//   if (dc_options_start(options, argc, argv, &status)) {
//       status = run(&settings);
//   }
//   dc_options_destroy(&options);
//   return status;
//
// Strongest first: flag, environment (`--max-errors` of the client is DCALC_MAX_ERRORS), the file's
// sections [profile.program], [profile] and [program], default. What is empty in the environment or
// in the file counts as unset. An argument that starts with `-` and then a digit, `.` or `(`
// is an expression, not an option. Options are never abbreviated: such a command line would break
// on the day when another option with the same beginning comes.
#ifndef DC_COMMON_OPTIONS_H
#define DC_COMMON_OPTIONS_H

#include "common/option.h"

typedef struct dc_options dc_options_t;

// Begin with `settings` (the struct that the offsets are of, borrowed until destroyed) at their
// defaults. `table` is borrowed likewise. NULL if memory is short.
dc_options_t *dc_options_new(const dc_option_table_t *table, void *settings);

// Destroy it and set `*self_p` to NULL; NULL is fine. Lists, operands and what came from the file
// were its own; other strings are those of argv and of the environment and stay.
void dc_options_destroy(dc_options_t **self_p);

// Take over the file, the environment and the arguments, once. Returns 0; else an exit status
// (sysexits.h), with what is wrong appended to `message`, in lines: EX_USAGE (64) for the
// arguments, EX_CONFIG (78) for the environment and the file, unless `help` or `version` is asked
// for, EX_TEMPFAIL (75) if memory is short.
DC_MUST_USE int dc_options_parse(dc_options_t *self, int argc, char **argv, dc_buf_t *message);

// For a program without commands: parse, refuse operands, print help, version, the settings or what
// is wrong. True if it is to go on; else it is to end with `*status`.
DC_MUST_USE bool dc_options_start(dc_options_t *self, int argc, char **argv, int *status);

// What is not an option, in order: borrowed from argv.
size_t dc_options_operand_count(const dc_options_t *self);
const char *dc_options_operand(const dc_options_t *self, size_t index);

// Where the value of option `index` of the table comes from.
typedef enum dc_origin {
    DC_ORIGIN_DEFAULT,
    DC_ORIGIN_FILE,
    DC_ORIGIN_ENVIRONMENT,
    DC_ORIGIN_FLAG,
} dc_origin_t;
dc_origin_t dc_options_origin(const dc_options_t *self, size_t index);

// Append that as a person is told: `flag`, `env DCALC_TIMEOUT`, `dcalc.conf:14 [prod]`, `default`.
void dc_options_put_origin(const dc_options_t *self, size_t index, dc_buf_t *out);

// Begin a message about the value of option `name`, which the table has: append
// `dcalc-broker: --frontend: `, `dcalc-broker: DCALC_BROKER_FRONTEND: ` or
// `dcalc.conf:14: frontend: `. Returns the exit status that fits: EX_USAGE of a flag and of the
// default, else EX_CONFIG.
int dc_options_blame(const dc_options_t *self, const char *name, dc_buf_t *message);

// --- the configuration file --------------------------------------------------------------------

// Its path; NULL if none was read.
const char *dc_options_config_path(const dc_options_t *self);

// Whether all of it makes sense, for whichever program and under whatever profile; if not, lines
// that say why are appended to `message`. True where no file was read.
DC_MUST_USE bool dc_options_check_file(const dc_options_t *self, dc_buf_t *message);

// For --check-config, when the program has looked at all that it checks itself: do so, and say what
// is wrong, or on stdout that nothing is. Returns 0 or EX_CONFIG.
int dc_options_say_sound(const dc_options_t *self);

// The next profile that the file has sections for: `*at` is 0 before the first. False if there are
// no more, or no file.
bool dc_options_next_profile(const dc_options_t *self, size_t *at, dc_str_t *profile);

// Append what came from the file as arguments, `--slots=4`, each with a NUL behind it: for another
// process that is to have the same settings, whatever becomes of the file.
void dc_options_put_arguments(const dc_options_t *self, dc_buf_t *out);

#endif
