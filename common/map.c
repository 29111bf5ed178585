#include "common/map.h"

#include "common/entropy.h"

// Until it is drawn, so that what has no enemies needs none.
dc_map_secret_t dc_map_secret = {
    .factors = { UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd1b54a32d192ed03) },
    .summand = UINT64_C(0x8cb92ba72f3d8dd7),
};

bool dc_map_draw_secret(void)
{
    dc_map_secret_t secret;
    if (!dc_entropy_fill(&secret, sizeof secret)) return false;
    dc_map_secret = secret;
    return true;
}
