// evaluate — what one process makes of a file of expressions, without any of dcalc's distribution:
// read, evaluate, print. The measure for what the cluster costs (tests/bench/lines.py).
//
//   evaluate FILE [FIRST COUNT]      lines [FIRST, FIRST + COUNT) of FILE, results on stdout
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/expr/expr.h"
#include "common/limits.h"

#define OUTPUT_BYTES 65536

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static dc_str_t map_file(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) die(path);
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (data == MAP_FAILED) die(path);
    close(fd);
    return dc_str(data, (size_t)info.st_size);
}

static void flush(dc_buf_t *out)
{
    size_t at = 0;
    while (at < out->len) {
        ssize_t written = write(STDOUT_FILENO, out->data + at, out->len - at);
        if (written < 0) die("write");
        at += (size_t)written;
    }
    out->len = 0;
}

static void evaluate_line(dc_engine_t *engine, dc_str_t line, dc_buf_t *out)
{
    dc_eval_options_t options = { 0 };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err = dc_engine_eval(engine, line, NULL, NULL, 0, options, &budget, &value, &diag);
    if (err == DC_OK) {
        dc_value_print(&value, out);
    } else {
        dc_buf_append_text(out, "error: ");
        dc_buf_append_text(out, dc_err_name(err));
    }
    dc_buf_append_char(out, '\n');
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: evaluate FILE [FIRST COUNT]\n");
        return 64;
    }
    dc_str_t text = map_file(argv[1]);
    unsigned long long first = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    unsigned long long count = argc == 4 ? strtoull(argv[3], NULL, 10) : UINT64_MAX;
    dc_engine_t *engine = dc_engine_new();
    if (!engine) die("engine");
    dc_buf_t out = { 0 };
    dc_str_t line;
    for (unsigned long long at = 0; at < first && dc_str_take_line(&text, &line); at++) {
    }
    while (count-- && dc_str_take_line(&text, &line)) {
        evaluate_line(engine, line, &out);
        if (out.len > OUTPUT_BYTES) flush(&out);
    }
    flush(&out);
    dc_buf_fini(&out);
    dc_engine_destroy(&engine);
    return EXIT_SUCCESS;
}
