// facts — what a broker says of its batches and workers, read from its JSON.
//
// What it does not say, or says in another way, is 0 or empty: another version may know less.
#ifndef DC_CLIENT_CLI_CLUSTER_FACTS_H
#define DC_CLIENT_CLI_CLUSTER_FACTS_H

#include "common/buf.h"
#include "common/json.h"

uint64_t dc_facts_number(const dc_json_t *object, const char *name);
double dc_facts_real(const dc_json_t *object, const char *name);
dc_str_t dc_facts_text(const dc_json_t *object, const char *name);
bool dc_facts_flag(const dc_json_t *object, const char *name);

// Whether there is such a number: the jobs of a batch that is open, for one, are null.
bool dc_facts_has_number(const dc_json_t *object, const char *name);

// Whether a batch has ended, with whatever success.
bool dc_facts_has_ended(const dc_json_t *batch);

// Why a batch has ended before every job was computed; DC_OK: it has not, or for no reason that is
// known here.
dc_err_t dc_facts_error(const dc_json_t *batch);

// The priority of a batch.
int dc_facts_priority(const dc_json_t *batch);

// Jobs a second of a batch: over the last seconds, as the broker says it. What runs and had no
// answer in these has big jobs, so that its mean since it began tells more.
double dc_facts_rate(const dc_json_t *batch);

// Append the rates that its client is over, as `1,000 jobs/s`, `64k bytes/s` or both. False if
// there are none.
bool dc_facts_put_limits(const dc_json_t *batch, dc_buf_t *out);

// How long the batch will take at this rate. False if that is not known, or it is held.
bool dc_facts_left_ms(const dc_json_t *batch, uint64_t *left_ms);

#endif
