// The broker's behaviour, told as stories: every *.scn beside this file is one, in the language of
// tests/lib/story.h.
//
// With SCENARIOS=write the traces in the files are replaced by what comes out, to be read with
// care.
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/main.h"
#include "tests/lib/story.h"

static glob_t files;

static void read_file(const char *path, dc_buf_t *text)
{
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    int c;
    while ((c = getc(file)) != EOF) {
        dc_buf_append_char(text, (char)c);
    }
    fclose(file);
}

static void write_file(const char *path, dc_str_t text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text.data, 1, text.len, file), text.len);
    ck_assert_int_eq(fclose(file), 0);
}

// Print what was expected and what came, line by line, from the first that differs.
static void show_difference(const char *path, dc_str_t expected, dc_str_t came)
{
    dc_str_t left = { 0 };
    dc_str_t right = { 0 };
    unsigned number = 0;
    bool has_left, has_right;
    do {
        has_left = dc_str_take_line(&expected, &left);
        has_right = dc_str_take_line(&came, &right);
        number++;
    } while (has_left && has_right && dc_str_eq(left, right));
    printf("%s:%u: expected, and came:\n-%.*s\n+%.*s\n", path, number, has_left ? (int)left.len : 0,
           left.data, has_right ? (int)right.len : 0, right.data);
    while (dc_str_take_line(&came, &right)) {
        printf("+%.*s\n", (int)right.len, right.data);
    }
}

START_TEST(story_goes_as_told)
{
    const char *path = files.gl_pathv[_i];
    dc_buf_t script = { 0 };
    read_file(path, &script);
    dc_buf_t told = { 0 };
    const char *flaw = dc_story_tell(dc_buf_str(&script), &told);
    const char *wish = getenv("SCENARIOS");
    if (!flaw && wish && strcmp(wish, "write") == 0) {
        write_file(path, dc_buf_str(&told));
    } else if (flaw || !dc_str_eq(dc_buf_str(&script), dc_buf_str(&told))) {
        if (flaw) dc_buf_printf(&told, "!!! %s\n", flaw);
        show_difference(path, dc_buf_str(&script), dc_buf_str(&told));
        ck_abort_msg("%s: %s", path, flaw ? flaw : "it goes otherwise");
    }
    dc_buf_fini(&told);
    dc_buf_fini(&script);
}
END_TEST

// A story is spoken of by its number. Of two with the same the paths are neighbours, sorted as they
// are.
START_TEST(number_is_used_once)
{
    for (size_t i = 1; i < files.gl_pathc; i++) {
        const char *path = files.gl_pathv[i];
        size_t len = strcspn(path, "_") + 1;
        ck_assert_msg(strncmp(path, files.gl_pathv[i - 1], len) != 0, "%s: another has its number",
                      path);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("scenarios");
    TCase *stories = tcase_create("stories");
    int err = glob("tests/scenarios/*.scn", 0, NULL, &files);
    if (err == 0) tcase_add_loop_test(stories, story_goes_as_told, 0, (int)files.gl_pathc);
    tcase_add_test(stories, number_is_used_once);
    suite_add_tcase(all, stories);
    return all;
}
