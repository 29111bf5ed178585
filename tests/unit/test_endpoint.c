// Endpoints: the names of hosts become addresses, while there is still a resolver.
#include "worker/endpoint.h"

#include "tests/lib/main.h"

static dc_diag_t diag;

static const struct {
    const char *url, *resolved;
} endpoints[] = {
    { "tcp://127.0.0.1:5556", "tcp://127.0.0.1:5556" },
    { "tcp://localhost:5556", "tcp://127.0.0.1:5556" }, // IPv4, as the broker takes it
    { "tcp://[::1]:5556", "tcp://[::1]:5556" },
    { "ipc:///run/dcalc/back", "ipc:///run/dcalc/back" },
    { "tcp://nonsense", "tcp://nonsense" }, // libzmq says what is wrong with it
    { "nonsense", "nonsense" },
};

START_TEST(names_of_hosts_become_addresses)
{
    dc_endpoint_t endpoint;
    ck_assert_int_eq(dc_endpoint_resolve(endpoints[_i].url, &endpoint, &diag), DC_OK);
    ck_assert_str_eq(endpoint.url, endpoints[_i].resolved);
}
END_TEST

START_TEST(a_name_that_is_not_found_is_told)
{
    dc_endpoint_t endpoint = { "untouched" };
    ck_assert_int_eq(dc_endpoint_resolve("tcp://no..such:1", &endpoint, &diag), DC_ERR_IO);
    ck_assert_ptr_nonnull(strstr(diag.message, "no..such"));
    ck_assert_str_eq(endpoint.url, "untouched");
}
END_TEST

START_TEST(an_address_that_is_too_long_is_told)
{
    char url[400];
    memset(url, 'x', sizeof url);
    url[sizeof url - 1] = '\0';
    dc_endpoint_t endpoint;
    ck_assert_int_eq(dc_endpoint_resolve(url, &endpoint, &diag), DC_ERR_INVALID);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("endpoint");
    tcase_add_loop_test(tests, names_of_hosts_become_addresses, 0, DC_ARRAY_LEN(endpoints));
    tcase_add_test(tests, a_name_that_is_not_found_is_told);
    tcase_add_test(tests, an_address_that_is_too_long_is_told);
    Suite *all = suite_create("endpoint");
    suite_add_tcase(all, tests);
    return all;
}
