// daemon — the settings that programs have which run until somebody ends them, beside their own:
// what they log, where their settings come from, and what is to be said of these.
#ifndef DC_COMMON_DAEMON_H
#define DC_COMMON_DAEMON_H

#include "common/option.h"

typedef struct dc_daemon {
    int64_t log_level;               // dc_log_level_t
    int64_t log_format;              // dc_log_format_t
    int64_t lifeline_fd;             // -1, or a pipe: the program ends when its other end is closed
    const char *config, *profile;    // of the configuration file, see common/options.h
    bool print_config, check_config; // do so, and end
    int64_t output;                  // dc_options_format_t of the former
    bool help, version;              //
} dc_daemon_t;

// NOLINTBEGIN(bugprone-macro-parentheses): a field of a field cannot stand in parentheses.
// The last rows of the table of a program whose settings are a `type`, with a dc_daemon_t `field`.
#define DC_DAEMON_OPTIONS(type, field)                                                            \
    DC_OPTION_LOG_LEVEL(type, field.log_level), DC_OPTION_LOG_FORMAT(type, field.log_format),     \
        DC_OPTION_LIFELINE(type, field.lifeline_fd), DC_OPTION_CONFIG(type, field.config),        \
        DC_OPTION_PROFILE(type, field.profile), DC_OPTION_PRINT_CONFIG(type, field.print_config), \
        DC_OPTION_CHECK_CONFIG(type, field.check_config),                                         \
        DC_OPTION_CONFIG_OUTPUT(type, field.output), DC_OPTION_HELP(type, field.help),            \
        DC_OPTION_VERSION(type, field.version)
// NOLINTEND(bugprone-macro-parentheses)

#endif
