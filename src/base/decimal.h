/* Exact decimal numbers: mantissa × 10^exponent. Energy, money and everything a bill rests on is held this way from the
 * wire to the screen; binary floating point never touches it. */
#pragma once
#include "base/bytes.h"

struct decimal {
    int64_t mantissa;
    int8_t exponent; /* power of ten, -18..18 */
};

/* Longest text decimal_format writes, NUL included. */
enum { DECIMAL_TEXT_MAX = 48 };

static inline struct decimal decimal_of(int64_t mantissa, int exponent)
{
    return (struct decimal){ .mantissa = mantissa, .exponent = (int8_t)exponent };
}

/* The same value with `exponent`. Scaling down the exponent multiplies the mantissa exactly; scaling up must lose
 * nothing. False, and *ret untouched, when digits would be lost or 64 bits overflow. */
bool decimal_rescale(struct decimal d, int exponent, struct decimal *ret);

/* The shortest form: trailing zeros of the mantissa moved into the exponent; zero becomes 0×10^0. */
struct decimal decimal_normal(struct decimal d);

/* a + b and a - b, exact; false (and *ret untouched) on overflow. */
bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret);

/* a × b, exact; false (and *ret untouched) on overflow. */
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *ret);

/* -1, 0 or 1 as a is less than, equal to or greater than b, whatever their exponents. */
int decimal_compare(struct decimal a, struct decimal b);

/* Writes the number as people write it: "-41.80" keeps the zeros that the meter sent, "12300" never shows an exponent.
 * The point is '.', always. Returns `text`. */
char *decimal_format(struct decimal d, char text[DECIMAL_TEXT_MAX]);

/* Reads "-12.340", "5", "+0.5" or "1,5"; nothing else may follow. False (and *ret untouched) when it is no number or
 * does not fit. */
bool decimal_parse(const char *text, struct decimal *ret);

/* The exact decimal value of an IEEE 754 single, shortened to the fewest digits (at most nine) that name the same
 * single: 41.8f becomes 41.8. False for NaN and infinities. */
bool decimal_from_float32(uint32_t bits, struct decimal *ret);

/* The same for a double, at most 17 digits. */
bool decimal_from_float64(uint64_t bits, struct decimal *ret);

/* The double nearest to the value, for formats that carry nothing better. */
uint64_t decimal_to_float64(struct decimal d);
