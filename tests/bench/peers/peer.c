#include "tests/bench/peers/peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/expr.h"
#include "common/fault.h"
#include "common/limits.h"

void peer_die(const char *what)
{
    fprintf(stderr, "peers: %s: %s\n", what, errno ? strerror(errno) : "failed");
    exit(EXIT_FAILURE);
}

void peer_evaluate(dc_str_t message, dc_buf_t *lines)
{
    static dc_engine_t *engine;
    dc_str_t line;
    if (!engine) engine = dc_engine_new();
    if (!engine) peer_die("engine");
    lines->len = 0;
    while (dc_str_take_line(&message, &line)) {
        dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
        dc_value_t value;
        dc_diag_t diag;
        if (dc_engine_eval(engine, line, NULL, NULL, 0, (dc_eval_options_t){ 0 }, &budget, &value,
                           &diag) == DC_OK) {
            dc_value_print(&value, lines);
        } else {
            dc_fault_put_line(lines, &diag, true);
        }
        dc_buf_append_char(lines, '\n');
    }
}

size_t peer_take(dc_str_t answer, dc_buf_t *lines)
{
    size_t count = 0;
    for (size_t i = 0; i < answer.len; i++) {
        count += answer.data[i] == '\n';
    }
    dc_buf_append_str(lines, answer);
    if (answer.len && answer.data[answer.len - 1] != '\n') {
        dc_buf_append_char(lines, '\n');
        count++;
    }
    return count;
}
