// top_state — what `dcalc top` knows and has been told: the last answers, which batch is chosen,
// and what keys mean.
//
// It decides, and does nothing itself: a key may come to an order, which the caller gives the
// broker. To cancel is asked back, since it cannot be taken back.
#ifndef DC_CLIENT_CLI_LOOK_TOP_STATE_H
#define DC_CLIENT_CLI_LOOK_TOP_STATE_H

#include "client/cli/look/top_layout.h"

typedef enum dc_top_order_type {
    DC_TOP_NOTHING,
    DC_TOP_QUIT,
    DC_TOP_CANCEL,
    DC_TOP_PRIORITY, // to `value`
    DC_TOP_HOLD,     // with `value` 1, or release
    DC_TOP_LOOK,     // ask for the batch's status now
} dc_top_order_type_t;

typedef struct dc_top_order {
    dc_top_order_type_t type;
    uint64_t number; // of the batch
    int64_t value;
} dc_top_order_t;

typedef struct dc_top_state {
    dc_json_t *stats;   // owned, as is the next; NULL: none
    dc_json_t *detail;  //
    uint64_t chosen;    // number of a batch; 0: there is none
    bool wants_detail;  //
    bool is_asked;      // whether the chosen batch is to be cancelled
    char message[160];  // empty: none
    dc_ms_t message_ms; // when it was said
} dc_top_state_t;

void dc_top_state_fini(dc_top_state_t *self);

// Take the broker's answer to "stats", or to "status" of the chosen batch, at `now`. Text that is
// none is left alone.
void dc_top_take_stats(dc_top_state_t *self, dc_str_t json, dc_ms_t now);
void dc_top_take_detail(dc_top_state_t *self, dc_str_t json);

// What key `key` (of client/cli/text/screen.h) comes to.
dc_top_order_t dc_top_press(dc_top_state_t *self, int key, dc_ms_t now);

// `done` was carried out, or was not, for the reason `why` (empty: it was).
void dc_top_done(dc_top_state_t *self, const dc_top_order_t *done, dc_str_t why, dc_ms_t now);

// What there is to be shown, but for what only the terminal and the connection know.
dc_top_view_t dc_top_view(const dc_top_state_t *self, dc_ms_t now);

#endif
