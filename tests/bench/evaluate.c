// evaluate — what one process makes of a file of expressions, without any of dcalc's distribution:
// read, evaluate, print. The measure for what the cluster costs (bench_lines.py).
//
//   evaluate FILE [PART PARTS]      part PART, from 0, of PARTS equal ones of FILE, cut at lines;
//                                   results on stdout
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

// Where the first line begins that begins at or behind byte `at` of the file.
static off_t line_start(int fd, off_t at, off_t size)
{
    char bytes[4096];
    if (at <= 0) return 0;
    at--;
    while (at < size) {
        ssize_t count = pread(fd, bytes, sizeof bytes, at);
        if (count <= 0) die("read");
        const char *newline = memchr(bytes, '\n', (size_t)count);
        if (newline) return at + (newline - bytes) + 1;
        at += count;
    }
    return size;
}

// One part of the file, in memory that the caller owns; nothing else of it is read.
static char *read_part(const char *path, long part, long parts, size_t *bytes_read)
{
    int fd = open(path, O_RDONLY);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) die(path);
    off_t start = line_start(fd, info.st_size / parts * part, info.st_size);
    off_t end = part + 1 == parts ? info.st_size
                                  : line_start(fd, info.st_size / parts * (part + 1), info.st_size);
    size_t bytes = (size_t)(end - start);
    char *data = malloc(bytes + 1);
    if (!data) die(path);
    for (size_t at = 0; at < bytes;) {
        ssize_t count = pread(fd, data + at, bytes - at, start + (off_t)at);
        if (count <= 0) die(path);
        at += (size_t)count;
    }
    close(fd);
    *bytes_read = bytes;
    return data;
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
        fprintf(stderr, "usage: evaluate FILE [PART PARTS]\n");
        return 64;
    }
    long part = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
    long parts = argc == 4 ? strtol(argv[3], NULL, 10) : 1;
    if (part < 0 || part >= parts) die("which part");
    size_t size;
    char *bytes = read_part(argv[1], part, parts, &size);
    dc_engine_t *engine = dc_engine_new();
    if (!engine) die("engine");
    dc_buf_t out = { 0 };
    dc_str_t line, text = dc_str(bytes, size);
    while (dc_str_take_line(&text, &line)) {
        evaluate_line(engine, line, &out);
        if (out.len > OUTPUT_BYTES) flush(&out);
    }
    flush(&out);
    dc_buf_fini(&out);
    free(bytes);
    dc_engine_destroy(&engine);
    return EXIT_SUCCESS;
}
