#include "common/wide/tangents.h"

void dc_tangents_init(dc_tangents_t *self)
{
    self->count = 0;
}

void dc_tangents_fini(dc_tangents_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        mpz_clears(self->numbers[i], self->row[i], NULL);
    }
}

// The row of number j from that of j - 1, which has one less. With R1 = (j - 1)! it is
//     Rk = (j - k) old Rk + (j - k + 2) new R(k-1),    and Tj = Rj.
static void add_number(dc_tangents_t *self)
{
    unsigned long j = self->count + 1;
    mpz_t *row = self->row;
    mpz_inits(row[j - 1], self->numbers[j - 1], NULL);
    if (j == 1) {
        mpz_set_ui(row[0], 1);
    } else {
        mpz_mul_ui(row[0], row[0], j - 1);
    }
    for (unsigned long k = 2; k <= j; k++) {
        mpz_mul_ui(row[k - 1], row[k - 1], j - k);
        mpz_addmul_ui(row[k - 1], row[k - 2], j - k + 2);
    }
    mpz_set(self->numbers[j - 1], row[j - 1]);
    self->count = j;
}

dc_err_t dc_tangents_need(dc_tangents_t *self, dc_meter_t *meter, size_t count)
{
    assert(count <= DC_TANGENTS_MAX);
    while (self->count < count) {
        dc_err_t err = dc_meter_look(meter);
        if (err) return err;
        add_number(self);
    }
    return DC_OK;
}
