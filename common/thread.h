// thread — how the kernel's scheduler treats a thread.
#ifndef DC_COMMON_THREAD_H
#define DC_COMMON_THREAD_H

// The calling thread, and those that it starts from now on, have little to do at a time, and others
// wait for it: when it is woken it is to run before threads that compute all the time, and is
// content with short turns for that. It gets no more of the processor than its share. Where the
// kernel knows no such wish (Linux does since 6.12), nothing changes.
void dc_thread_be_prompt(void);

// The calling thread gives way to others: whoever is woken where it runs is to run at once, and it
// goes on when they sleep. While another computes all the time it gets a seventieth of what that
// gets. It cannot be taken back.
void dc_thread_give_way(void);

#endif
