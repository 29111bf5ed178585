// top_detail — all that there is to say of one batch, for `dcalc top`.
#ifndef DC_CLIENT_CLI_LOOK_TOP_DETAIL_H
#define DC_CLIENT_CLI_LOOK_TOP_DETAIL_H

#include "client/cli/text/frame.h"
#include "common/json.h"

// Append lines about `batch`, the answer to "status".
void dc_top_detail(const dc_json_t *batch, dc_frame_t *frame);

#endif
