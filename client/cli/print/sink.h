// sink — where results go: stdout, or a file that gets its name when it is complete.
//
// Bytes are gathered and written in big pieces, as far as they go without waiting: a slow reader
// must not keep the client from answering its broker. For that a pipe or terminal is opened anew,
// since O_NONBLOCK on the one we were given would change it for everybody who has it; where that is
// not possible, poll(2) and small writes serve.
#ifndef DC_CLIENT_CLI_PRINT_SINK_H
#define DC_CLIENT_CLI_PRINT_SINK_H

#include "common/buf.h"

#include <sys/types.h>

typedef struct dc_sink {
    dc_buf_t buf;     // owned: what is not yet written, from `written` on
    size_t written;   //
    int fd;           //
    bool is_owned;    // `fd` is ours to close
    size_t write_max; // what may be written at once without waiting
    const char *path; // borrowed; NULL for stdout
    char *part_path;  // owned: the file's name until it is complete
    bool is_terminal; //
    mode_t mode;      // what the file that is replaced has; 0: there is none
    int error;        // the errno that ended it, or 0: from then on bytes are dropped
} dc_sink_t;

// Go to stdout (`path` NULL), or to the file `path`, borrowed: by way of `path`.part, unless it is
// a device, a FIFO or a link, which is written to as it is, from its start where it leads to a
// file. A file that is there gives its mode to the new one; a .part that a run has left is begun
// anew. Returns 0, or an errno (EISDIR: a folder; EBUSY: another run writes that file; EEXIST: the
// .part is there and no run has left it; it is as it was).
DC_MUST_USE int dc_sink_open(dc_sink_t *self, const char *path);

// Close it; a file that is not complete keeps its .part name.
void dc_sink_fini(dc_sink_t *self);

// False while so much is waiting to be written that nothing should be added.
bool dc_sink_has_room(const dc_sink_t *self);

bool dc_sink_is_empty(const dc_sink_t *self);

// Write what goes without waiting.
void dc_sink_flush(dc_sink_t *self);

// Write all that is left, waiting as long as it takes.
void dc_sink_drain(dc_sink_t *self);

// Drain it; then give a file its name. Returns 0, or the
// errno that ended it.
DC_MUST_USE int dc_sink_finish(dc_sink_t *self);

// A file of which nothing is worth keeping: remove it.
void dc_sink_discard(dc_sink_t *self);

#endif
