#include "common/wide/gcd.h"

// Up to so many bits Lehmer's algorithm is the quicker one.
#define LEHMER_BITS 3000

// Its multiples are taken from so many first bits of two numbers, and have up to half as many.
#define WORD_BITS    62
#define MULTIPLE_MAX (UINT64_C(1) << 31)

// Two integers, a >= b >= 0, and how they came of two others: as rows[0][0] of the first one plus
// rows[0][1] of the second, and likewise b.
typedef struct pair {
    mpz_t a, b;
    mpz_t rows[2][2];
} pair_t;

static void init(pair_t *self)
{
    mpz_inits(self->a, self->b, NULL);
    for (int i = 0; i < 2; i++) {
        mpz_init_set_ui(self->rows[i][0], i == 0);
        mpz_init_set_ui(self->rows[i][1], i == 1);
    }
}

static void fini(pair_t *self)
{
    mpz_clears(self->a, self->b, NULL);
    for (int i = 0; i < 2; i++) {
        mpz_clears(self->rows[i][0], self->rows[i][1], NULL);
    }
}

static size_t bits_of(mpz_srcptr number)
{
    return mpz_sizeinbase(number, 2);
}

static void negate_row(mpz_t *row)
{
    mpz_neg(row[0], row[0]);
    mpz_neg(row[1], row[1]);
}

// Let neither be below 0, and the first one be the larger.
static void put_in_order(pair_t *self)
{
    if (mpz_sgn(self->a) < 0) {
        mpz_neg(self->a, self->a);
        negate_row(self->rows[0]);
    }
    if (mpz_sgn(self->b) < 0) {
        mpz_neg(self->b, self->b);
        negate_row(self->rows[1]);
    }
    if (mpz_cmp(self->a, self->b) >= 0) return;
    mpz_swap(self->a, self->b);
    mpz_swap(self->rows[0][0], self->rows[1][0]);
    mpz_swap(self->rows[0][1], self->rows[1][1]);
}

// (a, b) = (b, a mod b), of b that is not 0.
static void divide(pair_t *self)
{
    mpz_t quotient;
    mpz_init(quotient);
    mpz_tdiv_qr(quotient, self->a, self->a, self->b);
    mpz_submul(self->rows[0][0], quotient, self->rows[1][0]);
    mpz_submul(self->rows[0][1], quotient, self->rows[1][1]);
    mpz_clear(quotient);
    put_in_order(self);
}

// --- short ones --------------------------------------------------------------------------------

// What two numbers become: above[0] of the first less below[0] of the second; and likewise [1].
typedef struct multiples {
    unsigned long above[2], below[2];
} multiples_t;

// Euclid's algorithm on two words, until multiples get too large.
static multiples_t take_words(uint64_t x, uint64_t y)
{
    multiples_t found = { { 1, 0 }, { 0, 1 } };
    while (y) {
        uint64_t quotient = x / y;
        if (quotient >= MULTIPLE_MAX) break;
        uint64_t above = found.above[0] + quotient * found.above[1];
        uint64_t below = found.below[0] + quotient * found.below[1];
        if (above >= MULTIPLE_MAX || below >= MULTIPLE_MAX) break;
        found = (multiples_t){ { found.above[1], above }, { found.below[1], below } };
        uint64_t rest = x - quotient * y;
        x = y;
        y = rest;
    }
    return found;
}

static uint64_t first_bits(mpz_srcptr number, size_t drop, mpz_t room)
{
    mpz_tdiv_q_2exp(room, number, drop);
    return mpz_get_ui(room);
}

static void replace(mpz_t x, mpz_t y, const multiples_t *by, mpz_t room[2])
{
    for (int i = 0; i < 2; i++) {
        mpz_mul_ui(room[i], x, by->above[i]);
        mpz_submul_ui(room[i], y, by->below[i]);
    }
    mpz_swap(x, room[0]);
    mpz_swap(y, room[1]);
}

// Until b has no more bits than the goal.
static dc_err_t shorten_by_words(dc_meter_t *meter, pair_t *self, size_t goal)
{
    dc_err_t err = DC_OK;
    mpz_t room[2];
    mpz_inits(room[0], room[1], NULL);
    while (!err && mpz_sgn(self->b) != 0 && bits_of(self->b) > goal) {
        size_t bits = bits_of(self->a);
        size_t drop = bits > WORD_BITS ? bits - WORD_BITS : 0;
        uint64_t x = first_bits(self->a, drop, room[0]);
        uint64_t y = first_bits(self->b, drop, room[0]);
        multiples_t by = take_words(x, y);
        if (by.above[1] == 0) {
            divide(self);
        } else {
            replace(self->a, self->b, &by, room);
            replace(self->rows[0][0], self->rows[1][0], &by, room);
            replace(self->rows[0][1], self->rows[1][1], &by, room);
            put_in_order(self);
        }
        err = dc_meter_charge(meter, 1);
    }
    mpz_clears(room[0], room[1], NULL);
    return err;
}

// --- long ones ---------------------------------------------------------------------------------

static dc_err_t shorten(dc_meter_t *meter, pair_t *self);

// sums[i] = rows[i][0] x + rows[i][1] y
static void multiply(mpz_t sums[2], mpz_t rows[2][2], mpz_srcptr x, mpz_srcptr y, mpz_t room)
{
    for (int i = 0; i < 2; i++) {
        mpz_mul(sums[i], rows[i][0], x);
        mpz_mul(room, rows[i][1], y);
        mpz_add(sums[i], sums[i], room);
    }
}

// Do with both numbers what makes their upper parts, without the last `drop` bits, shorter.
static dc_err_t shorten_upper(dc_meter_t *meter, pair_t *self, size_t drop)
{
    pair_t upper;
    mpz_t room, sums[2];
    init(&upper);
    mpz_inits(room, sums[0], sums[1], NULL);
    mpz_tdiv_q_2exp(upper.a, self->a, drop);
    mpz_tdiv_q_2exp(upper.b, self->b, drop);
    mpz_tdiv_r_2exp(self->a, self->a, drop);
    mpz_tdiv_r_2exp(self->b, self->b, drop);
    dc_err_t err = shorten(meter, &upper);
    if (!err) {
        multiply(sums, upper.rows, self->a, self->b, room);
        mpz_mul_2exp(self->a, upper.a, drop);
        mpz_mul_2exp(self->b, upper.b, drop);
        mpz_add(self->a, self->a, sums[0]);
        mpz_add(self->b, self->b, sums[1]);
        for (int i = 0; i < 2; i++) {
            multiply(sums, upper.rows, self->rows[0][i], self->rows[1][i], room);
            mpz_swap(self->rows[0][i], sums[0]);
            mpz_swap(self->rows[1][i], sums[1]);
        }
        put_in_order(self);
        // Twelve products, of numbers up to half as long.
        err = dc_meter_charge_product(meter, 4 * bits_of(self->a));
    }
    mpz_clears(room, sums[0], sums[1], NULL);
    fini(&upper);
    return err;
}

// Make them some half as long: the upper half of them by half, which leaves three quarters of them,
// and then what is above a quarter.
static dc_err_t shorten(dc_meter_t *meter, pair_t *self)
{
    size_t half = bits_of(self->a) / 2;
    if (bits_of(self->a) <= LEHMER_BITS) return shorten_by_words(meter, self, half);
    dc_err_t err = DC_OK;
    if (bits_of(self->b) > half) err = shorten_upper(meter, self, half);
    if (err || bits_of(self->b) <= half) return err;
    divide(self);
    size_t bits = bits_of(self->a);
    if (bits_of(self->b) <= half || bits >= 2 * half) return DC_OK;
    return shorten_upper(meter, self, 2 * half - bits);
}

// The rows tell nobody anything here.
static void forget(pair_t *self)
{
    for (int i = 0; i < 2; i++) {
        mpz_set_ui(self->rows[i][0], 0);
        mpz_set_ui(self->rows[i][1], 0);
    }
}

dc_err_t dc_gcd(dc_meter_t *meter, mpz_ptr result, mpz_srcptr a, mpz_srcptr b)
{
    dc_err_t err = DC_OK;
    pair_t left;
    init(&left);
    mpz_abs(left.a, a);
    mpz_abs(left.b, b);
    put_in_order(&left);
    while (!err && bits_of(left.b) > DC_GCD_SHORT_BITS) {
        forget(&left);
        // A number that is much longer than the other is so no more; and each round gets on.
        divide(&left);
        if (bits_of(left.b) > DC_GCD_SHORT_BITS) err = shorten(meter, &left);
    }
    if (!err) err = dc_meter_look(meter);
    if (!err) mpz_gcd(result, left.a, left.b);
    fini(&left);
    return err;
}
