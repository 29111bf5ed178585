// resume — the rows of a source, of which some have results in a journal.
//
// It stands between a source and whoever sends its rows: chunks are handed on in stretches, of rows
// that are to be computed and of rows that are kept, which come with their results.
#ifndef DC_CLIENT_CLI_RUN_RESUME_H
#define DC_CLIENT_CLI_RUN_RESUME_H

#include "client/cli/input/source.h"
#include "client/cli/journal/journal.h"
#include "client/cli/journal/kept.h"

typedef struct dc_resume dc_resume_t;

// Go on with what `journal` has, whose blocks are in `recall`; both are borrowed. NULL if memory is
// short.
dc_resume_t *dc_resume_new(dc_journal_t *journal, dc_recall_t *recall);
void dc_resume_destroy(dc_resume_t **self_p);

// The next rows, as dc_source_next has them; with `item->kept` they are kept, and both are valid
// until the next call. Where memory is short, or the journal is damaged, rows are not kept.
dc_source_state_t dc_resume_next(dc_resume_t *self, dc_source_t *source, bool is_idle, dc_ms_t now,
                                 dc_source_item_t *item);

// What a person is told of it.
typedef struct dc_resume_counts {
    uint64_t kept;    // rows so far
    uint64_t changed; // rows that are not in the journal, and stand where it has some
    uint64_t again;   // rows that failed there, and may not fail again
} dc_resume_counts_t;

// False while the rows that the journal had have not all passed by.
bool dc_resume_is_past(const dc_resume_t *self, dc_resume_counts_t *counts);

#endif
