// folder — folders that a test makes for itself.
#ifndef DC_TESTS_LIB_FOLDER_H
#define DC_TESTS_LIB_FOLDER_H

// Remove `folder` and what is in it; the test fails if that cannot be done.
void folder_remove(const char *folder);

#endif
