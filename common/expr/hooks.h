// hooks — what only builds for tests have (-DDC_TEST_HOOKS): `__crash()` dies by SIGSEGV when it is
// evaluated, so that a cluster's tests have a poison job.
#ifndef DC_COMMON_EXPR_HOOKS_H
#define DC_COMMON_EXPR_HOOKS_H

#ifdef DC_TEST_HOOKS
#include <signal.h>

#define DC_HOOK_CRASH_NAME "__crash"

static inline void dc_hook_crash(void)
{
    raise(SIGSEGV);
}
#else
static inline void dc_hook_crash(void)
{
}
#endif

#endif
