// viewer_part — what the files of viewer share; see broker/core/clients/viewer.h for what they do.
#ifndef DC_BROKER_CORE_CLIENTS_VIEWER_PART_H
#define DC_BROKER_CORE_CLIENTS_VIEWER_PART_H

#include "broker/core/clients/viewer.h"

// Send what there is for the viewer, and have more read; tell it the end, and close it, if all was
// sent.
void dc_viewer_pump(dc_core_t *self, dc_viewer_t *viewer, dc_actions_t *actions);

#endif
