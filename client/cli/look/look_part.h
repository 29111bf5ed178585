// look_part — what the files of look share; see client/cli/look/look.h for what they do.
#ifndef DC_CLIENT_CLI_LOOK_LOOK_PART_H
#define DC_CLIENT_CLI_LOOK_LOOK_PART_H

#include "client/cli/cluster/connection.h"
#include "client/cli/cluster/facts.h"
#include "client/cli/print/printer.h"
#include "client/cli/text/grid.h"
#include "common/json.h"

// What `set` changes.
typedef struct dc_look_change {
    dcalc_set_t what;
    int64_t value;
} dc_look_change_t;

#define DC_LOOK_CHANGES_MAX 3 // one of a kind

typedef struct dc_look {
    const dc_cli_settings_t *settings; // borrowed, as is the next
    dc_console_t *console;
    dc_connection_t connection;
    dc_printer_format_t format;
    dc_buf_t answer; // owned: the broker's JSON
    dc_json_t *json; // owned: the same, read
    dc_grid_t grid;  // of status, cancel and set: rows for programs
    dc_buf_t *out;   // borrowed: what is printed
    dc_look_change_t changes[DC_LOOK_CHANGES_MAX];
    size_t change_count;
    bool is_for_all; // `cancel` and `delete` end all that they can
    int outcome;     // of the batches of `status`: the greatest exit status
    int refused;     // exit status of what `delete` and `set` left as it was; 0: nothing
} dc_look_t;

// client/cli/look/look_cluster.c, look_bench.c, look_drain.c, look_top.c, look_batches.c,
// look_end.c and look_set.c: each returns an exit status.
DC_MUST_USE int dc_look_ping(dc_look_t *self);
DC_MUST_USE int dc_look_bench(dc_look_t *self);
DC_MUST_USE int dc_look_workers(dc_look_t *self);
DC_MUST_USE int dc_look_top(dc_look_t *self);
DC_MUST_USE int dc_look_drain(dc_look_t *self);
DC_MUST_USE int dc_look_list(dc_look_t *self);
DC_MUST_USE int dc_look_status(dc_look_t *self, const char *const *ids, size_t count);
DC_MUST_USE int dc_look_cancel(dc_look_t *self, const char *const *ids, size_t count);
DC_MUST_USE int dc_look_delete(dc_look_t *self, const char *const *ids, size_t count);
DC_MUST_USE int dc_look_set(dc_look_t *self, const char *const *ids, size_t count);

// Find out what `set` is to change. Returns 0, or EX_USAGE after saying what is wrong.
DC_MUST_USE int dc_look_read_changes(dc_look_t *self);

// Ask the broker `what`; the answer is then `answer` and `json`. Returns 0, or an exit status after
// saying why.
DC_MUST_USE int dc_look_ask(dc_look_t *self, const char *what);

// Say that the broker's answer cannot be read. Returns the exit status.
DC_MUST_USE int dc_look_complain(dc_console_t *console, const dc_diag_t *diag);

// Do `act` with each batch of the list, the broker's last answer, that is named; rows that it puts
// into the grid are printed with these columns. Returns an exit status.
DC_MUST_USE int dc_look_with_batches(dc_look_t *self, const char *const *ids, size_t count,
                                     int (*act)(dc_look_t *self, const dc_json_t *batch),
                                     const dc_grid_column_t *titles, size_t title_count);

// Say which one of the list `last` is, if that is among `ids`: somebody else may have sent a newer
// one than is meant.
void dc_look_say_last(dc_look_t *self, const char *const *ids, size_t count);

// Find out whether `cancel` or `delete` is to end everybody's batches, and whether somebody says
// yes to that or can be asked. Returns 0, or EX_USAGE after saying what is missing.
DC_MUST_USE int dc_look_check_end(dc_look_t *self, dc_cli_command_t command, const char *const *ids,
                                  size_t count);

// What a batch does: "running", "held", and while it ends what it began before "running, held".
void dc_look_put_state(dc_buf_t *out, const dc_json_t *batch);

// In how long a batch ends, if it has a deadline: `before`, then "ends in 12 min".
void dc_look_put_deadline(dc_buf_t *out, const char *before, const dc_json_t *batch);

// Append two cells: priority and deadline of a batch. What people need not know of is left out for
// them: the usual priority, no deadline.
void dc_look_put_terms(dc_look_t *self, dc_grid_t *grid, const dc_json_t *batch);

// Print the objects of the answer's array `name`, one a line, each with a version.
void dc_look_print_objects(dc_look_t *self, const char *name);

// Tell a person that the answer's array `name`, if it is empty, is empty: of such a one nothing is
// printed. Programs see it.
void dc_look_say_none(dc_look_t *self, const char *name, const char *what);

// Print `grid` in the format that is wanted, and end it.
void dc_look_print_grid(dc_look_t *self, dc_grid_t *grid);

// Append a cell from a number: for people as `put` writes it, else as it is.
void dc_look_put_number(dc_look_t *self, dc_grid_t *grid, uint64_t number,
                        void (*put)(dc_buf_t *out, uint64_t count));

// How old something is that is `ms` old, and how much time is left of what has `ms`.
void dc_look_put_age(dc_buf_t *out, uint64_t ms);
void dc_look_put_left(dc_buf_t *out, uint64_t ms);

#endif
