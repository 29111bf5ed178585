// answer — is what the broker sent as results sound, and what of it is new?
#ifndef DC_CLIENT_ANSWER_H
#define DC_CLIENT_ANSWER_H

#include "client/outcome.h"
#include "client/sent.h"

// Take the PIECE `cmd` as answers to what was `sent`: what is new of it is answered from now on.
// Its results are `columns` or lines.
//
// Where something is new `news` (which is empty before) gets a piece and a reference to its bytes;
// else its `fresh_count` stays 0: all of it was answered before.
// DC_ERR_PROTOCOL: the piece contradicts what was sent, and nothing has changed. DC_ERR_NOMEM: what
// `news` has is answered, the rest is not.
DC_MUST_USE dc_err_t dc_answer_take(dc_sent_t *sent, const dc_cmd_t *cmd, bool columns,
                                    dc_news_t *news);

#endif
