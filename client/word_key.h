// word_key — the key of a batch that is named by a word: the same in every process, so that sending
// the batch again finds the one that is there.
//
// It is FNV-1a of 128 bits (draft-eastlake-fnv, section 2): spread enough that no two words of one
// broker's users meet by chance. It is no secret, as the word is none.
#ifndef DC_CLIENT_WORD_KEY_H
#define DC_CLIENT_WORD_KEY_H

#include "common/str.h"
#include "common/wire.h"

dc_key_t dc_word_key(dc_str_t word);

#endif
