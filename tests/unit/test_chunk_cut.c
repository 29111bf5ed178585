// How the library cuts lines into chunks for programs that have them as bytes.
#include "client/dcalc.h"
#include "common/limits.h"
#include "tests/lib/main.h"

#define TEXT_BYTES (DC_RECORD_BYTES_MAX + 1000)

static char text[TEXT_BYTES];

// Each line is `line_bytes` long, with its newline.
static void fill(size_t line_bytes)
{
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        text[i] = (i + 1) % line_bytes == 0 ? '\n' : '1';
    }
}

typedef struct cut {
    size_t line_bytes, size;
    size_t expected_bytes;
    uint32_t expected_jobs;
} cut_t;

static const cut_t cuts[] = {
    { 10, 0, 0, 0 },   // nothing is there
    { 10, 9, 0, 0 },   // no line ends
    { 10, 10, 10, 1 }, //
    { 10, 25, 20, 2 }, // the third one does not end
    { 2, 20000, (size_t)2 * DC_CHUNK_JOBS_MAX, DC_CHUNK_JOBS_MAX },
    { 1, 20000, DC_CHUNK_JOBS_MAX, DC_CHUNK_JOBS_MAX }, // empty lines are jobs too
    { 100, 100000, 65500, 655 },                        // as many as a chunk has bytes for
    { DC_CHUNK_BYTES_MAX, DC_CHUNK_BYTES_MAX + 5, DC_CHUNK_BYTES_MAX, 1 },
    { DC_CHUNK_BYTES_MAX + 1, TEXT_BYTES, DC_CHUNK_BYTES_MAX + 1, 1 }, // longer, hence alone
    { DC_RECORD_BYTES_MAX, TEXT_BYTES, DC_RECORD_BYTES_MAX, 1 },
    { DC_RECORD_BYTES_MAX + 1, TEXT_BYTES, 0, 0 }, // too long for any worker
};

START_TEST(a_chunk_has_whole_lines_within_its_limits)
{
    const cut_t *cut = &cuts[_i];
    uint32_t jobs = 7;
    fill(cut->line_bytes);
    ck_assert_uint_eq(dcalc_chunk_cut(text, cut->size, &jobs), cut->expected_bytes);
    ck_assert_uint_eq(jobs, cut->expected_jobs);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("chunk_cut");
    TCase *tcase = tcase_create("chunk_cut");
    tcase_add_loop_test(tcase, a_chunk_has_whole_lines_within_its_limits, 0,
                        (int)DC_ARRAY_LEN(cuts));
    suite_add_tcase(suite, tcase);
    return suite;
}
