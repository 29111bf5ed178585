#include "common/digits.h"

#include "common/expr/number.h"
#include "common/pull.h"

// More than any text has digits: what is beyond makes no difference.
#define EXPONENT_MAX INT32_MAX

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static dc_str_t without_sign(dc_str_t text)
{
    bool has_sign = text.len && (text.data[0] == '-' || text.data[0] == '+');
    return dc_str_behind(text, has_sign);
}

static size_t count_digits(dc_str_t text)
{
    size_t count = 0;
    while (count < text.len && is_digit(text.data[count]))
        count++;
    return count;
}

// All of `text`, and one of them not 0.
static bool are_digits_of_more_than_0(dc_str_t text)
{
    size_t zeros = 0;
    while (zeros < text.len && text.data[zeros] == '0')
        zeros++;
    return zeros < text.len && count_digits(text) == text.len;
}

bool dc_digits_are_number(dc_str_t text)
{
    double ignored;
    text = without_sign(text);
    if (text.len == 0) return false;
    if (dc_number_read(text, &ignored) == text.len) return true;
    size_t len = count_digits(text);
    bool is_fraction = len > 0 && len < text.len && text.data[len] == '/';
    return is_fraction && are_digits_of_more_than_0(dc_str_behind(text, len + 1));
}

static int64_t read_exponent(dc_str_t text)
{
    bool is_negative = text.len && text.data[0] == '-';
    int64_t exponent = 0;
    for (size_t i = 0; i < text.len && exponent < EXPONENT_MAX; i++) {
        if (is_digit(text.data[i])) exponent = 10 * exponent + (text.data[i] - '0');
    }
    return is_negative ? -exponent : exponent;
}

// Of what power of ten a decimal literal without its exponent is a multiple, from the last digit
// that is not 0: `2500` of the second, `0.25` of the minus second. False if all are 0.
static bool find_power(dc_str_t text, int64_t *power)
{
    bool is_found = false;
    bool is_behind = false; // the point
    int64_t behind = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '.') is_behind = true;
        if (!is_digit(c)) continue;
        behind += is_behind;
        if (c != '0') {
            is_found = true;
            *power = -behind;
        } else if (is_found && !is_behind) {
            ++*power;
        }
    }
    return is_found;
}

bool dc_digits_are_integer(dc_str_t text)
{
    text = without_sign(text);
    size_t len = 0;
    while (len < text.len && !strchr("/xbeE", text.data[len]))
        len++;
    int64_t power = 0;
    if (len < text.len && text.data[len] == '/') return false;
    if (len < text.len && (text.data[len] | 0x20) != 'e') return true;
    dc_str_t exponent = dc_str_behind(text, len + (len < text.len));
    return !find_power(dc_str(text.data, len), &power) || power + read_exponent(exponent) >= 0;
}

void dc_digits_put_json(dc_str_t text, dc_json_writer_t *json)
{
    dc_pull_t pull;
    dc_pull_begin(&pull, text);
    bool is_number =
        dc_pull_next(&pull) == DC_PULL_NUMBER && dc_pull_skip(&pull) && dc_pull_end(&pull);
    if (!is_number) {
        dc_json_put_string(json, text);
        return;
    }
    if (json->has_before) dc_buf_append_char(json->out, ',');
    dc_buf_append_str(json->out, dc_str_trim(text));
    json->has_before = true;
}
