#include "broker/core/on_store.h"

#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/numbers.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/pending.h"
#include "broker/core/kept/repair.h"
#include "broker/core/kept/submit.h"

// Nobody asks for himself when results are to be computed again.
static void take_read(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    if (op->peer) {
        dc_viewer_read(self, op, actions);
    } else {
        dc_repair_read(self, op, actions);
        dc_viewer_serve(self, actions);
    }
}

void dc_on_stored(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions)
{
    dc_pending_count_back(self, *op_p);
    switch ((*op_p)->what) {
    case DC_STORE_BATCH:
    case DC_STORE_CHUNK:
    case DC_STORE_CLOSE: dc_submit_stored(self, *op_p, actions); break;
    case DC_STORE_TERMS:
    case DC_STORE_MET:
    case DC_STORE_RESULT:
    case DC_STORE_SPOILED:
    case DC_STORE_END:
    case DC_STORE_DELETE: dc_keep_stored(self, op_p, actions); break;
    case DC_STORE_NUMBERS: dc_numbers_stored(self, *op_p); break;
    case DC_STORE_READ: take_read(self, *op_p, actions); break;
    }
}
