#!/usr/bin/env python3
"""make-norminv.py — compute common/expr/norminv.inc, the quantiles that norminv starts from.

Usage: scripts/make-norminv.py > common/expr/norminv.inc

A row is for one p, in the middle of each 64th of each power of two from 2^-6 up to 15/32: the x
with Phi(x) = p as two doubles, and the double nearest to 1 / phi(x), the derivative of x by p.
"""
import sys
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
PARTS = 64
EXPONENT_MIN = -6


def pi():
    """Machin's formula."""
    def arctan_of_inverse(n):
        total = term = Decimal(1) / n
        k = 1
        while abs(term) > Decimal(10) ** -58:
            term = -term / (n * n)
            k += 2
            total += term / k
        return total
    return 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))


ROOT_2_PI = (2 * pi()).sqrt()


def density(x):
    return (-x * x / 2).exp() / ROOT_2_PI


def probability(x):
    """Phi(x) as 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...), whose terms have one sign."""
    total = term = x
    k = 1
    while abs(term) > Decimal(10) ** -58:
        k += 2
        term = term * x * x / k
        total += term
    return Decimal(1) / 2 + density(x) * total


def quantile(p, x):
    """Newton's method from x on."""
    for _ in range(100):
        step = (probability(x) - p) / density(x)
        x -= step
        if abs(step) < Decimal(10) ** -40:
            return x
    raise ArithmeticError(f"no quantile found for {p}")


def nearest(number):
    return float(Fraction(number))


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__.split("\n")[2])
    print("    // Made by scripts/make-norminv.py: x in two parts, and how fast it grows with p.")
    x = Decimal(-2)
    for exponent in range(EXPONENT_MIN, -1):
        for part in range(PARTS):
            p = (1 + (Decimal(part) + Decimal("0.5")) / PARTS) * Decimal(2) ** exponent
            if p > Decimal(15) / 32:
                break
            x = quantile(p, x)
            high = nearest(x)
            low = nearest(x - Decimal(high))
            print(f"    {{ {high.hex()}, {low.hex()}, {nearest(1 / density(x)).hex()} }},")


if __name__ == "__main__":
    main()
