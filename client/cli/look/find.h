// find — the batches of the broker's list that an ID names.
#ifndef DC_CLIENT_CLI_LOOK_FIND_H
#define DC_CLIENT_CLI_LOOK_FIND_H

#include "client/cli/cluster/connection.h"
#include "common/json.h"

// Whether `batch`, of the list, is one that `id` names (client/cli/look/ids.h); `is_last` says that
// it is the last one.
bool dc_find_matches(const char *id, const dc_json_t *batch, bool is_last);

// Say which batch `last` is: one of somebody else may be newer than the one that is meant.
void dc_find_say_last(uint64_t number, const char *name, dc_console_t *console);

// Say that `id` names no batch of the list (NULL: there is none), and which may have been meant.
// Returns the exit status.
int dc_find_complain(const char *id, const dc_json_t *batches, dc_console_t *console);

// What is to be known of one.
typedef struct dc_found {
    uint64_t number;
    uint64_t jobs;    // UINT64_MAX: not known yet
    bool is_detached; // its results are kept
    bool has_ended;   //
    uint64_t keep_ms; // how long its results stay after its end; UINT64_MAX: for ever
    char name[DC_NAME_BYTES_MAX + 1];
} dc_found_t;

// Read what the list says of `batch`.
void dc_find_read(const dc_json_t *batch, dc_found_t *found);

// Find the one batch that `id` names. Returns 0, or an exit status after saying why: there is none,
// there are several, or the broker does not answer.
DC_MUST_USE int dc_find_one(dc_connection_t *connection, const dc_cli_settings_t *settings,
                            dc_console_t *console, const char *id, dc_found_t *found);

// Likewise one whose results are kept.
DC_MUST_USE int dc_find_stored(dc_connection_t *connection, const dc_cli_settings_t *settings,
                               dc_console_t *console, const char *id, dc_found_t *found);

#endif
