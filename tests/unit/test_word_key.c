// Keys of words: the published values of FNV-1a, high half first.
#include "client/word_key.h"
#include "common/bytes.h"
#include "tests/lib/main.h"

static const struct {
    const char *word;
    uint64_t high, low;
} keys[] = {
    { "", UINT64_C(0x6c62272e07bb0142), UINT64_C(0x62b821756295c58d) },
    { "a", UINT64_C(0xd228cb696f1a8caf), UINT64_C(0x78912b704e4a8964) },
    { "foobar", UINT64_C(0x343e1662793c64bf), UINT64_C(0x6f0d3597ba446f18) },
};

START_TEST(a_word_has_the_same_key_everywhere)
{
    dc_key_t key = dc_word_key(dc_str_from(keys[_i].word));
    ck_assert_uint_eq(dc_get_u64(key.bytes), keys[_i].low);
    ck_assert_uint_eq(dc_get_u64(key.bytes + 8), keys[_i].high);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("word_key");
    TCase *tcase = tcase_create("word_key");
    tcase_add_loop_test(tcase, a_word_has_the_same_key_everywhere, 0, (int)DC_ARRAY_LEN(keys));
    suite_add_tcase(all, tcase);
    return all;
}
