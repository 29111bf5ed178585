// The live view: what is drawn from the broker's answers, and what keys mean.
#include "client/cli/look/top_state.h"
#include "client/cli/text/screen.h"
#include "tests/lib/main.h"

static const char stats[] =
    "{\"v\":1,\"workers\":3,\"slots\":12,\"plain\":0,\"batches\":3,\"waiting\":1200000,"
    "\"rate\":290312,\"rates\":[0,100,200,300,400,500,600,700],"
    "\"recent\":{\"count\":5,\"p50_ms\":0.4,\"p99_ms\":3},"
    "\"by_worker\":["
    "{\"worker\":\"w-alpha\",\"slots\":4,\"busy\":4,\"silent_ms\":200,\"late\":false,"
    "\"rate\":151000,\"running\":[\"b17\"]},"
    "{\"worker\":\"w-beta\",\"slots\":4,\"busy\":3,\"silent_ms\":400,\"late\":false,"
    "\"rate\":139000,\"running\":[\"b17\",\"b31\"]},"
    "{\"worker\":\"w-gamma\",\"slots\":4,\"busy\":0,\"silent_ms\":2800,\"late\":true,"
    "\"rate\":0,\"running\":[]}],"
    "\"by_batch\":["
    "{\"batch\":\"b17\",\"number\":17,\"name\":\"nightly\",\"state\":\"running\",\"jobs\":12000000,"
    "\"done\":3104220,\"failed\":0,\"rate\":410000,\"priority\":0},"
    "{\"batch\":\"b31\",\"number\":31,\"name\":\"small\",\"state\":\"running\",\"jobs\":1000,"
    "\"done\":780,\"failed\":3,\"rate\":2200,\"priority\":5},"
    "{\"batch\":\"b32\",\"number\":32,\"name\":\"\",\"state\":\"held\",\"held\":true,\"jobs\":null,"
    "\"done\":5,\"failed\":0,\"rate\":0,\"priority\":10,\"why\":\"it is held\"}]}";

static const char status[] =
    "{\"v\":1,\"batch\":\"b31\",\"number\":31,\"name\":\"small\",\"state\":\"running\","
    "\"jobs\":1000,\"done\":780,\"waiting\":200,\"running\":20,\"forked\":2,\"parts\":9,"
    "\"failed\":3,\"rate\":2200,\"priority\":5,\"deadline_ms\":60000,\"age_ms\":125000,"
    "\"latency\":{\"wait\":{\"count\":780,\"p50_ms\":0.4,\"p90_ms\":2,\"p99_ms\":12,"
    "\"max_ms\":2000},\"lease\":{\"count\":0},\"answer\":{\"count\":0}}}";

static dc_top_state_t state;
static dc_buf_t out;

static void set_up(void)
{
    state = (dc_top_state_t){ 0 };
    dc_top_take_stats(&state, dc_str_from(stats), 1000);
}

static void tear_down(void)
{
    dc_top_state_fini(&state);
    dc_buf_fini(&out);
}

static void draw(dc_top_view_t view, size_t columns)
{
    dc_frame_t frame;
    out.len = 0;
    if (!view.url) view.url = "tcp://127.0.0.1:5555";
    dc_frame_init(&frame, columns);
    dc_top_layout(&view, &frame);
    dc_frame_put_text(&frame, &out);
    dc_frame_fini(&frame);
    dc_buf_append_char(&out, '\0');
}

static void assert_drawn(dc_top_view_t view, size_t columns, const char *expected)
{
    draw(view, columns);
    ck_assert_str_eq(out.data, expected);
}

static dc_top_view_t view_of(bool is_utf8, size_t rows)
{
    dc_top_view_t view = dc_top_view(&state, 1000);
    view.is_utf8 = is_utf8;
    view.rows = rows;
    return view;
}

static void assert_order(dc_top_order_t order, dc_top_order_type_t type, uint64_t number,
                         int64_t value)
{
    ck_assert_int_eq(order.type, type);
    if (type == DC_TOP_NOTHING || type == DC_TOP_QUIT) return;
    ck_assert_uint_eq(order.number, number);
    ck_assert_int_eq(order.value, value);
}

// --- layout ------------------------------------------------------------------------------------

START_TEST(a_wide_terminal_shows_everything)
{
    assert_drawn(
        view_of(true, 9), 110,
        " dcalc  tcp://127.0.0.1:5555  3 workers 12 slots  waiting 1.20M  ▁▂▃▄▅▆▇█  290k/s  "
        "p50 0.4 ms  p99 3.0 ms\n"
        " w-alpha  ████████████████████  4/4  ♥ 0.2s  151k/s  b17\n"
        " w-beta   ███████████████░░░░░  3/4  ♥ 0.4s  139k/s  b17 b31\n"
        " w-gamma  ░░░░░░░░░░░░░░░░░░░░  0/4  ♥ 2.8s     0/s  LATE\n"
        ">b17 nightly  ━━━━━───────────────    26 %    22 s left  0 failed   prio 0\n"
        " b31 small    ━━━━━━━━━━━━━━━━────    78 %  0.10 s left  3 failed   prio 5\n"
        " b32                                5 done               0 failed  prio 10  held\n"
        " q quit  c cancel  + - priority  h hold  enter details  up down\n");
}
END_TEST

START_TEST(an_ascii_terminal_gets_ascii)
{
    draw(view_of(false, 9), 110);
    for (size_t i = 0; i + 1 < out.len; i++) {
        ck_assert(out.data[i] == '\n' || (out.data[i] >= ' ' && out.data[i] < 0x7F));
    }
    ck_assert_ptr_nonnull(strstr(out.data, "w-beta   ###############-----  3/4  heard 0.4s"));
    ck_assert_ptr_nonnull(strstr(out.data, "b17 nightly  =====---------------"));
}
END_TEST

START_TEST(what_is_less_important_is_left_out_where_it_is_narrow)
{
    assert_drawn(view_of(true, 9), 40,
                 " 3 workers 12 slots  290k/s\n"
                 " w-alpha  4/4  ♥ 0.2s  151k/s  b17\n"
                 " w-beta   3/4  ♥ 0.4s  139k/s  b17 b31\n"
                 " w-gamma  0/4  ♥ 2.8s     0/s  LATE\n"
                 ">b17 nightly    26 %    22 s left\n"
                 " b31 small      78 %  0.10 s left\n"
                 " b32          5 done               held\n"
                 " q quit  c cancel  + - priority  up down\n");
}
END_TEST

// No line is wider than the terminal, whatever its width; nor are there more than it has rows.
START_TEST(it_fits_any_terminal)
{
    for (size_t columns = 1; columns < 130; columns++) {
        for (size_t rows = 4; rows < 12; rows++) {
            dc_frame_t frame;
            dc_top_view_t view = view_of(true, rows);
            view.url = "tcp://127.0.0.1:5555";
            dc_frame_init(&frame, columns);
            dc_top_layout(&view, &frame);
            ck_assert_uint_le(dc_frame_line_count(&frame), rows);
            for (size_t i = 0; i < dc_frame_line_count(&frame); i++) {
                const dc_line_t *line = dc_frame_line(&frame, i);
                size_t width = 0;
                for (size_t at = 0; at < line->span_count; at++) {
                    const dc_frame_span_t *span = dc_frame_span(&frame, line, at);
                    for (size_t k = 0; k < span->len; k++) {
                        width += (frame.text.data[span->first + k] & 0xC0) != 0x80;
                    }
                }
                ck_assert_uint_le(width, columns);
            }
            dc_frame_fini(&frame);
        }
    }
}
END_TEST

START_TEST(few_rows_are_shared_and_the_chosen_batch_is_among_them)
{
    state.chosen = 32;
    assert_drawn(view_of(true, 6), 60,
                 " 3 workers 12 slots  waiting 1.20M  ▁▂▃▄▅▆▇█  290k/s\n"
                 " w-alpha  ████████████████████  4/4  ♥ 0.2s  151k/s  b17\n"
                 " and 2 more workers\n"
                 ">b32                     5 done               0 failed  held\n"
                 " and 2 more batches\n"
                 " q quit  c cancel  + - priority  h hold  up down\n");
}
END_TEST

START_TEST(one_frame_has_no_keys)
{
    draw(view_of(true, 0), 80);
    ck_assert_ptr_null(strstr(out.data, "quit"));
    ck_assert_ptr_nonnull(strstr(out.data, "w-gamma"));
}
END_TEST

START_TEST(a_broker_that_is_lost_is_said_above_what_was_seen_last)
{
    dc_top_view_t view = view_of(true, 9);
    view.trouble = "connection refused";
    draw(view, 80);
    ck_assert_ptr_nonnull(
        strstr(out.data, " no broker at tcp://127.0.0.1:5555: connection refused\n w-alpha"));
}
END_TEST

START_TEST(a_broker_that_has_not_answered_yet_has_nothing_to_show)
{
    dc_top_view_t view = { .rows = 4 };
    assert_drawn(view, 60,
                 " waiting for the broker at tcp://127.0.0.1:5555\n"
                 "\n\n"
                 " q quit  c cancel  + - priority  h hold  up down\n");
}
END_TEST

START_TEST(why_a_batch_waits_has_room_on_a_terminal_of_eighty_columns)
{
    static const char waiting[] =
        "{\"v\":1,\"batches\":1,\"by_worker\":[],\"by_batch\":["
        "{\"batch\":\"b40\",\"number\":40,\"name\":\"gpu-run\",\"state\":\"waiting\",\"jobs\":100,"
        "\"done\":0,\"failed\":0,\"rate\":0,\"priority\":0,"
        "\"why\":\"none of the 4 workers has tag 'gpu'\"}]}";
    dc_top_take_stats(&state, dc_str_from(waiting), 1000);
    draw(view_of(true, 0), 80);
    ck_assert_ptr_nonnull(strstr(
        out.data,
        "b40 gpu-run  ──────  0 %  0 failed  prio 0  none of the 4 workers has tag 'gpu'\n"));
}
END_TEST

START_TEST(an_empty_cluster_says_so)
{
    dc_top_take_stats(&state, DC_STR("{\"v\":1,\"by_worker\":[],\"by_batch\":[]}"), 1000);
    assert_drawn(view_of(true, 8), 60,
                 " tcp://127.0.0.1:5555  0 workers 0 slots  waiting 0  0/s\n"
                 " no worker is there\n"
                 " no batches\n"
                 " q quit  c cancel  + - priority  h hold  up down\n");
}
END_TEST

// Another version of the broker may say other things.
START_TEST(answers_that_are_strange_are_drawn_all_the_same)
{
    const char *const strange[] = {
        "{}",
        "[1,2]",
        "7",
        "{\"by_worker\":7,\"by_batch\":{}}",
        "{\"by_worker\":[1,[],\"x\",{\"running\":[1,null]}],\"by_batch\":[null,{\"jobs\":\"x\"}]}",
        "{\"rates\":[null,-5,1e300,\"x\"],\"recent\":3,\"workers\":-1}",
        "{\"by_batch\":[{\"number\":1,\"batch\":\"b1\\u001b[2J\",\"why\":\"\\u0007\"}]}",
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(strange); i++) {
        dc_top_take_stats(&state, dc_str_from(strange[i]), 1000);
        draw(view_of(true, 9), 80);
        ck_assert_ptr_null(strpbrk(out.data, "\033\007"));
    }
}
END_TEST

START_TEST(details_tell_all_about_one_batch)
{
    state.chosen = 31;
    assert_order(dc_top_press(&state, DC_KEY_ENTER, 1000), DC_TOP_LOOK, 31, 0);
    dc_top_take_detail(&state, dc_str_from(status));
    draw(view_of(true, 14), 80);
    ck_assert_ptr_nonnull(
        strstr(out.data, " batch     b31 small\n"
                         " state     running, priority 5, since 2m, ends in 60 s\n"
                         " jobs      1,000 in all  780 done  3 failed  200 waiting  20 running  "
                         "2 split  9\n"
                         " speed     2.2k/s  about 0.10 s left\n"
                         " waited    p50 0.4 ms  p90 2.0 ms  p99 12 ms  max 2.0 s\n"
                         "\n"
                         " b17 nightly"));
    ck_assert_ptr_null(strstr(out.data, "w-alpha"));
    dc_top_press(&state, DC_KEY_ESCAPE, 1000);
    draw(view_of(true, 14), 80);
    ck_assert_ptr_nonnull(strstr(out.data, "w-alpha"));
}
END_TEST

// --- keys --------------------------------------------------------------------------------------

START_TEST(keys_come_to_orders)
{
    assert_order(dc_top_press(&state, '+', 1), DC_TOP_PRIORITY, 17, 1);
    assert_order(dc_top_press(&state, '-', 1), DC_TOP_PRIORITY, 17, -1);
    assert_order(dc_top_press(&state, 'h', 1), DC_TOP_HOLD, 17, 1);
    assert_order(dc_top_press(&state, 'x', 1), DC_TOP_NOTHING, 0, 0);
    assert_order(dc_top_press(&state, DC_KEY_OTHER, 1), DC_TOP_NOTHING, 0, 0);
    dc_top_press(&state, DC_KEY_DOWN, 1);
    dc_top_press(&state, 'j', 1);
    dc_top_press(&state, DC_KEY_DOWN, 1); // it is the last
    assert_order(dc_top_press(&state, 'h', 1), DC_TOP_HOLD, 32, 0);
    assert_order(dc_top_press(&state, '+', 1), DC_TOP_NOTHING, 0, 0); // no priority is higher
    dc_top_press(&state, DC_KEY_UP, 1);
    assert_order(dc_top_press(&state, '+', 1), DC_TOP_PRIORITY, 31, 6);
    assert_order(dc_top_press(&state, 'q', 1), DC_TOP_QUIT, 0, 0);
}
END_TEST

START_TEST(to_cancel_is_asked_back)
{
    assert_order(dc_top_press(&state, 'c', 1), DC_TOP_NOTHING, 0, 0);
    ck_assert_str_eq(dc_top_view(&state, 100000).message, "cancel b17: y or n?");
    assert_order(dc_top_press(&state, 'q', 1), DC_TOP_NOTHING, 0, 0);
    ck_assert_ptr_null(dc_top_view(&state, 1).message);
    dc_top_press(&state, 'c', 1);
    assert_order(dc_top_press(&state, 'y', 1), DC_TOP_CANCEL, 17, 0);
}
END_TEST

// Else the y would cancel another batch than the one that was asked about.
START_TEST(a_batch_that_ends_while_it_is_asked_about_is_not_cancelled)
{
    dc_top_press(&state, 'c', 1000);
    dc_top_take_stats(
        &state, DC_STR("{\"by_batch\":[{\"batch\":\"b31\",\"number\":31,\"jobs\":1}]}"), 2000);
    ck_assert_str_eq(dc_top_view(&state, 2000).message, "it has ended");
    assert_order(dc_top_press(&state, 'y', 2000), DC_TOP_NOTHING, 0, 0);
    ck_assert_uint_eq(state.chosen, 31);
}
END_TEST

START_TEST(without_a_batch_keys_say_so)
{
    dc_top_take_stats(&state, DC_STR("{\"v\":1,\"by_batch\":[]}"), 1000);
    ck_assert_uint_eq(state.chosen, 0);
    assert_order(dc_top_press(&state, 'c', 1000), DC_TOP_NOTHING, 0, 0);
    ck_assert_str_eq(dc_top_view(&state, 1000).message, "there is no batch");
    ck_assert_ptr_null(dc_top_view(&state, 10000).message);
    dc_top_press(&state, DC_KEY_DOWN, 1000);
    assert_order(dc_top_press(&state, 'q', 1000), DC_TOP_QUIT, 0, 0);
}
END_TEST

START_TEST(what_became_of_an_order_is_said)
{
    dc_top_order_t order = { .type = DC_TOP_HOLD, .number = 17, .value = 1 };
    dc_top_done(&state, &order, DC_STR(""), 1000);
    ck_assert_str_eq(dc_top_view(&state, 1500).message, "b17 is held");
    dc_top_done(&state, &order, DC_STR("there is no batch b17\033[2J"), 1000);
    ck_assert_str_eq(dc_top_view(&state, 1500).message, "there is no batch b17?[2J");
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("top");
    TCase *tcase = tcase_create("top");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_wide_terminal_shows_everything);
    tcase_add_test(tcase, an_ascii_terminal_gets_ascii);
    tcase_add_test(tcase, what_is_less_important_is_left_out_where_it_is_narrow);
    tcase_add_test(tcase, it_fits_any_terminal);
    tcase_add_test(tcase, few_rows_are_shared_and_the_chosen_batch_is_among_them);
    tcase_add_test(tcase, one_frame_has_no_keys);
    tcase_add_test(tcase, a_broker_that_is_lost_is_said_above_what_was_seen_last);
    tcase_add_test(tcase, a_broker_that_has_not_answered_yet_has_nothing_to_show);
    tcase_add_test(tcase, why_a_batch_waits_has_room_on_a_terminal_of_eighty_columns);
    tcase_add_test(tcase, an_empty_cluster_says_so);
    tcase_add_test(tcase, answers_that_are_strange_are_drawn_all_the_same);
    tcase_add_test(tcase, details_tell_all_about_one_batch);
    tcase_add_test(tcase, keys_come_to_orders);
    tcase_add_test(tcase, to_cancel_is_asked_back);
    tcase_add_test(tcase, a_batch_that_ends_while_it_is_asked_about_is_not_cancelled);
    tcase_add_test(tcase, without_a_batch_keys_say_so);
    tcase_add_test(tcase, what_became_of_an_order_is_said);
    suite_add_tcase(all, tcase);
    return all;
}
