// outcome_words — what the client's core wants done, as text: so a test sees all of it at once.
//
//   connect
//   OPEN 1 again lacks=[0,2)
//   CHUNK 1 [0,2) "1\n2\n"
//   piece 1 [0,2) fresh=[1,2) "3\n4\n"
//   end 1 ok
//
// Messages in capitals, news for the application in small letters.
#ifndef DC_TESTS_LIB_OUTCOME_WORDS_H
#define DC_TESTS_LIB_OUTCOME_WORDS_H

#include "client/outcome.h"
#include "common/buf.h"

// Append what `out` holds, and empty it.
void dc_outcome_put_words(dc_outcome_t *self, dc_buf_t *words);

#endif
