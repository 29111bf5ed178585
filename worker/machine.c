#include "worker/machine.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define PATH_BYTES_MAX 1024

static unsigned affinity_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return (unsigned)CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN); // more than a cpu_set_t holds
    return count > 0 ? (unsigned)count : 1;
}

// The path of our cgroup for `controller` (of version 1; "" is version 2), as the kernel names it.
static bool find_cgroup(const char *controller, char *path)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file) return false;
    char line[PATH_BYTES_MAX];
    bool is_found = false;
    while (!is_found && fgets(line, sizeof line, file)) {
        char *names = strchr(line, ':');
        char *place = names ? strchr(names + 1, ':') : NULL;
        if (!place) continue;
        *names++ = *place++ = '\0';
        place[strcspn(place, "\n")] = '\0';
        for (char *rest = names, *name; !is_found && (name = strsep(&rest, ","));) {
            is_found = strcmp(name, controller) == 0;
        }
        if (is_found) snprintf(path, PATH_BYTES_MAX, "%s", place);
    }
    fclose(file);
    return is_found;
}

// Read up to two numbers from a file of a cgroup; -1 stands for "max". False if there is no such
// file. In a container the path that the kernel names is often not there, but the root is ours.
static bool read_numbers(const char *root, const char *path, const char *name, int64_t *numbers,
                         size_t count)
{
    char full[2 * PATH_BYTES_MAX];
    snprintf(full, sizeof full, "%s%s/%s", root, path, name);
    FILE *file = fopen(full, "re");
    if (!file) {
        snprintf(full, sizeof full, "%s/%s", root, name);
        file = fopen(full, "re");
    }
    if (!file) return false;
    bool is_read = true;
    for (size_t i = 0; is_read && i < count; i++) {
        char word[32];
        is_read = fscanf(file, "%31s", word) == 1;
        if (is_read) numbers[i] = strcmp(word, "max") == 0 ? -1 : strtoll(word, NULL, 10);
    }
    fclose(file);
    return is_read;
}

// The cores' worth of time that the cgroup may use, rounded up; 0 for no limit.
static unsigned quota_cores(void)
{
    char path[PATH_BYTES_MAX];
    int64_t numbers[2] = { -1, -1 }; // quota and period, in us
    if (find_cgroup("", path)) read_numbers("/sys/fs/cgroup", path, "cpu.max", numbers, 2);
    if (numbers[0] < 0 && find_cgroup("cpu", path)) {
        read_numbers("/sys/fs/cgroup/cpu", path, "cpu.cfs_quota_us", &numbers[0], 1);
        read_numbers("/sys/fs/cgroup/cpu", path, "cpu.cfs_period_us", &numbers[1], 1);
    }
    if (numbers[0] <= 0 || numbers[1] <= 0) return 0;
    return (unsigned)((numbers[0] + numbers[1] - 1) / numbers[1]);
}

unsigned dc_machine_cores(void)
{
    unsigned cores = affinity_cores();
    unsigned quota = quota_cores();
    if (quota > 0 && quota < cores) cores = quota;
    return cores > 0 ? cores : 1;
}

uint64_t dc_machine_memory(void)
{
    struct sysinfo info;
    uint64_t bytes = UINT64_C(1) << 30;
    if (sysinfo(&info) == 0) bytes = (uint64_t)info.totalram * info.mem_unit;
    char path[PATH_BYTES_MAX];
    int64_t limit = -1;
    if (find_cgroup("", path)) read_numbers("/sys/fs/cgroup", path, "memory.max", &limit, 1);
    if (limit < 0 && find_cgroup("memory", path)) {
        read_numbers("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes", &limit, 1);
    }
    return limit > 0 ? dc_min_u64(bytes, (uint64_t)limit) : bytes;
}

double dc_machine_load(void)
{
    struct sysinfo info;
    return sysinfo(&info) == 0 ? (double)info.loads[0] / (1 << SI_LOAD_SHIFT) : 0;
}

int dc_machine_open_memory(void)
{
    return open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
}

uint64_t dc_machine_memory_free(int memory_fd)
{
    static const char name[] = "MemAvailable:";
    char text[512]; // it is the third line
    ssize_t len = memory_fd >= 0 ? pread(memory_fd, text, sizeof text - 1, 0) : -1;
    text[len > 0 ? len : 0] = '\0';
    const char *at = strstr(text, name);
    if (at) return strtoull(at + strlen(name), NULL, 10) * 1024;
    struct sysinfo info;
    return sysinfo(&info) == 0 ? (uint64_t)info.freeram * info.mem_unit : 0;
}
