#include "client/cli/interrupt.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static bool was_terminated; // signals are a process's

static void fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

int dc_interrupt_begin(void)
{
    sigset_t set;
    fill(&set);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) return -1;
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return fd;
}

unsigned dc_interrupt_take(int fd)
{
    struct signalfd_siginfo info;
    unsigned count = 0;
    while (fd >= 0 && read(fd, &info, sizeof info) == sizeof info) {
        count++;
        was_terminated = was_terminated || info.ssi_signo == SIGTERM;
    }
    return count;
}

bool dc_interrupt_was_terminated(void)
{
    return was_terminated;
}

void dc_interrupt_end(int fd)
{
    sigset_t set;
    if (fd < 0) return;
    close(fd);
    fill(&set);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
