// story — the broker's core and a store, told what happens by a script of events: under each turn
// stands the trace that must follow, complete and in order.
//
//   # What the story shows.
//   with orphan_ms=5000                        settings that differ from the defaults; behind a
//                                              turn from now on
//   at 0     c1 open handle=1 key=1; w1 ready session=1
//            w2 ready session=2
//          > c1 opened handle=1 number=1
//   until 3100  w2, c1 alive
//     3100 > log slot lost ...
//
// The store does what is put into it when the story says so: `store commit` all that waits, `store
// commit=2` the first two, `store full=2` says of two that they did not fit, `store locked=2` that
// somebody has locked it, and `store lost=2` that it has lost a page that they need; `store spoil
// input=1` or `result=1` has the disk spoil the second chunk, or its results, and `spoil end=1`,
// `terms=1` or `met=1` such rows of the second batch.
// `restart` kills the broker, and with it what waits; a new one finds what was stored.
//
// `at` is one turn of the broker's loop at that time: its events (tests/lib/words.h; `c1 gone`,
// `w1 gone`, `tick`, `stop` and `farewell` too), then what is leased. `until` lets the time pass,
// with a tick each 100 ms; who is alive says so each time. What the others do not show, heartbeats,
// is left out there. What is said of data is tests/lib/action_words.h's.
#ifndef DC_TESTS_LIB_STORY_H
#define DC_TESTS_LIB_STORY_H

#include "common/buf.h"

// Tell the story: append to `out` the script with the traces that came out, in place of those that
// it has. NULL, or a sentence that says what is wrong with the last line of `out`.
const char *dc_story_tell(dc_str_t script, dc_buf_t *out);

#endif
