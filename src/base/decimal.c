/* Exact decimal numbers; see decimal.h. */
#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool times_ten(int64_t value, int64_t *ret)
{
    return !__builtin_mul_overflow(value, 10, ret);
}

bool decimal_rescale(struct decimal d, int exponent, struct decimal *ret)
{
    int64_t m = d.mantissa;
    int e = d.exponent;
    for (; e > exponent && m != 0; e--)
        if (!times_ten(m, &m))
            return false;
    for (; e < exponent && m != 0; e++) {
        if (m % 10 != 0)
            return false;
        m /= 10;
    }
    *ret = decimal_of(m, exponent);
    return true;
}

struct decimal decimal_normal(struct decimal d)
{
    if (d.mantissa == 0)
        return decimal_of(0, 0);
    while (d.mantissa % 10 == 0 && d.exponent < 18) {
        d.mantissa /= 10;
        d.exponent++;
    }
    return d;
}

/* Brings both to the smaller exponent; false on overflow. */
static bool align(struct decimal *a, struct decimal *b)
{
    int exponent = a->exponent < b->exponent ? a->exponent : b->exponent;
    return decimal_rescale(*a, exponent, a) && decimal_rescale(*b, exponent, b);
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret)
{
    int64_t sum;
    if (!align(&a, &b) || __builtin_add_overflow(a.mantissa, b.mantissa, &sum))
        return false;
    *ret = decimal_of(sum, a.exponent);
    return true;
}

bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret)
{
    int64_t difference;
    if (!align(&a, &b) || __builtin_sub_overflow(a.mantissa, b.mantissa, &difference))
        return false;
    *ret = decimal_of(difference, a.exponent);
    return true;
}

bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *ret)
{
    int64_t product;
    int exponent = a.exponent + b.exponent;
    if (__builtin_mul_overflow(a.mantissa, b.mantissa, &product) || exponent < -18 || exponent > 18)
        return false;
    *ret = decimal_of(product, exponent);
    return true;
}

static int sign(int64_t v)
{
    return (v > 0) - (v < 0);
}

int decimal_compare(struct decimal a, struct decimal b)
{
    if (sign(a.mantissa) != sign(b.mantissa))
        return sign(a.mantissa) < sign(b.mantissa) ? -1 : 1;
    /* Same sign: brought to the smaller exponent; who is beyond any mantissa there is the greater in size. */
    int spread = a.exponent - b.exponent;
    int64_t left = a.mantissa, right = b.mantissa;
    for (int i = 0; i < spread; i++)
        if (__builtin_mul_overflow(left, 10, &left))
            return sign(a.mantissa);
    for (int i = 0; i < -spread; i++)
        if (__builtin_mul_overflow(right, 10, &right))
            return -sign(b.mantissa);
    return (left > right) - (left < right);
}

char *decimal_format(struct decimal d, char text[DECIMAL_TEXT_MAX])
{
    char digits[24];
    bool negative = d.mantissa < 0;
    uint64_t magnitude = negative ? (uint64_t)0 - (uint64_t)d.mantissa : (uint64_t)d.mantissa;
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)magnitude);
    char *out = text;
    if (negative)
        *out++ = '-';
    int point = count + d.exponent; /* how many digits stand before the point */
    if (d.exponent >= 0) {
        memcpy(out, digits, (size_t)count);
        out += count;
        for (int i = 0; i < d.exponent && magnitude != 0; i++)
            *out++ = '0';
    } else {
        for (int i = 0; i < point; i++)
            *out++ = digits[i];
        if (point <= 0)
            *out++ = '0';
        *out++ = '.';
        for (int i = point; i < 0; i++)
            *out++ = '0';
        for (int i = point > 0 ? point : 0; i < count; i++)
            *out++ = digits[i];
    }
    *out = '\0';
    return text;
}

bool decimal_parse(const char *text, struct decimal *ret)
{
    bool negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    int64_t mantissa = 0;
    int exponent = 0;
    bool digits = false, point = false;
    for (; *text; text++) {
        if ((*text == '.' || *text == ',') && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9')
            return false;
        int64_t next;
        if (!times_ten(mantissa, &next) || __builtin_add_overflow(next, *text - '0', &next))
            return false;
        mantissa = next;
        digits = true;
        exponent -= point;
    }
    if (!digits || exponent < -18)
        return false;
    *ret = decimal_of(negative ? -mantissa : mantissa, exponent);
    return true;
}

/* Reads the text of printf's %e back into a decimal. */
static bool from_scientific(const char *text, struct decimal *ret)
{
    char digits[32];
    size_t count = 0;
    int scale = 0;
    bool after_point = false;
    const char *at = text;
    for (; *at && *at != 'e'; at++) {
        if (*at == '.')
            after_point = true;
        else if (count + 1 < sizeof digits)
            digits[count++] = *at, scale -= after_point;
    }
    digits[count] = '\0';
    if (*at == 'e')
        scale += atoi(at + 1);
    struct decimal d = { .mantissa = strtoll(digits, NULL, 10), .exponent = 0 };
    for (; d.mantissa != 0 && d.mantissa % 10 == 0 && scale < 0; scale++)
        d.mantissa /= 10;
    while (scale > 18 && times_ten(d.mantissa, &d.mantissa))
        scale--;
    if (d.mantissa != 0 && (scale < -18 || scale > 18))
        return false;
    *ret = decimal_of(d.mantissa, d.mantissa ? scale : 0);
    return true;
}

bool decimal_from_float32(uint32_t bits, struct decimal *ret)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value))
        return false;
    char text[40];
    for (int precision = 0; precision < 9; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return from_scientific(text, ret);
}

bool decimal_from_float64(uint64_t bits, struct decimal *ret)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value))
        return false;
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return from_scientific(text, ret);
}

uint64_t decimal_to_float64(struct decimal d)
{
    char text[DECIMAL_TEXT_MAX];
    double value = strtod(decimal_format(d, text), NULL);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
