// look_part — what the files of look share; see client/cli/look.h for what they do.
#ifndef DC_CLIENT_CLI_LOOK_PART_H
#define DC_CLIENT_CLI_LOOK_PART_H

#include "client/cli/connection.h"
#include "client/cli/grid.h"
#include "client/cli/printer.h"
#include "common/json.h"

typedef struct dc_look {
    const dc_cli_settings_t *settings; // borrowed, as is the next
    dc_console_t *console;
    dc_connection_t connection;
    dc_printer_format_t format;
    dc_buf_t answer; // owned: the broker's JSON
    dc_json_t *json; // owned: the same, read
    dc_grid_t grid;  // of status and cancel: rows for programs
    dc_buf_t *out;   // borrowed: what is printed
} dc_look_t;

// client/cli/look_cluster.c and client/cli/look_batches.c: each returns an exit status.
DC_MUST_USE int dc_look_ping(dc_look_t *self);
DC_MUST_USE int dc_look_workers(dc_look_t *self);
DC_MUST_USE int dc_look_list(dc_look_t *self);
DC_MUST_USE int dc_look_status(dc_look_t *self, const char *const *ids, size_t count);
DC_MUST_USE int dc_look_cancel(dc_look_t *self, const char *const *ids, size_t count);

// Ask the broker `what`; the answer is then `answer` and `json`. Returns 0, or an exit status after
// saying why.
DC_MUST_USE int dc_look_ask(dc_look_t *self, const char *what);

// A member of an object: 0 or empty where it is absent or of another type.
uint64_t dc_look_number(const dc_json_t *object, const char *name);
dc_str_t dc_look_text(const dc_json_t *object, const char *name);

// Print the objects of the answer's array `name`, one a line, each with a version.
void dc_look_print_objects(dc_look_t *self, const char *name);

// Print `grid` in the format that is wanted, and end it.
void dc_look_print_grid(dc_look_t *self, dc_grid_t *grid);

// Append a cell from a number: for people as `put` writes it, else as it is.
void dc_look_put_number(dc_look_t *self, dc_grid_t *grid, uint64_t number,
                        void (*put)(dc_buf_t *out, uint64_t count));

// How old something is that is `ms` old.
void dc_look_put_age(dc_buf_t *out, uint64_t ms);

#endif
