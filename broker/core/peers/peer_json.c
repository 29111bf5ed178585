#include "broker/core/peers/peer_json.h"

#include "common/limits.h"

dc_json_t *dc_peer_json_parse(dc_str_t text, dc_diag_t *diag)
{
    dc_json_t *json = dc_json_parse(text, DC_JSON_BYTES_MAX, DC_JSON_INTEGERS_EXACT, diag);
    if (!json && diag->code != DC_ERR_NOMEM) diag->code = DC_ERR_PROTOCOL;
    return json;
}
