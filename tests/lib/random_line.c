#include "tests/lib/random_line.h"

#include "tests/lib/xorshift.h"

static void append_number(dc_buf_t *text, uint64_t *state)
{
    uint32_t whole = dc_xorshift_below(state, 10000);
    switch (dc_xorshift_below(state, 4)) {
    case 0: dc_buf_printf(text, "%u", whole); break;
    case 1: dc_buf_printf(text, "%u.%02u", whole % 100, dc_xorshift_below(state, 100)); break;
    case 2: dc_buf_printf(text, "%u.%u", whole % 1000, dc_xorshift_below(state, 10)); break;
    default: dc_buf_printf(text, "%u", whole % 100); break;
    }
}

static void append_operator(dc_buf_t *text, uint64_t *state, uint32_t count, dc_line_words_t words)
{
    static const char *const operators[] = { "+", "-", "*", "/", "+", "*", "-", "/", "%", "^2+" };
    const char *sign = operators[dc_xorshift_below(state, count)];
    dc_buf_append_text(text, words == DC_LINE_COMMON && sign[0] == '%' ? "-" : sign);
}

static void append_call(dc_buf_t *text, uint64_t *state, dc_line_words_t words)
{
    static const char *const functions[] = {
        "sqrt(", "abs(", "sin(", "exp(1/", "max(7,", "floor(",
    };
    uint32_t count = words == DC_LINE_COMMON ? 5 : 6;
    dc_buf_append_text(text, functions[dc_xorshift_below(state, count)]);
    append_number(text, state);
    dc_buf_append_char(text, ')');
}

static void append_operand(dc_buf_t *text, uint64_t *state, dc_line_words_t words)
{
    uint32_t kind = dc_xorshift_below(state, 24);
    if (kind < 6) {
        dc_buf_append_char(text, '(');
        append_number(text, state);
        append_operator(text, state, 8, words);
        append_number(text, state);
        dc_buf_append_char(text, ')');
    } else if (kind == 6) {
        append_call(text, state, words);
    } else {
        append_number(text, state);
    }
}

void dc_random_line(dc_buf_t *text, uint64_t *state, dc_line_words_t words)
{
    size_t start = text->len;
    append_number(text, state);
    while (!text->failed && text->len - start < 20) {
        append_operator(text, state, 10, words);
        append_operand(text, state, words);
    }
    dc_buf_append_char(text, '\n');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void dc_respell_line(dc_str_t line, dc_buf_t *text, uint64_t *state)
{
    char before = ' ';
    for (size_t i = 0; i < line.len; before = line.data[i++]) {
        bool is_kept = !is_digit(line.data[i]) || before == '^';
        if (is_kept) dc_buf_append(text, line.data + i, 1);
        if (is_kept || is_digit(before)) continue;
        // The first digit of a run stands for all of it.
        static const uint32_t bounds[] = { 100, 10, 100, 10, 100, 100, 1000, 10000 };
        uint32_t bound = bounds[dc_xorshift_below(state, 4) + (before == '.' ? 0 : 4)];
        dc_buf_printf(text, "%u", 1 + dc_xorshift_below(state, bound - 1));
    }
    dc_buf_append_char(text, '\n');
}
