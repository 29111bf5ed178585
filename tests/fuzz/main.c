// A driver for fuzzers where there is no libFuzzer: replays a corpus, then tries random mutations.
//
// Usage: fuzz_NAME [--runs N] [--seconds N] [--seed N] [FILE|FOLDER...]
//
// Without files the corpus is tests/fuzz/corpus/NAME. All of it is replayed, then N mutations of it
// are tried (20,000, or as many as fit into 20 s). The same seed tries the same inputs. What
// crashes, or takes more than 10 s, is written to fuzz_NAME.crash beside the program; to see it
// again, give that file to the program with --runs 0.
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base.h"

// Longer inputs than any limit of ours, so that the limits are met too.
#define INPUT_BYTES_MAX (1u << 18)

// Mutations of inputs far longer than this would mostly repeat each other.
#define MUTANT_BYTES_USUAL ((size_t)4096)

#define HANG_SECONDS 10

// The interface of libFuzzer: each fuzzer defines the first, and may define the second.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

typedef struct input {
    uint8_t *data; // owned
    size_t len;
} input_t;

typedef struct corpus {
    input_t *inputs; // owned
    size_t len, capacity;
} corpus_t;

// What is being tried, in memory that outlives the process which tries it.
typedef struct trial {
    volatile uint64_t count; // of inputs so far
    volatile size_t len;
    uint8_t data[INPUT_BYTES_MAX];
} trial_t;

static trial_t *trial;

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

// --- the corpus --------------------------------------------------------------------------------

static void add_input(corpus_t *corpus, const uint8_t *data, size_t len)
{
    if (corpus->len == corpus->capacity) {
        corpus->capacity = corpus->capacity ? corpus->capacity * 2 : 64;
        corpus->inputs = realloc(corpus->inputs, corpus->capacity * sizeof *corpus->inputs);
        if (!corpus->inputs) die("corpus");
    }
    uint8_t *copy = malloc(len + 1);
    if (!copy) die("corpus");
    if (len) memcpy(copy, data, len);
    corpus->inputs[corpus->len].data = copy;
    corpus->inputs[corpus->len].len = len;
    corpus->len++;
}

static void read_input(corpus_t *corpus, const char *path)
{
    static uint8_t data[INPUT_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    add_input(corpus, data, fread(data, 1, sizeof data, file));
    fclose(file);
}

// In the order of the names, so that a seed means the same everywhere.
static void read_folder(corpus_t *corpus, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) die(folder);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        struct stat status;
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) read_input(corpus, path);
        free(entries[i]);
    }
    free(entries);
}

static void read_path(corpus_t *corpus, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) die(path);
    if (S_ISDIR(status.st_mode)) {
        read_folder(corpus, path);
    } else {
        read_input(corpus, path);
    }
}

static void free_corpus(corpus_t *corpus)
{
    for (size_t i = 0; i < corpus->len; i++) {
        free(corpus->inputs[i].data);
    }
    free(corpus->inputs);
}

// --- mutations ---------------------------------------------------------------------------------

// splitmix64 (Steele, Lea and Flood, 2014).
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

// A number in [0, below), or 0 if there is none.
static size_t random_below(uint64_t *state, size_t below)
{
    return below ? (size_t)(random_next(state) % below) : 0;
}

// Put `count` bytes of `data`, which may not be the trial's own, at `index`; what does not fit
// falls off the end.
static void insert_bytes(size_t index, const uint8_t *data, size_t count)
{
    size_t len = trial->len;
    count = dc_min_size(count, INPUT_BYTES_MAX - len);
    memmove(trial->data + index + count, trial->data + index, len - index);
    memcpy(trial->data + index, data, count);
    trial->len = len + count;
}

static void delete_bytes(size_t index, size_t count)
{
    size_t len = trial->len;
    count = dc_min_size(count, len - index);
    memmove(trial->data + index, trial->data + index + count, len - index - count);
    trial->len = len - count;
}

// Numbers at which something often changes.
static void put_edge_number(uint64_t *random)
{
    static const uint64_t edges[] = {
        0,          1,          0x7F,       0x80,      0xFF,       0x100, 0x7FFF, 0x8000, 0xFFFF,
        0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, INT64_MAX, UINT64_MAX, 4095,  4096,   65535,  65536,
    };
    uint64_t edge = edges[random_below(random, DC_ARRAY_LEN(edges))];
    size_t width = (size_t)1 << random_below(random, 4);
    if (trial->len < width) return;
    memcpy(trial->data + random_below(random, trial->len - width + 1), &edge, width);
}

// Put some of another input of the corpus somewhere.
static void splice(const corpus_t *corpus, uint64_t *random)
{
    const input_t *other = &corpus->inputs[random_below(random, corpus->len)];
    assert(corpus->len > 0);
    size_t first = random_below(random, other->len);
    size_t count = random_below(random, dc_min_size(other->len - first, 256) + 1);
    insert_bytes(random_below(random, trial->len + 1), other->data + first, count);
}

// Repeat a piece of the trial many times: depth and length find limits.
static void repeat_piece(uint64_t *random)
{
    uint8_t piece[16];
    size_t count = 1 + random_below(random, dc_min_size(trial->len, sizeof piece));
    size_t first = random_below(random, trial->len);
    count = dc_min_size(count, trial->len - first);
    memcpy(piece, trial->data + first, count);
    size_t times = (size_t)1 << random_below(random, 12);
    for (size_t i = 0; i < times && trial->len < 4 * MUTANT_BYTES_USUAL; i++) {
        insert_bytes(first, piece, count);
    }
}

static void mutate_once(const corpus_t *corpus, uint64_t *random)
{
    uint8_t byte = (uint8_t)random_next(random);
    size_t index = random_below(random, trial->len);
    bool empty = trial->len == 0;
    switch (random_below(random, 9)) {
    case 0:
        if (!empty) trial->data[index] ^= (uint8_t)(1u << (byte & 7));
        break;
    case 1:
        if (!empty) trial->data[index] = byte;
        break;
    case 2: insert_bytes(index, &byte, 1); break;
    case 3: delete_bytes(index, 1 + random_below(random, 8)); break;
    case 4: delete_bytes(index, random_below(random, trial->len)); break;
    case 5: put_edge_number(random); break;
    case 6:
        if (!empty) repeat_piece(random);
        break;
    // Syntax is mostly kept by pieces of other inputs, so these come more often.
    default: splice(corpus, random); break;
    }
}

static void make_mutant(const corpus_t *corpus, uint64_t *random)
{
    const input_t *parent = &corpus->inputs[random_below(random, corpus->len)];
    trial->len = 0;
    insert_bytes(0, parent->data, parent->len);
    if (random_below(random, 16) && trial->len > MUTANT_BYTES_USUAL) {
        trial->len = MUTANT_BYTES_USUAL;
    }
    size_t steps = (size_t)1 << random_below(random, 5);
    for (size_t i = 0; i < steps; i++) {
        mutate_once(corpus, random);
    }
}

// --- running -----------------------------------------------------------------------------------

static void try_trial(void)
{
    trial->count++;
    // From memory of just that size, so that AddressSanitizer sees a byte read too many.
    size_t len = trial->len;
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy) die("trial");
    memcpy(copy, trial->data, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void try_all(const corpus_t *corpus, uint64_t runs, time_t seconds, uint64_t seed)
{
    for (size_t i = 0; i < corpus->len; i++) {
        trial->len = 0;
        insert_bytes(0, corpus->inputs[i].data, corpus->inputs[i].len);
        try_trial();
    }
    time_t end = time(NULL) + seconds;
    for (uint64_t run = 0; run < runs && time(NULL) < end; run++) {
        make_mutant(corpus, &seed);
        try_trial();
    }
}

// Wait for the process that tries, and end it if it hangs. Returns whether all went well.
static bool watch(pid_t pid)
{
    uint64_t count = 0;
    unsigned ticks = 0;
    for (;;) {
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid) {
            return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
        }
        usleep(10000);
        ticks = trial->count == count ? ticks + 1 : 0;
        count = trial->count;
        if (ticks >= HANG_SECONDS * 100) {
            fprintf(stderr, "one input takes more than %d s\n", HANG_SECONDS);
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return false;
        }
    }
}

static void keep_trial(const char *program)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s.crash", program);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(trial->data, 1, trial->len, file) != trial->len) die(path);
    fclose(file);
    fprintf(stderr, "input %" PRIu64 " of %zu bytes is in %s\n", trial->count, trial->len, path);
}

// The corpus of fuzz_NAME, if there is one.
static void read_own_corpus(corpus_t *corpus, const char *program)
{
    const char *name = strstr(program, "fuzz_");
    for (const char *next = name; next; next = strstr(next + 1, "fuzz_")) {
        name = next;
    }
    if (!name) return;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", name + strlen("fuzz_"));
    if (access(folder, R_OK) == 0) read_folder(corpus, folder);
}

typedef struct settings {
    uint64_t runs;  // mutations to try
    time_t seconds; // to spend on them at most
    uint64_t seed;
    corpus_t corpus;
} settings_t;

// Read the command line; what it does not say keeps its value. False if it cannot be understood.
static bool read_settings(settings_t *settings, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strncmp(argv[i], "--", 2) != 0) {
            read_path(&settings->corpus, argv[i]);
            continue;
        }
        if (!value) return false;
        if (strcmp(argv[i], "--runs") == 0) {
            settings->runs = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i], "--seconds") == 0) {
            settings->seconds = (time_t)strtoull(value, NULL, 10);
        } else if (strcmp(argv[i], "--seed") == 0) {
            settings->seed = strtoull(value, NULL, 10);
        } else {
            return false;
        }
        i++;
    }
    return true;
}

// Try everything in a process of its own, which may crash. Returns whether it did not.
static bool try_apart(settings_t *settings, int argc, char **argv)
{
    trial = mmap(NULL, sizeof *trial, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trial == MAP_FAILED) die("mmap");
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
        if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
        try_all(&settings->corpus, settings->runs, settings->seconds, settings->seed);
        // With exit rather than _exit, since LeakSanitizer looks at the end.
        free_corpus(&settings->corpus);
        exit(EXIT_SUCCESS);
    }
    return watch(pid);
}

int main(int argc, char **argv)
{
    settings_t settings = { .runs = 20000, .seconds = 20, .seed = 1 };
    if (!read_settings(&settings, argc, argv)) {
        fprintf(stderr, "Usage: %s [--runs N] [--seconds N] [--seed N] [FILE|FOLDER...]\n",
                argv[0]);
        free_corpus(&settings.corpus);
        return 2;
    }
    if (settings.corpus.len == 0) read_own_corpus(&settings.corpus, argv[0]);
    size_t corpus_len = settings.corpus.len;
    // Something to begin with where there is no corpus; and the empty input is always worth a try.
    add_input(&settings.corpus, NULL, 0);

    bool ok = try_apart(&settings, argc, argv);
    if (!ok) keep_trial(argv[0]);
    printf("%zu inputs of the corpus, %" PRIu64 " tried in all, seed %" PRIu64 "\n", corpus_len,
           trial->count, settings.seed);
    printf("%d passed, %d failed\n", ok, !ok);
    free_corpus(&settings.corpus);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
