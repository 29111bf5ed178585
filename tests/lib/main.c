#include "tests/lib/main.h"

#include <stdlib.h>

// Only what hangs takes so long. Check's 4 s are too few for some on a machine that has other
// things to do.
#define TIMEOUT_S "60"

int main(void)
{
    setenv("CK_DEFAULT_TIMEOUT", TIMEOUT_S, 0);
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
