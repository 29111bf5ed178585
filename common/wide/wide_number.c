#include "common/wide/wide_number.h"

// Room for so many words is not worth moving a number.
#define SPARE_WORDS 16

void dc_wide_number_init(dc_wide_number_t *self)
{
    mpq_init(self->ratio);
    self->exponent = 0;
}

void dc_wide_number_fini(dc_wide_number_t *self)
{
    mpq_clear(self->ratio);
}

void dc_wide_number_set(dc_wide_number_t *self, const dc_wide_number_t *from)
{
    mpq_set(self->ratio, from->ratio);
    self->exponent = from->exponent;
}

void dc_wide_number_set_integer(dc_wide_number_t *self, unsigned long integer)
{
    mpq_set_ui(self->ratio, integer, 1);
    self->exponent = 0;
}

void dc_wide_number_swap(dc_wide_number_t *self, dc_wide_number_t *other)
{
    mpq_swap(self->ratio, other->ratio);
    int64_t exponent = self->exponent;
    self->exponent = other->exponent;
    other->exponent = exponent;
}

int dc_wide_number_sign(const dc_wide_number_t *self)
{
    return mpq_sgn(self->ratio);
}

uint64_t dc_wide_number_bits(const dc_wide_number_t *self)
{
    uint64_t zeros = (uint64_t)(self->exponent < 0 ? -self->exponent : self->exponent);
    return mpz_sizeinbase(mpq_numref(self->ratio), 2) + mpz_sizeinbase(mpq_denref(self->ratio), 2) +
           zeros * 10 / 3;
}

// How many words are reserved is told in the manual of GMP ("Integer Internals") and nowhere else.
static size_t words_held(mpz_srcptr integer)
{
    return (size_t)integer->_mp_alloc;
}

size_t dc_wide_number_bytes(const dc_wide_number_t *self)
{
    size_t words = words_held(mpq_numref(self->ratio)) + words_held(mpq_denref(self->ratio));
    return words * sizeof(mp_limb_t);
}

static void trim(mpz_ptr integer)
{
    size_t words = mpz_size(integer);
    if (words_held(integer) > 2 * words + SPARE_WORDS) mpz_realloc2(integer, words * GMP_NUMB_BITS);
}

void dc_wide_number_trim(dc_wide_number_t *self)
{
    trim(mpq_numref(self->ratio));
    trim(mpq_denref(self->ratio));
}

mpq_srcptr dc_wide_number_ratio(const dc_wide_number_t *self, mpq_ptr room)
{
    if (self->exponent == 0) return self->ratio;
    mpz_srcptr digits = mpq_numref(self->ratio);
    if (self->exponent > 0) {
        mpz_ui_pow_ui(mpq_numref(room), 10, (unsigned long)self->exponent);
        mpz_mul(mpq_numref(room), mpq_numref(room), digits);
        mpz_set_ui(mpq_denref(room), 1);
    } else {
        mpz_set(mpq_numref(room), digits);
        mpz_ui_pow_ui(mpq_denref(room), 10, (unsigned long)-self->exponent);
        mpq_canonicalize(room);
    }
    return room;
}

bool dc_wide_ratio_ends(mpq_srcptr ratio, mpz_ptr room, unsigned long *twos, unsigned long *fives)
{
    mpz_t five;
    mpz_init_set_ui(five, 5);
    *twos = mpz_scan1(mpq_denref(ratio), 0);
    mpz_fdiv_q_2exp(room, mpq_denref(ratio), *twos);
    *fives = mpz_remove(room, room, five);
    mpz_clear(five);
    return mpz_cmp_ui(room, 1) == 0;
}
