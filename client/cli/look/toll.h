// toll — how much `cancel all` or `delete all` would end, counted, and as a question to a person.
#ifndef DC_CLIENT_CLI_LOOK_TOLL_H
#define DC_CLIENT_CLI_LOOK_TOLL_H

#include "client/cli/cli_settings.h"
#include "common/buf.h"
#include "common/json.h"

typedef struct dc_toll {
    size_t batch_count;
    size_t kept_count;   // of these, those that were sent with -d
    size_t client_count; // that have the others
    uint64_t open_jobs;  // that are not computed yet, as far as they have come
    uint64_t done_jobs;  // that are
} dc_toll_t;

// Whether `command` (cancel or delete) ends `batch`, of the broker's list.
bool dc_toll_ends(dc_cli_command_t command, const dc_json_t *batch);

// Count all that `command` ends of `batches`, the array of that list.
// DC_ERR_NOMEM: `*toll` is not written.
DC_MUST_USE dc_err_t dc_toll_count(dc_cli_command_t command, const dc_json_t *batches,
                                   dc_toll_t *toll);

// Append the question, without an end of line: "12 batches of 3 clients, 9,000 jobs not computed
// yet: cancel them? [y/N] ".
void dc_toll_put(dc_cli_command_t command, const dc_toll_t *toll, dc_buf_t *out);

#endif
