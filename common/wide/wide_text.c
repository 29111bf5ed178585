#include "common/wide/wide_text.h"

#include "common/expr/number.h"
#include "common/limits.h"
#include "common/wide/decimals.h"
#include "common/wide/ratio.h"

// Exponents are read no further than this: of no number that fits a text can they be as large.
#define EXPONENT_MAX INT64_C(1000000000)

// Where an exponent begins, as ECMAScript has it.
#define PLAIN_DIGITS_MAX 21
#define PLAIN_ZEROS_MAX  5

// So many digits are for GMP to read and to print, which takes some milliseconds; more are read and
// printed by halves.
#define DIGITS_AT_ONCE 80000

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// --- reading -----------------------------------------------------------------------------------

// A literal, taken apart.
typedef struct literal {
    size_t first;     // its digits in the buffer: from here, with neither underscores nor a point,
                      // nor zeros at either end
    int64_t exponent; // the last of them is worth 10^exponent
} literal_t;

static int64_t read_exponent(dc_str_t text)
{
    bool is_negative = dc_str_take_char(&text, '-');
    if (!is_negative) dc_str_take_char(&text, '+');
    int64_t exponent = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (is_digit(text.data[i]) && exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (text.data[i] - '0');
    }
    return is_negative ? -exponent : exponent;
}

// Put the digits of `text`, a decimal literal, into `room`, with a NUL.
static literal_t take_apart(dc_str_t text, dc_buf_t *room)
{
    literal_t literal = { 0 };
    bool is_fraction = false;
    room->len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == 'e' || c == 'E') {
            literal.exponent += read_exponent(dc_str_behind(text, i + 1));
            break;
        }
        if (c == '.') is_fraction = true;
        if (!is_digit(c)) continue;
        dc_buf_append_char(room, c);
        literal.exponent -= is_fraction;
    }
    while (room->len > 1 && room->data[room->len - 1] == '0') {
        room->len--;
        literal.exponent++;
    }
    while (literal.first + 1 < room->len && room->data[literal.first] == '0') {
        literal.first++;
    }
    dc_buf_append_char(room, '\0');
    return literal;
}

// The integer of so many digits, behind which one more byte can be written.
static dc_err_t read_parts(dc_meter_t *meter, char *digits, size_t count, mpz_ptr integer)
{
    if (count <= DIGITS_AT_ONCE) {
        char behind = digits[count];
        digits[count] = '\0';
        mpz_set_str(integer, digits, 10);
        digits[count] = behind;
        return DC_OK;
    }
    dc_err_t err = dc_meter_look(meter);
    size_t half = count / 2;
    mpz_t lower;
    mpz_init(lower);
    if (!err) err = read_parts(meter, digits + count - half, half, lower);
    if (!err) err = read_parts(meter, digits, count - half, integer);
    if (!err) err = dc_meter_look(meter);
    if (!err) {
        mpz_t power;
        mpz_init(power);
        mpz_ui_pow_ui(power, 10, half);
        mpz_mul(integer, integer, power);
        mpz_add(integer, integer, lower);
        mpz_clear(power);
    }
    mpz_clear(lower);
    return err;
}

static dc_err_t read_digits(dc_meter_t *meter, char *digits, size_t count, mpz_ptr integer)
{
    dc_err_t err = dc_meter_charge_digits(meter, count * 10 / 3);
    return err ? err : read_parts(meter, digits, count, integer);
}

// What is in the ratio, `count` digits, times 10^exponent. 10^n has 3n bits and more, and a digit
// less than 4, so what is far too large needs no computing.
static dc_err_t put_exactly(dc_arithmetic_t *self, size_t count, int64_t exponent,
                            dc_wide_number_t *number)
{
    mpq_ptr ratio = self->ratio;
    mpz_set_ui(mpq_denref(ratio), 1);
    if (3 * exponent > DC_WIDE_BITS_MAX) return DC_ERR_OVERFLOW;
    if (-3 * exponent > (int64_t)(DC_WIDE_BITS_MAX + 4 * count)) return DC_ERR_OVERFLOW;
    if (exponent > 0) {
        mpz_ui_pow_ui(self->rest, 10, (unsigned long)exponent);
        mpz_mul(mpq_numref(ratio), mpq_numref(ratio), self->rest);
    } else if (exponent < 0) {
        mpz_ui_pow_ui(mpq_denref(ratio), 10, (unsigned long)-exponent);
        dc_err_t err = dc_meter_look(&self->meter);
        if (!err) err = dc_ratio_reduce(&self->meter, ratio);
        if (err) return err;
    }
    return dc_arithmetic_put(self, number, ratio);
}

static dc_err_t read_decimal(dc_arithmetic_t *self, dc_str_t text, dc_buf_t *room,
                             dc_wide_number_t *number)
{
    literal_t literal = take_apart(text, room);
    if (room->failed) return DC_ERR_NOMEM;
    mpz_ptr digits = mpq_numref(self->ratio);
    size_t count = room->len - 1 - literal.first;
    dc_err_t err = read_digits(&self->meter, room->data + literal.first, count, digits);
    if (err) return err;
    if (mpz_sgn(digits) == 0) literal.exponent = 0;
    if (dc_arithmetic_is_exact(self)) return put_exactly(self, room->len, literal.exponent, number);
    mpz_swap(mpq_numref(number->ratio), digits);
    number->exponent = literal.exponent;
    return dc_decimals_round(self, number, false);
}

// What follows `0x` or `0b`.
static dc_err_t read_binary(dc_arithmetic_t *self, dc_str_t text, int base, dc_buf_t *room,
                            dc_wide_number_t *number)
{
    room->len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '_') dc_buf_append_char(room, text.data[i]);
    }
    dc_buf_append_char(room, '\0');
    if (room->failed) return DC_ERR_NOMEM;
    mpz_set_str(mpq_numref(self->ratio), room->data, base);
    return dc_arithmetic_put_integer(self, number, mpq_numref(self->ratio));
}

dc_err_t dc_wide_text_read_literal(dc_arithmetic_t *self, dc_str_t text, dc_buf_t *room,
                                   dc_wide_number_t *number)
{
    dc_str_t behind = text.len > 2 ? dc_str_behind(text, 2) : text;
    if (dc_str_begins(text, DC_STR("0x"))) return read_binary(self, behind, 16, room, number);
    if (dc_str_begins(text, DC_STR("0b"))) return read_binary(self, behind, 2, room, number);
    return read_decimal(self, text, room, number);
}

// --- cells -------------------------------------------------------------------------------------

// A cell, taken apart.
typedef struct cell {
    bool is_negative;
    dc_str_t above; // a literal; or the digits above the line ...
    dc_str_t below; // ... and below, else empty
} cell_t;

static bool are_digits(dc_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.data[i])) return false;
    }
    return text.len > 0;
}

static bool are_zeros(dc_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '0') return false;
    }
    return true;
}

static bool read_cell(dc_str_t text, cell_t *cell)
{
    text = dc_str_trim(text);
    cell->is_negative = dc_str_take_char(&text, '-');
    if (!cell->is_negative) dc_str_take_char(&text, '+');
    const char *line = text.len ? memchr(text.data, '/', text.len) : NULL;
    cell->above = text;
    cell->below = dc_str(NULL, 0);
    if (line) {
        size_t at = (size_t)(line - text.data);
        cell->above = dc_str(text.data, at);
        cell->below = dc_str_behind(text, at + 1);
        return are_digits(cell->above) && are_digits(cell->below) && !are_zeros(cell->below);
    }
    double ignored;
    return text.len > 0 && dc_number_read(text, &ignored) == text.len;
}

static dc_err_t read_integer(dc_meter_t *meter, dc_str_t digits, dc_buf_t *room, mpz_ptr integer)
{
    room->len = 0;
    dc_buf_append_str(room, digits);
    dc_buf_append_char(room, '\0');
    return room->failed ? DC_ERR_NOMEM : read_digits(meter, room->data, digits.len, integer);
}

static dc_err_t read_fraction(dc_arithmetic_t *self, const cell_t *cell, dc_buf_t *room,
                              dc_wide_number_t *number)
{
    mpq_ptr ratio = self->ratio;
    dc_err_t err = read_integer(&self->meter, cell->above, room, mpq_numref(ratio));
    if (!err) err = read_integer(&self->meter, cell->below, room, mpq_denref(ratio));
    if (!err) err = dc_ratio_reduce(&self->meter, ratio);
    return err ? err : dc_arithmetic_put(self, number, ratio);
}

dc_err_t dc_wide_text_read(dc_arithmetic_t *self, dc_str_t text, dc_buf_t *room,
                           dc_wide_number_t *number)
{
    cell_t cell;
    if (!read_cell(text, &cell)) return DC_ERR_NUMBER;
    dc_err_t err = cell.below.len ? read_fraction(self, &cell, room, number)
                                  : dc_wide_text_read_literal(self, cell.above, room, number);
    if (cell.is_negative) mpq_neg(number->ratio, number->ratio);
    return err;
}

// --- printing ----------------------------------------------------------------------------------

static void append_zeros(dc_buf_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dc_buf_append_char(out, '0');
    }
}

// Put `what` in front of the bytes from `at` on.
static void insert(dc_buf_t *out, size_t at, const char *what, size_t count)
{
    if (!dc_buf_reserve(out, count)) return;
    memmove(out->data + at + count, out->data + at, out->len - at);
    memcpy(out->data + at, what, count);
    out->len += count;
}

static void print_at_once(mpz_srcptr integer, size_t width, dc_buf_t *out)
{
    size_t room = mpz_sizeinbase(integer, 10) + 2;
    if (!dc_buf_reserve(out, width + room)) return;
    char *digits = out->data + out->len + width;
    mpz_get_str(digits, 10, integer);
    size_t count = strlen(digits);
    append_zeros(out, width > count ? width - count : 0);
    memmove(out->data + out->len, digits, count);
    out->len += count;
}

// Append the digits of an integer that is not below 0, with zeros in front up to a width.
static dc_err_t print_parts(dc_meter_t *meter, mpz_srcptr integer, size_t width, dc_buf_t *out)
{
    // GMP may count one too many.
    size_t count = mpz_sizeinbase(integer, 10);
    if (count <= DIGITS_AT_ONCE) {
        print_at_once(integer, width, out);
        return DC_OK;
    }
    dc_err_t err = dc_meter_look(meter);
    if (err) return err;
    size_t half = count / 2;
    mpz_t upper, lower;
    mpz_inits(upper, lower, NULL);
    mpz_ui_pow_ui(lower, 10, half);
    mpz_tdiv_qr(upper, lower, integer, lower);
    err = print_parts(meter, upper, width > half ? width - half : 0, out);
    if (!err) err = print_parts(meter, lower, half, out);
    mpz_clears(upper, lower, NULL);
    return err;
}

static dc_err_t print_digits(dc_meter_t *meter, mpz_srcptr integer, dc_buf_t *out)
{
    dc_err_t err = dc_meter_charge_digits(meter, mpz_sizeinbase(integer, 2));
    return err ? err : print_parts(meter, integer, 0, out);
}

// The digits from `first` on, of which the last `places` are behind the point.
static void set_point(dc_buf_t *out, size_t first, size_t places)
{
    if (out->failed || places == 0) return;
    size_t count = out->len - first;
    if (count <= places) {
        size_t zeros = places - count + 1;
        append_zeros(out, zeros);
        if (out->failed) return;
        memmove(out->data + first + zeros, out->data + first, count);
        memset(out->data + first, '0', zeros);
        count = out->len - first;
    }
    insert(out, first + count - places, ".", 1);
}

static dc_err_t print_exact(dc_arithmetic_t *self, dc_meter_t *meter, mpq_srcptr ratio,
                            dc_buf_t *out)
{
    unsigned long twos, fives;
    size_t first = out->len;
    mpz_abs(self->quotient, mpq_numref(ratio));
    if (!dc_wide_ratio_ends(ratio, self->rest, &twos, &fives)) {
        dc_err_t err = print_digits(meter, self->quotient, out);
        dc_buf_append_char(out, '/');
        return err ? err : print_digits(meter, mpq_denref(ratio), out);
    }
    // To find that, and the power of 5.
    dc_err_t err = dc_meter_charge_digits(meter, mpz_sizeinbase(mpq_denref(ratio), 2));
    if (err) return err;
    unsigned long places = twos > fives ? twos : fives;
    mpz_ui_pow_ui(self->rest, 5, places - fives);
    mpz_mul(self->quotient, self->quotient, self->rest);
    mpz_mul_2exp(self->quotient, self->quotient, places - twos);
    err = print_digits(meter, self->quotient, out);
    if (!err) set_point(out, first, places);
    return err;
}

static void print_decimal(dc_arithmetic_t *self, const dc_wide_number_t *number, dc_buf_t *out)
{
    size_t first = out->len;
    mpz_abs(self->quotient, mpq_numref(number->ratio));
    print_at_once(self->quotient, 0, out);
    if (out->failed) return;
    int64_t exponent = number->exponent;
    while (out->len - first > 1 && out->data[out->len - 1] == '0') {
        out->len--;
        exponent++;
    }
    int64_t count = (int64_t)(out->len - first);
    int64_t before_point = count + exponent;
    bool is_plain = before_point <= PLAIN_DIGITS_MAX && before_point >= -PLAIN_ZEROS_MAX;
    if (is_plain && exponent >= 0) {
        append_zeros(out, (size_t)exponent);
    } else if (is_plain) {
        set_point(out, first, (size_t)-exponent);
    } else {
        set_point(out, first, (size_t)count - 1);
        dc_buf_printf(out, "e%lld", (long long)(before_point - 1));
    }
}

dc_err_t dc_wide_text_print(dc_arithmetic_t *self, dc_meter_t *meter,
                            const dc_wide_number_t *number, dc_buf_t *out)
{
    if (dc_wide_number_sign(number) == 0) {
        dc_buf_append_char(out, '0');
        return DC_OK;
    }
    if (dc_wide_number_sign(number) < 0) dc_buf_append_char(out, '-');
    if (dc_arithmetic_is_exact(self)) return print_exact(self, meter, number->ratio, out);
    print_decimal(self, number, out);
    return DC_OK;
}
