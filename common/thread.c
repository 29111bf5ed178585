#include "common/thread.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// The shortest turn that the kernel grants, and the longest; others have some milliseconds. Whoever
// asks for less is due sooner.
#define SHORT_TURN_NS 100000
#define LONG_TURN_NS  100000000

// The least share that there is: a seventieth of another's (sched(7)).
#define NICE_MAX 19

// As in linux/sched/types.h, which cannot stand beside sched.h.
typedef struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
} attributes_t;

// False if it is not known how the calling thread is treated, or somebody has chosen something else
// for it than what is usual.
static bool is_usual(attributes_t *attributes)
{
    *attributes = (attributes_t){ .size = sizeof *attributes };
    return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0) == 0 &&
           attributes->policy == SCHED_OTHER;
}

static void set(attributes_t *attributes)
{
    attributes->flags = 0;
    (void)syscall(SYS_sched_setattr, 0, attributes, 0); // it is a wish
}

void dc_thread_be_prompt(void)
{
    attributes_t attributes;
    if (!is_usual(&attributes)) return;
    attributes.runtime_ns = SHORT_TURN_NS;
    set(&attributes);
}

void dc_thread_give_way(void)
{
    attributes_t attributes;
    if (!is_usual(&attributes)) return;
    attributes.runtime_ns = LONG_TURN_NS;
    attributes.nice = NICE_MAX;
    set(&attributes);
}
