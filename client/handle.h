// handle — what a dcalc_t consists of. Only for the files that implement dcalc.h: dcalc.c (the
// connection and its loop), dcalc_batch.c (batches and pieces), dcalc_ask.c (questions) and
// dcalc_eval.c (one expression, the blocking way).
#ifndef DC_CLIENT_HANDLE_H
#define DC_CLIENT_HANDLE_H

#include "client/channel.h"
#include "client/requests.h"

struct dcalc {
    dc_channel_t *channel;
    dc_requests_t *requests;
    dc_outcome_t outcome;
    dc_news_t news; // the event that the application has; owns what it points to
    void (*trace)(void *context, bool is_sent, const char *words);
    void *trace_context;
};

#endif
