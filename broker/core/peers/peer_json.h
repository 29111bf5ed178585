// peer_json — JSON that a peer sent.
#ifndef DC_BROKER_CORE_PEERS_PEER_JSON_H
#define DC_BROKER_CORE_PEERS_PEER_JSON_H

#include "common/json.h"

// Parse it as dc_json_parse does, within the limits of the protocol. What is wrong with it is a
// breach of the protocol, not the fault of an expression: NULL with DC_ERR_PROTOCOL or DC_ERR_NOMEM
// in `diag`.
dc_json_t *dc_peer_json_parse(dc_str_t text, dc_diag_t *diag);

#endif
