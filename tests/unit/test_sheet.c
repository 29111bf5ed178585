// A sheet: its cells, the order in which they are computed, and the chunks that they travel in.
#include <sysexits.h>

#include "client/cli/sheet/sheet_feed.h"
#include "common/limits.h"
#include "tests/lib/main.h"

static dc_arena_t arena;
static dc_buf_t said;
static dc_messages_t messages;
static dc_constants_t lets;
static dc_sheet_t sheet;
static dc_sheet_feed_t feed;

static void set_up(void)
{
    said = (dc_buf_t){ 0 };
    dc_arena_init(&arena, 1 << 20);
    dc_messages_init(&messages, &said);
    dc_constants_init(&lets, (dc_numbers_t){ 0 }, &arena, &messages);
    dc_sheet_init(&sheet, "a.sheet", &lets, &messages);
    ck_assert(dc_sheet_feed_init(&feed, &sheet));
}

static void tear_down(void)
{
    dc_sheet_feed_fini(&feed);
    dc_sheet_fini(&sheet);
    dc_constants_fini(&lets);
    dc_arena_fini(&arena);
    dc_buf_fini(&said);
}

static int read(const char *text)
{
    dc_buf_t bytes = { 0 };
    dc_buf_append_text(&bytes, text);
    return dc_sheet_read(&sheet, &bytes);
}

static void read_sound(const char *text)
{
    ck_assert_int_eq(read(text), 0);
    ck_assert_uint_eq(said.len, 0);
}

static void assert_text(dc_str_t text, const char *expected)
{
    ck_assert_msg(dc_str_eq(text, dc_str_from(expected)), "\"%.*s\" is not \"%s\"", (int)text.len,
                  text.data, expected);
}

// The cells' names in the order in which they are computed, a level's in brackets.
static void assert_order(const char *expected)
{
    dc_buf_t order = { 0 };
    uint32_t level = UINT32_MAX;
    for (uint32_t job = 0; job < sheet.count; job++) {
        const dc_cell_t *cell = dc_sheet_cell(&sheet, job);
        ck_assert_uint_eq(cell->job, job);
        if (cell->level != level) dc_buf_append_text(&order, job ? " | " : "");
        if (cell->level == level) dc_buf_append_char(&order, ' ');
        dc_buf_append_str(&order, cell->name);
        level = cell->level;
    }
    assert_text(dc_buf_str(&order), expected);
    dc_buf_fini(&order);
}

// --- cells -------------------------------------------------------------------------------------

START_TEST(a_cell_is_a_name_and_an_expression)
{
    read_sound("# a comment\n\n  net = qty * price # of all\r\n{qty}=12\nprice = '#1' == \"#\"");
    ck_assert_uint_eq(sheet.count, 3);
    assert_text(sheet.cells[0].name, "net");
    assert_text(sheet.cells[0].text, "qty * price");
    ck_assert_uint_eq(sheet.cells[0].line, 3);
    assert_text(sheet.cells[1].name, "qty");
    assert_text(sheet.cells[1].text, "12");
    assert_text(sheet.cells[2].text, "'#1' == \"#\"");
    ck_assert_uint_eq(sheet.cells[2].line, 5);
}
END_TEST

START_TEST(nothing_is_a_sheet_without_cells)
{
    read_sound("");
    ck_assert_uint_eq(sheet.count, 0);
    ck_assert_uint_eq(sheet.level_count, 0);
}
END_TEST

START_TEST(what_a_cell_uses_is_known)
{
    read_sound("c = a + b + a\na = 1\nb = a\n");
    ck_assert_uint_eq(sheet.cells[0].use_count, 2);
    ck_assert_uint_eq(sheet.cells[0].uses[0], 1);
    ck_assert_uint_eq(sheet.cells[0].uses[1], 2);
    ck_assert_uint_eq(sheet.cells[1].user_count, 2);
    ck_assert_uint_eq(sheet.cells[2].user_count, 1);
}
END_TEST

START_TEST(what_an_expression_names_itself_is_no_cell)
{
    read_sound("k = 5\ns = sum(k, k, 1, 3)\nd = k = 2; k + 1\nf = g(x) = x * k; g(2)\n");
    ck_assert_uint_eq(sheet.cells[1].use_count, 0);
    ck_assert_uint_eq(sheet.cells[2].use_count, 0);
    ck_assert_uint_eq(sheet.cells[3].use_count, 1);
}
END_TEST

START_TEST(a_constant_is_no_cell)
{
    ck_assert_int_eq(dc_constants_add(&lets, "rate=0.19"), 0);
    read_sound("tax = net * rate\nnet = 3\n");
    ck_assert_uint_eq(sheet.cells[0].use_count, 1);
}
END_TEST

// --- order -------------------------------------------------------------------------------------

START_TEST(each_cell_comes_behind_those_that_it_uses)
{
    read_sound("total = net + tax\nnet = qty * price\ntax = net * 0.19\nqty = 12\nprice = 19.5\n");
    assert_order("qty price | net | tax | total");
    ck_assert_uint_eq(sheet.level_count, 4);
}
END_TEST

START_TEST(cells_that_use_the_same_lie_together_and_those_that_are_used_first)
{
    read_sound("p = a + 1\nq = b + 1\nr = a + 2\ns = b + 2\na = 1\nb = 2\nt = p\n");
    // p is used, so it is first of its level; of the others those with the same uses are
    // neighbours.
    uint32_t job_of_p = sheet.cells[0].job;
    ck_assert_uint_eq(job_of_p, 2);
    uint32_t q = sheet.cells[1].job, s = sheet.cells[3].job;
    ck_assert_uint_eq(q > s ? q - s : s - q, 1);
}
END_TEST

// --- what is no sheet --------------------------------------------------------------------------

static const struct {
    const char *text;
    const char *said;
} refused[] = {
    { "a = 1\n1 + 2\n", "a.sheet:2: this is no cell: it is not of the form NAME = EXPR\n" },
    { "a == 1\n", "a.sheet:1: this is no cell: it is not of the form NAME = EXPR\n" },
    { "a = 1\n\na = 2\n", "a.sheet:3: 'a' is there already: a.sheet:1\n" },
    { "rate = 1\n", "a.sheet:1: 'rate' is bound by --let as well\n" },
    { "price = 1\nb = prize\n", "a.sheet:2: 'b' uses 'prize', which is nowhere in the sheet; did "
                                "you mean 'price' (a.sheet:1)?\n" },
    { "b = rat\n", "a.sheet:1: 'b' uses 'rat', which is nowhere in the sheet; did you mean "
                   "'rate'?\n" },
    { "a = a\n", "a.sheet:1: 'a' uses 'a': none of them can be computed first\n" },
    { "{unit price} = {the unit}\n",
      "a.sheet:1: '{unit price}' uses '{the unit}', which is nowhere "
      "in the sheet\n" },
    { "c = 1\na = b\nb = a\n", "a.sheet:2: 'a' uses 'b' (a.sheet:3), which uses 'a': none of them "
                               "can be computed first\n" },
};

START_TEST(what_is_no_sheet_is_told_with_its_place)
{
    ck_assert_int_eq(dc_constants_add(&lets, "rate=1"), 0);
    ck_assert_int_eq(read(refused[_i].text), EX_DATAERR);
    assert_text(dc_buf_str(&said), refused[_i].said);
}
END_TEST

START_TEST(what_fails_alone_does_not_fail_the_sheet)
{
    read_sound("a = 1 +\nb =\nc = upper(d)\nd = 'x'\ne = 1 + * a\n");
    ck_assert_uint_eq(sheet.count, 5);
    // What does not parse is thought to use all that it names.
    ck_assert_uint_eq(sheet.cells[4].use_count, 1);
}
END_TEST

START_TEST(a_cell_that_uses_too_many_is_refused)
{
    dc_buf_t text = { 0 };
    dc_buf_append_text(&text, "all = 0");
    for (int i = 0; i <= DC_NEEDS_MAX; i++) {
        dc_buf_printf(&text, "+a%d", i);
    }
    for (int i = 0; i <= DC_NEEDS_MAX; i++) {
        dc_buf_printf(&text, "\na%d=1", i);
    }
    ck_assert_int_eq(dc_sheet_read(&sheet, &text), EX_DATAERR);
    assert_text(dc_buf_str(&said), "a.sheet:1: this cell uses more than 4096 others\n");
}
END_TEST

// A job's line has the names of all that the cell uses, with their escapes.
START_TEST(a_cell_that_fits_no_job_is_told)
{
    static char name[1000];
    for (int count = 100; count <= 200; count += 100) {
        dc_buf_t text = { 0 };
        tear_down();
        set_up();
        memset(name, 'n', sizeof name - 1);
        dc_buf_append_text(&text, "\nall = 0");
        for (int i = 0; i < count; i++) {
            dc_buf_printf(&text, "+{%d\"%s}", i, name);
        }
        for (int i = 0; i < count; i++) {
            dc_buf_printf(&text, "\n{%d\"%s} = 1", i, name);
        }
        ck_assert_int_eq(dc_sheet_read(&sheet, &text), 0);
        // The expression has them as well.
        bool is_sound = count * 2 < 250;
        ck_assert_int_eq(dc_sheet_feed_check(&feed), is_sound ? 0 : EX_DATAERR);
    }
    assert_text(dc_buf_str(&said), "a.sheet:2: 'all' and the names of what it uses are more than "
                                   "the 256 KiB of a job\n");
}
END_TEST

// --- chunks ------------------------------------------------------------------------------------

static void assert_chunk(uint32_t count, const char *bytes, bool is_needed)
{
    dcalc_chunk_t chunk = { 0 };
    uint32_t jobs;
    bool is_short;
    ck_assert(dc_sheet_feed_next(&feed, &chunk, &jobs, &is_short));
    ck_assert_uint_eq(jobs, count);
    assert_text(dc_str(chunk.bytes, chunk.size), bytes);
    ck_assert_int_eq(chunk.needed, is_needed);
}

START_TEST(a_chunk_has_cells_that_use_the_same)
{
    read_sound("x = a + b\ny = a * b\nz = x\na = 1\nb = 2\nc = 3\n");
    dcalc_chunk_t chunk = { 0 };
    uint32_t jobs;
    bool is_short;
    assert_chunk(2, "[][\"a\",3,4]\t1\n[][\"b\",4,5]\t2\n", true);
    assert_chunk(1, "[][\"c\",5,6]\t3\n", false); // nobody uses it
    assert_chunk(1, "[\"a\",\"b\"][\"x\",0,1]\ta + b\n", true);
    assert_chunk(1, "[\"a\",\"b\"][\"y\",1,2]\ta * b\n", false);
    assert_chunk(1, "[\"x\"][\"z\",2,3]\tx\n", false);
    ck_assert(!dc_sheet_feed_next(&feed, &chunk, &jobs, &is_short));
    ck_assert(!is_short);
}
END_TEST

START_TEST(what_a_chunk_needs_are_ranges_in_order)
{
    read_sound("s = d + a + b\na = 1\nb = 2\nc = 3\nd = 4\nuse = c\n");
    dcalc_chunk_t chunk = { 0 };
    uint32_t jobs;
    bool is_short;
    assert_chunk(4, "[][\"a\",1,2]\t1\n[][\"b\",2,3]\t2\n[][\"c\",3,4]\t3\n[][\"d\",4,5]\t4\n",
                 true);
    ck_assert(dc_sheet_feed_next(&feed, &chunk, &jobs, &is_short));
    bool is_sum = chunk.need_count == 2;
    if (!is_sum) ck_assert(dc_sheet_feed_next(&feed, &chunk, &jobs, &is_short));
    ck_assert_uint_eq(chunk.need_count, 2);
    ck_assert_uint_eq(chunk.needs[0].first, 0);
    ck_assert_uint_eq(chunk.needs[0].end, 2);
    ck_assert_uint_eq(chunk.needs[1].first, 3);
    ck_assert_uint_eq(chunk.needs[1].end, 4);
}
END_TEST

START_TEST(chunks_are_no_longer_than_they_may_be)
{
    dc_buf_t text = { 0 };
    for (int i = 0; i < 2 * DC_CHUNK_JOBS_MAX; i++) {
        dc_buf_printf(&text, "c%d = %d + 0.123456789\n", i, i);
    }
    ck_assert_int_eq(dc_sheet_read(&sheet, &text), 0);
    dcalc_chunk_t chunk = { 0 };
    uint32_t jobs, all = 0;
    bool is_short;
    while (dc_sheet_feed_next(&feed, &chunk, &jobs, &is_short)) {
        ck_assert_uint_le(jobs, DC_CHUNK_JOBS_MAX);
        ck_assert_uint_le(chunk.size, DC_CHUNK_BYTES_MAX);
        all += jobs;
    }
    ck_assert_uint_eq(all, sheet.count);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("sheet");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_cell_is_a_name_and_an_expression);
    tcase_add_test(tests, nothing_is_a_sheet_without_cells);
    tcase_add_test(tests, what_a_cell_uses_is_known);
    tcase_add_test(tests, what_an_expression_names_itself_is_no_cell);
    tcase_add_test(tests, a_constant_is_no_cell);
    tcase_add_test(tests, each_cell_comes_behind_those_that_it_uses);
    tcase_add_test(tests, cells_that_use_the_same_lie_together_and_those_that_are_used_first);
    tcase_add_loop_test(tests, what_is_no_sheet_is_told_with_its_place, 0, DC_ARRAY_LEN(refused));
    tcase_add_test(tests, what_fails_alone_does_not_fail_the_sheet);
    tcase_add_test(tests, a_cell_that_uses_too_many_is_refused);
    tcase_add_test(tests, a_cell_that_fits_no_job_is_told);
    tcase_add_test(tests, a_chunk_has_cells_that_use_the_same);
    tcase_add_test(tests, what_a_chunk_needs_are_ranges_in_order);
    tcase_add_test(tests, chunks_are_no_longer_than_they_may_be);
    Suite *all = suite_create("sheet");
    suite_add_tcase(all, tests);
    return all;
}
