#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// Whether memory and calls are limited: not under sanitizers, see the header.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_FULL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_FULL 0
#endif
#endif
#ifndef IS_FULL
#define IS_FULL 1
#endif

// The standard three, the signals', the runner's, libzmq's own, a connection and its successor.
#define DESCRIPTORS_MAX 64

bool dc_sandbox_bind_to_parent(int parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return getppid() == parent; // it may have died before the call
}

void dc_sandbox_close_from(int first)
{
    close_range((unsigned)first, ~0U, 0);
}

static dc_err_t fail(dc_diag_t *diag, const char *what, int error)
{
    return dc_diag_set(diag, DC_ERR_IO, 0, 0, "cannot lock the slot down: %s: %s", what,
                       strerror(error));
}

static bool set_limit(int which, uint64_t value)
{
    struct rlimit limit = { .rlim_cur = value, .rlim_max = value };
    return setrlimit((__rlimit_resource_t)which, &limit) == 0;
}

// What the process has mapped, in bytes.
static uint64_t mapped_bytes(void)
{
    char text[64] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (!fgets(text, sizeof text, file)) text[0] = '\0';
    fclose(file);
    return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

// A log that is a file must go on growing.
static bool is_log_a_file(void)
{
    struct stat stat;
    return fstat(STDERR_FILENO, &stat) == 0 && S_ISREG(stat.st_mode);
}

dc_err_t dc_sandbox_limit(uint64_t memory_bytes_max, dc_diag_t *diag)
{
    // One heap for all threads: an arena for each would map 64 MiB at a time.
    mallopt(M_ARENA_MAX, 1);
    uint64_t mapped = mapped_bytes();
    uint64_t memory;
    if (__builtin_add_overflow(mapped, memory_bytes_max, &memory)) memory = RLIM_INFINITY;
    bool is_set = set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_NOFILE, DESCRIPTORS_MAX);
    if (is_set && !is_log_a_file()) is_set = set_limit(RLIMIT_FSIZE, 0);
    if (is_set && IS_FULL) is_set = set_limit(RLIMIT_AS, memory);
    if (!is_set) return fail(diag, "setrlimit", errno);
    prctl(PR_SET_DUMPABLE, 0);
    return DC_OK;
}

void dc_sandbox_allow_cpu(uint64_t seconds)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0) return;
    uint64_t now = (uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec + 1;
    struct rlimit limit = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
    if (seconds < RLIM_INFINITY - now) limit.rlim_cur = now + seconds;
    setrlimit(RLIMIT_CPU, &limit);
}

void dc_sandbox_add_cpu(uint64_t seconds)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
    limit.rlim_cur += seconds;
    setrlimit(RLIMIT_CPU, &limit);
}

// --- calls -------------------------------------------------------------------------------------

// clang-format off
// What a slot does when it computes, speaks, reconnects, logs and ends.
static const int allowed[] = {
    // Speak.
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(connect),
    SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(shutdown), SCMP_SYS(close), SCMP_SYS(eventfd2),
    // Wait.
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(futex), SCMP_SYS(sched_yield),
    SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall),
    // Remember.
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    // Ask about ourselves.
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid),
    SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(fstat), SCMP_SYS(getrlimit),
    SCMP_SYS(setrlimit), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    // End, well or by a signal.
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit),
    SCMP_SYS(exit_group), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
};

// What libraries try and can do without: it fails as if it were not there.
static const int refused[] = {
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(stat),
    SCMP_SYS(newfstatat), SCMP_SYS(readlink), SCMP_SYS(sched_getaffinity), SCMP_SYS(uname),
    SCMP_SYS(ioctl), SCMP_SYS(prctl),
};
// clang-format on

// Allow `call` if argument `index` under `mask` is `value`.
static int allow_if(scmp_filter_ctx filter, int call, unsigned index, uint64_t mask, uint64_t value)
{
    struct scmp_arg_cmp test = SCMP_CMP64(index, SCMP_CMP_MASKED_EQ, mask, value);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &test);
}

// Calls that depend on what they are for. Returns 0, or a negative errno.
static int add_conditions(scmp_filter_ctx filter)
{
    static const int families[] = { AF_INET, AF_INET6, AF_UNIX };
    static const int file_commands[] = { F_GETFL, F_SETFL, F_GETFD, F_SETFD };
    static const int mappings[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
    int error = 0;
    for (size_t i = 0; !error && i < DC_ARRAY_LEN(families); i++) {
        error = allow_if(filter, SCMP_SYS(socket), 0, UINT32_MAX, (uint64_t)families[i]);
    }
    for (size_t i = 0; !error && i < DC_ARRAY_LEN(file_commands); i++) {
        error = allow_if(filter, SCMP_SYS(fcntl), 1, UINT32_MAX, (uint64_t)file_commands[i]);
    }
    // No memory that code could be put into.
    for (size_t i = 0; !error && i < DC_ARRAY_LEN(mappings); i++) {
        error = allow_if(filter, mappings[i], 2, PROT_EXEC, 0);
    }
    // Our own limits and our own death only: abort() and raise() are tgkill.
    if (!error) error = allow_if(filter, SCMP_SYS(prlimit64), 0, UINT32_MAX, 0);
    // A thread of libzmq begins by asking for the policy that it has, perhaps only after the lock.
    uint64_t policy = (uint64_t)sched_getscheduler(0);
    if (!error) error = allow_if(filter, SCMP_SYS(sched_setscheduler), 1, UINT32_MAX, policy);
    if (!error) error = allow_if(filter, SCMP_SYS(tgkill), 0, UINT32_MAX, (uint64_t)getpid());
    return error;
}

static int add_rules(scmp_filter_ctx filter)
{
    int error = 0;
    for (size_t i = 0; !error && i < DC_ARRAY_LEN(allowed); i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    }
    for (size_t i = 0; !error && i < DC_ARRAY_LEN(refused); i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    }
    return error ? error : add_conditions(filter);
}

dc_err_t dc_sandbox_lock(dc_diag_t *diag)
{
    if (!IS_FULL) return DC_OK;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) return fail(diag, "seccomp", ENOMEM);
    // All threads, libzmq's too; and never again more than this (no_new_privs, libseccomp's
    // default).
    int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!error) error = add_rules(filter);
    if (!error) error = seccomp_load(filter);
    seccomp_release(filter);
    return error ? fail(diag, "seccomp", -error) : DC_OK;
}
