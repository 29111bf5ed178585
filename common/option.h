// option — the declaration of one option, and the table of a program's.
//
// A program declares its options once: name, letter, kind, where in its settings the value goes,
// default, help. From the table come the command line, the environment and the configuration file
// (common/options.h), the text of --help (common/option_help.h), completion and the manual's parts.
//
//   static const dc_option_t list[] = {
//       { .name = "frontend", .kind = DC_OPTION_STRING, DC_OPTION_AT(settings_t, frontend),
//         .argument = "URL", .initial_text = "tcp://127.0.0.1:5555", .help = "for clients" },
//       { .name = "heartbeat", .kind = DC_OPTION_DURATION, DC_OPTION_AT(settings_t, heartbeat_ms),
//         .argument = "DUR", .initial = DC_HEARTBEAT_MS, .help = "how often each side says so" },
//       DC_OPTION_HELP(settings_t, help),
//       DC_OPTION_VERSION(settings_t, version),
//   };
//   static const dc_option_table_t table = { .program = "dcalc-broker",
//                                            .env_prefix = "DCALC_BROKER_",
//                                            .options = list,
//                                            .count = DC_ARRAY_LEN(list),
//                                            .usage = "Usage: dcalc-broker [OPTIONS]\n" };
#ifndef DC_COMMON_OPTION_H
#define DC_COMMON_OPTION_H

#include "common/buf.h"
#include "common/limits.h"
#include "common/log.h"

// What an option's argument is, and the type of the field that gets it.
typedef enum dc_option_kind {
    DC_OPTION_FLAG,     // bool: no argument
    DC_OPTION_COUNT,    // int64_t: no argument, how often it was given
    DC_OPTION_STRING,   // const char *
    DC_OPTION_LIST,     // dc_option_list_t: a string each time it is given
    DC_OPTION_DURATION, // uint64_t in ms, see common/quantity.h
    DC_OPTION_SIZE,     // uint64_t in bytes
    DC_OPTION_NUMBER,   // int64_t
    DC_OPTION_CHOICE,   // int64_t: which of the choices, from 0
} dc_option_kind_t;

typedef struct dc_option_list {
    const char **items; // owned array of borrowed strings
    size_t count;
} dc_option_list_t;

// A word that stands for a number.
typedef struct dc_option_word {
    const char *word;
    int64_t number;
} dc_option_word_t;

#define DC_OPTION_HIDDEN         0x01 // between our own programs: not in --help
#define DC_OPTION_NO_ENVIRONMENT 0x02 // what is meant once, as --help is: in no file either
// --config and --profile: in no file, and all programs have the same variables for them.
#define DC_OPTION_FINDS_FILE 0x04
#define DC_OPTION_ONCE       0x08 // a second one on a command line is none that takes its place

typedef struct dc_option {
    const char *name;         // the long one
    char letter;              // or 0
    const char *alias;        // what some call it: only hinted at; or NULL
    dc_option_kind_t kind;    //
    size_t offset;            // of the field in the program's settings
    const char *argument;     // what help calls the argument
    const char *implied;      // not NULL: the argument may be left out, and is this then
    int64_t initial;          // default of a duration, size, number, choice; help shows it if > 0,
                              // a choice's if >= 0
    const char *initial_text; // default of a string; for others what help shows in place of it
    const char *choices;      // of a choice: words between blanks
    // Of a number: what else it may be, up to a NULL; or NULL. Of a choice: what others call one of
    // them, which is only hinted at.
    const dc_option_word_t *words;
    const char *known; // what `dcalc complete` knows of its argument: "ids names"; or NULL
    // Of a string or list, if it is more than any text: does it fit? What is wrong is appended to
    // `message` as a phrase.
    bool (*check)(const char *text, dc_buf_t *message);
    int64_t min, max;  // of a duration, size, number: both bounds are allowed; 0, 0 for none
    uint32_t commands; // a bit for each command that takes it; 0: every one does
    unsigned flags;    // DC_OPTION_HIDDEN ...
    const char *group; // not NULL: begins a group of help with this heading
    const char *help;  // without a full stop; lines are broken where they must
} dc_option_t;

#define DC_OPTION_AT(type, field) .offset = offsetof(type, field)

// Rows that several programs have.

#define DC_OPTION_HELP(type, field)                                                       \
    {                                                                                     \
        .name = "help", .letter = 'h', .kind = DC_OPTION_FLAG, DC_OPTION_AT(type, field), \
        .flags = DC_OPTION_NO_ENVIRONMENT, .help = "print this help"                      \
    }
#define DC_OPTION_VERSION(type, field)                                                       \
    {                                                                                        \
        .name = "version", .letter = 'V', .kind = DC_OPTION_FLAG, DC_OPTION_AT(type, field), \
        .flags = DC_OPTION_NO_ENVIRONMENT, .help = "print the version"                       \
    }
#define DC_OPTION_CONFIG(type, field)                                                         \
    {                                                                                         \
        .name = "config", .letter = 'c', .kind = DC_OPTION_STRING, DC_OPTION_AT(type, field), \
        .argument = "FILE", .flags = DC_OPTION_FINDS_FILE,                                    \
        .help = "settings, or `none`; by default dcalc/dcalc.conf in $XDG_CONFIG_HOME or "    \
                "~/.config, else /etc/dcalc/dcalc.conf"                                       \
    }
#define DC_OPTION_PROFILE(type, field)                                                         \
    {                                                                                          \
        .name = "profile", .letter = 'P', .kind = DC_OPTION_STRING, DC_OPTION_AT(type, field), \
        .argument = "NAME", .known = "profiles", .flags = DC_OPTION_FINDS_FILE,                \
        .help = "take the sections [NAME] of the configuration as well, which are stronger"    \
    }
#define DC_OPTION_PRINT_CONFIG(type, field)                                         \
    {                                                                               \
        .name = "print-config", .kind = DC_OPTION_FLAG, DC_OPTION_AT(type, field),  \
        .flags = DC_OPTION_NO_ENVIRONMENT,                                          \
        .help = "print each setting, its value, and where that comes from, and end" \
    }
#define DC_OPTION_CHECK_CONFIG(type, field)                                                      \
    {                                                                                            \
        .name = "check-config", .kind = DC_OPTION_FLAG, DC_OPTION_AT(type, field),               \
        .flags = DC_OPTION_NO_ENVIRONMENT,                                                       \
        .help = "say what is wrong with the settings and the configuration file, and end: with " \
                "exit code 0 if nothing is, else 78"                                             \
    }
#define DC_OPTION_CONFIG_OUTPUT(type, field)                                                     \
    {                                                                                            \
        .name = "output", .letter = 'o', .kind = DC_OPTION_CHOICE, DC_OPTION_AT(type, field),    \
        .argument = "FORMAT", .choices = "text json csv tsv", .flags = DC_OPTION_NO_ENVIRONMENT, \
        .help = "of --print-config: text, json, csv or tsv"                                      \
    }
#define DC_OPTION_HEARTBEAT(type, field)                                                  \
    {                                                                                     \
        .name = "heartbeat", .kind = DC_OPTION_DURATION, DC_OPTION_AT(type, field),       \
        .argument = "DUR", .initial = DC_HEARTBEAT_MS, .min = DC_TICK_MS, .max = 3600000, \
        .help = "how often each side shows that it is alive"                              \
    }
#define DC_OPTION_LIVENESS(type, field, text)                                                     \
    {                                                                                             \
        .name = "liveness", .kind = DC_OPTION_NUMBER, DC_OPTION_AT(type, field), .argument = "N", \
        .initial = DC_LIVENESS_BEATS, .min = 1, .max = 1000, .help = (text)                       \
    }
#define DC_OPTION_LOG_LEVEL(type, field)                                                 \
    {                                                                                    \
        .name = "log-level", .kind = DC_OPTION_CHOICE, DC_OPTION_AT(type, field),        \
        .argument = "LEVEL", .initial = DC_LOG_INFO, .choices = "error warn info debug", \
        .help = "how much is logged: error, warn, info or debug"                         \
    }
#define DC_OPTION_LOG_FORMAT(type, field)                                                          \
    {                                                                                              \
        .name = "log-format", .kind = DC_OPTION_CHOICE, DC_OPTION_AT(type, field),                 \
        .argument = "FORMAT", .initial = DC_LOG_AUTO, .choices = "auto plain journal json",        \
        .help = "auto: journal under systemd (a level for its prefix, no time), else plain, with " \
                "colours on a terminal; json: an object a line"                                    \
    }
// Between our own programs: who gets it ends when the pipe with this descriptor is closed at its
// other end, so that a private cluster does not outlive the program that it is for.
#define DC_OPTION_LIFELINE(type, field)                                                            \
    {                                                                                              \
        .name = "lifeline", .kind = DC_OPTION_NUMBER, DC_OPTION_AT(type, field), .argument = "FD", \
        .initial = -1, .min = -1, .max = INT32_MAX,                                                \
        .flags = DC_OPTION_HIDDEN | DC_OPTION_NO_ENVIRONMENT                                       \
    }

typedef struct dc_option_table {
    const char *program;        // "dcalc-broker"; begins messages
    const char *env_prefix;     // "DCALC_BROKER_"
    const dc_option_t *options; //
    size_t count;               //
    const char *usage;          // the first lines of --help
    const char *list_command;   // "help options": lists all of them; NULL: --help does
    const char *section;        // of a configuration file: "broker"; NULL: none is read
    // All programs that share such a file, up to a NULL; NULL if there is none.
    const struct dc_option_table *const *family;
} dc_option_table_t;

// The option with this long name, as an index into the table; false if there is none.
bool dc_option_find(const dc_option_table_t *table, const char *name, size_t *index);

// Likewise the one with this letter.
bool dc_option_find_letter(const dc_option_table_t *table, int letter, size_t *index);

// Does it take an argument, if only one that may be left out?
bool dc_option_takes_argument(const dc_option_t *option);

// Is an argument of the command line an expression though it begins with `-`?
bool dc_option_is_expression(const char *argument);

// Set its field to the default. A list is made empty: it is then the caller's to free.
void dc_option_set_default(const dc_option_t *option, void *field);

// Read `text` into its field: for a flag `true`, `yes`, `on`, `1` and their opposites; for a list
// one item more; strings are borrowed. False, and what is wrong appended to `message` as a phrase,
// if `text` does not fit; the field is then unchanged.
DC_MUST_USE bool dc_option_read(const dc_option_t *option, void *field, const char *text,
                                dc_buf_t *message);

// Does `text` fit it? Otherwise what is wrong is appended to `message` as a phrase.
DC_MUST_USE bool dc_option_check(const dc_option_t *option, const char *text, dc_buf_t *message);

// Can it stand in a configuration file?
bool dc_option_is_key(const dc_option_t *option);

// Append what stands in its field, as text that reads back; of a list the items with `, ` between.
// Nothing where nothing is set.
void dc_option_put_value(const dc_option_t *option, const void *field, dc_buf_t *out);

// Append its default as people are shown it; nothing if there is none to be shown.
void dc_option_put_default(const dc_option_t *option, dc_buf_t *out);

// Append the name of its variable, such as DCALC_MAX_ERRORS.
void dc_option_put_variable(const dc_option_table_t *table, size_t index, dc_buf_t *out);

#endif
