// uthash — likewise, see utlist.h.
#include_next <uthash.h>

void dc_map_changed(void *head, void *item);
#undef HASH_DELETE
#define HASH_DELETE(hh, head, item) dc_map_changed(&(head), (item))
