// action_words — what the broker's core wants done, as its trace has it, with the data that tests
// can read.
//
// Jobs are their index, and results that with a `=` in front (tests/lib/words.h): data which are so
// are left out. Other texts are quoted.
#ifndef DC_TESTS_LIB_ACTION_WORDS_H
#define DC_TESTS_LIB_ACTION_WORDS_H

#include "broker/core/actions.h"
#include "common/buf.h"

// Append `action`, without the end of a line.
void dc_action_put_words(const dc_action_t *action, dc_buf_t *out);

#endif
