#include "tests/lib/broker_core.h"

#include "tests/lib/main.h"

#define BEGIN_MS 1000000

dc_core_t *broker_core;
dc_actions_t broker_actions;

static dc_ms_t now;

void broker_core_set_up(void)
{
    dc_settings_t settings = dc_settings_default();
    broker_core = dc_core_new(&settings, 1);
    ck_assert_ptr_nonnull(broker_core);
    dc_actions_init(&broker_actions);
    now = BEGIN_MS;
}

void broker_core_tear_down(void)
{
    dc_actions_fini(&broker_actions);
    dc_core_destroy(&broker_core);
}

void broker_core_pass(dc_ms_t ms)
{
    now += ms;
}

void broker_core_dispatch(void)
{
    dc_core_dispatch(broker_core, now, &broker_actions);
    ck_assert_ptr_null(dc_core_check(broker_core));
}

void broker_core_step(dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    dc_core_step(broker_core, now, &event, &broker_actions);
    ck_assert_ptr_null(dc_core_check(broker_core));
}
