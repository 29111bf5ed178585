// Maps of keys that look alike are as quick, and as small, as any.
#include <check.h>
#include <stdio.h>

#include "common/map.h"
#include "tests/lib/main.h"

#define ITEM_COUNT 10000

typedef struct item {
    char key[32];
    UT_hash_handle hh;
} item_t;

static item_t items[ITEM_COUNT];

// Write key `i` of a kind, and return its size.
typedef size_t put_key_t(char *key, uint32_t i);

static size_t put_number(char *key, uint32_t i)
{
    uint64_t number = i + 1;
    memcpy(key, &number, sizeof number);
    return sizeof number;
}

static size_t put_handle(char *key, uint32_t i)
{
    memcpy(key, &i, sizeof i);
    return sizeof i;
}

static size_t put_name(char *key, uint32_t i)
{
    return (size_t)snprintf(key, 32, "slot%u", i);
}

static size_t put_host(char *key, uint32_t i)
{
    return (size_t)snprintf(key, 32, "node-%05u.example", i);
}

static size_t put_routing_id(char *key, uint32_t i)
{
    key[0] = 0;
    key[1] = (char)0x80;
    key[2] = 0;
    key[3] = (char)(i >> 8);
    key[4] = (char)i;
    return 5;
}

static size_t put_low_half(char *key, uint32_t i)
{
    memset(key, 0, 16);
    memcpy(key, &i, sizeof i);
    return 16;
}

static size_t put_high_half(char *key, uint32_t i)
{
    memset(key, 0, 16);
    memcpy(key + 12, &i, sizeof i);
    return 16;
}

static put_key_t *const kinds[] = { put_number,     put_handle,   put_name,     put_host,
                                    put_routing_id, put_low_half, put_high_half };

static size_t put_key(char *key, uint32_t i)
{
    memset(key, 0, 16);
    memcpy(key + 4, &i, sizeof i);
    return 16;
}

// Kinds of keys that a peer chooses: 8 bytes, 4, and those of batches.
static put_key_t *const chosen[] = { put_number, put_handle, put_key };

#define HOSTILE_COUNT 200

// Find keys that would share one of 1024 buckets for who knows the secret that is not drawn.
static size_t aim(put_key_t *put)
{
    size_t bytes = 0;
    uint32_t drawn = 0;
    for (uint32_t i = 0; i < HOSTILE_COUNT; i++) {
        do {
            bytes = put(items[i].key, drawn++);
        } while (dc_map_hash(items[i].key, bytes) % 1024);
    }
    return bytes;
}

START_TEST(nobody_can_aim_who_does_not_know_the_secret)
{
    item_t *map = NULL;
    size_t bytes = aim(chosen[_i]);
    ck_assert(dc_map_draw_secret());
    for (uint32_t i = 0; i < HOSTILE_COUNT; i++) {
        HASH_ADD_KEYPTR(hh, map, items[i].key, bytes, &items[i]);
    }
    const UT_hash_table *table = map->hh.tbl;
    ck_assert_uint_eq(table->noexpand, 0);
    ck_assert_uint_le(table->num_buckets, 256);
    for (unsigned i = 0; i < table->num_buckets; i++) {
        ck_assert_uint_le(table->buckets[i].count, 16);
    }
    HASH_CLEAR(hh, map);
}
END_TEST

START_TEST(keys_that_look_alike_are_spread)
{
    item_t *map = NULL;
    for (uint32_t i = 0; i < ITEM_COUNT; i++) {
        size_t bytes = kinds[_i](items[i].key, i);
        HASH_ADD_KEYPTR(hh, map, items[i].key, bytes, &items[i]);
    }
    const UT_hash_table *table = map->hh.tbl;
    ck_assert_uint_eq(table->noexpand, 0);
    ck_assert_uint_le(table->num_buckets, 8192);
    for (unsigned i = 0; i < table->num_buckets; i++) {
        ck_assert_uint_le(table->buckets[i].count, 16);
    }
    HASH_CLEAR(hh, map);
}
END_TEST

Suite *suite(void)
{
    TCase *tcase = tcase_create("hash");
    tcase_add_loop_test(tcase, keys_that_look_alike_are_spread, 0, (int)DC_ARRAY_LEN(kinds));
    tcase_add_loop_test(tcase, nobody_can_aim_who_does_not_know_the_secret, 0,
                        (int)DC_ARRAY_LEN(chosen));
    Suite *all = suite_create("map");
    suite_add_tcase(all, tcase);
    return all;
}
