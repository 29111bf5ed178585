// round — to so many digits after the point, exactly.
#ifndef DC_COMMON_EXPR_ROUND_H
#define DC_COMMON_EXPR_ROUND_H

// The double nearest to: the multiple of 10^-digits nearest to the exact value of `x`, ties away
// from zero. `digits` may be negative and of any size; 0 rounds to integers. So round(2.675, 2) is
// 2.67, as the double 2.675 is less than that; round(0.5, 0) is 1; round(1250, -2) is 1300.
// What is not finite, and zeros, stay.
double dc_round_digits(double x, int digits);

#endif
