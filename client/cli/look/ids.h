// ids — how people name batches: `b17` or `17`, `3-7`, `3,9`, `last`, `all`, or a name with globs.
#ifndef DC_CLIENT_CLI_LOOK_IDS_H
#define DC_CLIENT_CLI_LOOK_IDS_H

#include "common/str.h"

// Whether the batch `number`, called `name` (may be empty), is one of those that `text` names;
// `is_last` says that it is the newest.
bool dc_ids_match(const char *text, uint64_t number, const char *name, bool is_last);

// Whether `text` names every batch, whoever sent it: `all`, or `*`.
bool dc_ids_is_all(const char *text);

// Whether it is one number, `b17` or `17`, which is stored in `*number`.
bool dc_ids_is_number(const char *text, uint64_t *number);

// Whether it names the newest, whichever that is by now: `last`.
bool dc_ids_is_last(const char *text);

// Whether `word` as a name means nothing else: no number or range, no list, no word of ours.
bool dc_ids_is_name(const char *word);

#endif
