// words — commands written as words, as broker/core/trace writes them, for scenarios.
//
//   open handle=1 key=7 lacks=[0,4)+[8,9)      chunk handle=1 jobs=[0,512)
//   result L1 jobs=[0,200) last                ask text="1+1\n2+2"
//
// A field is `name=number`; `jobs=[first,end)` sets first and count or end, a flag is its word,
// `L1` is the first lease that was given, and a key is a number. What travels as data follows from
// the command: jobs are lines with their index, results such lines behind a `=`. Others can be
// given: `text="..."` is the data, `bytes=N` makes the first line longer so that they are so many,
// `lines=N` leaves out or adds lines, `program="..."` is a program, `children="a:60,b" join="c"` is
// how a job forks: into children with these bytes (and weights, else 1), and a join. A batch has a
// name and a tag where `name="..."` and `tag="..."` say so, a slot its worker's name (else `w`) and
// tags (`tag="a,b"`). A chunk may have `needs=[0,2)+[3,4)`, a batch comes `after=1+2`, jobs of a
// result fail with `fails=[2,3)`, and what is given are the results of the jobs.
#ifndef DC_TESTS_LIB_WORDS_H
#define DC_TESTS_LIB_WORDS_H

#include "common/wire.h"

// The ids of leases, in the order in which they were given: `L1` is the first.
typedef struct dc_words_ids {
    uint64_t list[256];
    size_t count;
} dc_words_ids_t;

// Its name, counted from 1; it gets one if it has none.
uint64_t dc_words_name_of(dc_words_ids_t *self, uint64_t id);

// Read `words`. The data and program are new blobs: drop them. NULL, or a sentence that says what
// is wrong with the words.
const char *dc_words_read(dc_str_t words, const dc_words_ids_t *ids, dc_cmd_t *cmd);

// The lines of jobs [first, end), and those of their results.
void dc_words_put_jobs(uint64_t first, uint64_t end, dc_buf_t *out);
void dc_words_put_results(uint64_t first, uint64_t end, dc_buf_t *out);

#endif
