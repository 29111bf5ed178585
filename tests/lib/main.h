// main — runs the one suite that a test program defines; Check's environment variables apply.
#ifndef DC_TESTS_LIB_MAIN_H
#define DC_TESTS_LIB_MAIN_H

#include <check.h>

// Defined by the test program.
Suite *suite(void);

#endif
