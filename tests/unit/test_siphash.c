// SipHash: what its authors' code says for the key 00 01 .. 0f and the text 00 01 02 ..
#include "common/siphash.h"

#include <stdio.h>

#include "tests/lib/main.h"

static const struct {
    size_t bytes;
    const char *hash;
} vectors[] = {
    { 0, "a3817f04ba25a8e66df67214c7550293" },  { 1, "da87c1d86b99af44347659119b22fc45" },
    { 7, "a1f1ebbed8dbc153c0b84aa61ff08239" },  { 8, "3b62a9ba6258f5610f83e264f31497b4" },
    { 15, "5493e99933b0a8117e08ec0f97cfc3d9" }, { 63, "5150d1772f50834a503e069a973fbd7c" },
};

START_TEST(a_text_has_the_published_hash)
{
    const dc_siphash_key_t key = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
    char text[64], hex[2 * sizeof(dc_siphash_t) + 1];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)i;
    }
    dc_siphash_t hash = dc_siphash(&key, dc_str(text, vectors[_i].bytes));
    for (size_t i = 0; i < sizeof hash; i++) {
        uint64_t half = i < 8 ? hash.low : hash.high;
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)(half >> i % 8 * 8 & 0xff));
    }
    ck_assert_str_eq(hex, vectors[_i].hash);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("siphash");
    TCase *tcase = tcase_create("siphash");
    tcase_add_loop_test(tcase, a_text_has_the_published_hash, 0, (int)DC_ARRAY_LEN(vectors));
    suite_add_tcase(all, tcase);
    return all;
}
