// top_layout — what `dcalc top` shows: a picture of the cluster, from the broker's answers.
//
// It fits any width: at 40 columns less is said, not less readably. Where rows are few, workers and
// batches share them, and the batch that is chosen is among those shown.
#ifndef DC_CLIENT_CLI_LOOK_TOP_LAYOUT_H
#define DC_CLIENT_CLI_LOOK_TOP_LAYOUT_H

#include "client/cli/text/frame.h"
#include "common/json.h"

typedef struct dc_top_view {
    const dc_json_t *stats;  // the answer to "stats", the last there was; NULL: none yet
    const dc_json_t *detail; // the answer to "status" of the chosen batch; NULL: it is not wanted
    const char *url;         // where the broker is, or is looked for
    const char *trouble;     // why there is none at present; NULL: there is
    const char *message;     // what a key did, or a question; NULL: the keys are shown
    uint64_t chosen;         // number of the batch that is chosen; 0: none
    size_t rows;             // how many lines there are; 0: as many as it takes, and no keys
    bool is_utf8;            // else it is all ASCII
} dc_top_view_t;

// Draw `view` into `frame`, which is empty.
void dc_top_layout(const dc_top_view_t *view, dc_frame_t *frame);

#endif
