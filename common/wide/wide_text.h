// wide_text — wide numbers as texts, both ways.
#ifndef DC_COMMON_WIDE_WIDE_TEXT_H
#define DC_COMMON_WIDE_WIDE_TEXT_H

#include "common/buf.h"
#include "common/wide/arithmetic.h"

// Read a literal of an expression, which is one (number.h). DC_ERR_OVERFLOW: too large, which is
// told from its exponent. `room` is used and left as it comes.
DC_MUST_USE dc_err_t dc_wide_text_read_literal(dc_arithmetic_t *self, dc_str_t text, dc_buf_t *room,
                                               dc_wide_number_t *number);

// Read a whole cell: blanks around, a sign, a literal or integers p/q. DC_ERR_NUMBER: anything
// else; DC_ERR_OVERFLOW as above.
DC_MUST_USE dc_err_t dc_wide_text_read(dc_arithmetic_t *self, dc_str_t text, dc_buf_t *room,
                                       dc_wide_number_t *number);

// Append the digits of `number`, as wide.h tells. Errors are those of dc_meter_charge; what was
// appended is then of no use.
DC_MUST_USE dc_err_t dc_wide_text_print(dc_arithmetic_t *self, dc_meter_t *meter,
                                        const dc_wide_number_t *number, dc_buf_t *out);

#endif
