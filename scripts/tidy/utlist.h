// utlist — for the eyes of clang-tidy: its analyzer does not see that who is taken out of a list is
// known to no neighbour any more, and meets again what was freed. All that it is told is that the
// list is another now.
#include_next <utlist.h>

void dc_list_changed(void *head, void *item);
#undef DL_DELETE2
#define DL_DELETE2(head, item, prev, next) dc_list_changed(&(head), (item))
#undef DL_APPEND2
#define DL_APPEND2(head, item, prev, next) dc_list_changed(&(head), (item))
