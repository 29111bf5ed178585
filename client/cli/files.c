#include "client/cli/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/text/text.h"

// A place where rows come from or go to. Devices and pipes may be several at once: only plain files
// count, those that are there and those that are to be made.
typedef struct place {
    const char *name; // for people
    char *path;       // owned; NULL: a standard file
    bool is_plain;    // it is there, and is a plain file: the next two say which
    dev_t device;
    ino_t inode;
} place_t;

static void identify(place_t *self, bool is_there, const struct stat *info)
{
    self->is_plain = is_there && S_ISREG(info->st_mode);
    if (!self->is_plain) return;
    self->device = info->st_dev;
    self->inode = info->st_ino;
}

static void find_standard(place_t *self, const char *name, int fd)
{
    struct stat info;
    *self = (place_t){ .name = name };
    identify(self, fstat(fd, &info) == 0, &info);
}

// `path` and `ending` behind each other are the path. False if memory is short.
static bool find_path(place_t *self, const char *name, const char *path, const char *ending)
{
    struct stat info;
    *self = (place_t){ .name = name };
    if (asprintf(&self->path, "%s%s", path, ending) < 0) {
        self->path = NULL;
        return false;
    }
    identify(self, stat(self->path, &info) == 0, &info);
    return true;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// The folder that a path is in, by what it is rather than how it is written.
static bool find_folder(const char *path, struct stat *info)
{
    size_t len = (size_t)(base_of(path) - path);
    char *folder = len ? strndup(path, len) : strdup(".");
    bool is_found = folder && stat(folder, info) == 0;
    free(folder);
    return is_found;
}

static bool is_same_to_be(const char *a, const char *b)
{
    struct stat a_folder, b_folder;
    return strcmp(base_of(a), base_of(b)) == 0 && find_folder(a, &a_folder) &&
           find_folder(b, &b_folder) && a_folder.st_dev == b_folder.st_dev &&
           a_folder.st_ino == b_folder.st_ino;
}

static bool is_there(const place_t *self)
{
    return !self->path || access(self->path, F_OK) == 0;
}

static bool is_same(const place_t *a, const place_t *b)
{
    if (a->is_plain && b->is_plain) return a->device == b->device && a->inode == b->inode;
    if (is_there(a) || is_there(b)) return false;
    return is_same_to_be(a->path, b->path);
}

static int complain(dc_console_t *console, const place_t *a, const place_t *b)
{
    const place_t *named = a->path ? a : b;
    dc_buf_printf(&console->buf, "dcalc: %s and %s are the same file", a->name, b->name);
    if (named->path) dc_buf_append_text(&console->buf, ": ");
    if (named->path) dc_text_put_safe(&console->buf, dc_str_from(named->path));
    dc_buf_append_char(&console->buf, '\n');
    return EX_USAGE;
}

static int check_empty(const char *path, const char *option, dc_console_t *console)
{
    if (!path || *path) return 0;
    dc_buf_printf(&console->buf, "dcalc: %s: '' is not the name of a file\n", option);
    return EX_USAGE;
}

// Rows go to stdout already.
static int check_errors(const char *path, dc_console_t *console)
{
    if (!path || strcmp(path, "-") != 0) return check_empty(path, "--errors", console);
    dc_buf_append_str(&console->buf,
                      DC_STR("dcalc: --errors: failed rows go to a file of their own, not to "
                             "stdout (a file that is called '-' is './-')\n"));
    return EX_USAGE;
}

// Of an output that is to be a plain file also the place where it is meanwhile.
static bool find_output(place_t *places, size_t *count, const char *path, const char *name,
                        const char *part_name)
{
    struct stat info;
    bool is_special = lstat(path, &info) == 0 && !S_ISREG(info.st_mode);
    if (!find_path(&places[(*count)++], name, path, "")) return false;
    return is_special || find_path(&places[(*count)++], part_name, path, ".part");
}

// Of a command line: the input, two for each of two outputs, and a journal.
#define PLACES_MAX 6

static bool find_places(const dc_cli_settings_t *settings, const char *input, place_t *places,
                        size_t *count)
{
    if (input && strcmp(input, "-") != 0) {
        if (!find_path(&places[(*count)++], "the input", input, "")) return false;
    } else if (input) {
        find_standard(&places[(*count)++], "the input", STDIN_FILENO);
    }
    if (!settings->output_file) {
        find_standard(&places[(*count)++], "stdout", STDOUT_FILENO);
    } else if (!find_output(places, count, settings->output_file, "--output-file",
                            "the .part of --output-file") ||
               !find_path(&places[(*count)++], "the .journal of --output-file",
                          settings->output_file, ".journal")) {
        return false;
    }
    return !settings->errors ||
           find_output(places, count, settings->errors, "--errors", "the .part of --errors");
}

int dc_files_check(const dc_cli_settings_t *settings, const char *input, dc_console_t *console)
{
    place_t places[PLACES_MAX] = { 0 };
    size_t count = 0;
    int status = check_empty(settings->output_file, "--output-file", console);
    if (!status) status = check_errors(settings->errors, console);
    if (!status && !find_places(settings, input, places, &count)) status = EX_TEMPFAIL;
    for (size_t i = 0; i < count && !status; i++) {
        for (size_t j = i + 1; j < count && !status; j++) {
            if (is_same(&places[i], &places[j])) status = complain(console, &places[i], &places[j]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        free(places[i].path);
    }
    return status;
}
