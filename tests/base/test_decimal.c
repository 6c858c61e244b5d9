/* Exact decimals: formatting, parsing, comparison, floats from the wire. */
#include "base/decimal.h"
#include "tap.h"

static const char *shown(int64_t mantissa, int exponent)
{
    static char text[DECIMAL_TEXT_MAX];
    return decimal_format(decimal_of(mantissa, exponent), text);
}

static const char *from_single(uint32_t bits)
{
    static char text[DECIMAL_TEXT_MAX];
    struct decimal d;
    return decimal_from_float32(bits, &d) ? decimal_format(d, text) : "none";
}

int main(void)
{
    is_text(shown(4180, -2), "41.80");
    is_text(shown(-5, -3), "-0.005");
    is_text(shown(123, 2), "12300");
    is_text(shown(0, 3), "0");
    is_text(shown(INT64_MIN, 0), "-9223372036854775808");
    is_text(shown(1, -18), "0.000000000000000001");

    struct decimal d;
    ok(decimal_parse("-12,340", &d) && d.mantissa == -12340 && d.exponent == -3);
    ok(!decimal_parse("1.2.3", &d));
    ok(!decimal_parse("", &d));
    ok(!decimal_parse("99999999999999999999", &d), "more than 64 bits is refused");

    is_int(decimal_compare(decimal_of(1, 3), decimal_of(1000, 0)), 0);
    is_int(decimal_compare(decimal_of(-1, 18), decimal_of(-1, -18)), -1);
    is_int(decimal_compare(decimal_of(9, -18), decimal_of(1, 18)), -1);
    is_int(decimal_compare(decimal_of(0, 18), decimal_of(0, -18)), 0);

    ok(decimal_add(decimal_of(1, 0), decimal_of(5, -1), &d) && d.mantissa == 15 && d.exponent == -1);
    ok(!decimal_add(decimal_of(INT64_MAX, 0), decimal_of(1, 0), &d), "overflow is refused");
    ok(decimal_multiply(decimal_of(15, -1), decimal_of(40, 0), &d) && d.mantissa == 600 && d.exponent == -1);
    ok(decimal_rescale(decimal_of(1500, -3), -1, &d) && d.mantissa == 15);
    ok(!decimal_rescale(decimal_of(1501, -3), -1, &d), "losing digits is refused");

    is_text(from_single(0x4226F322u), "41.737434", "flow temperature of mbus.example_data_01");
    is_text(from_single(0x42273333u), "41.8");
    is_text(from_single(0x00000000u), "0");
    is_text(from_single(0xC0A00000u), "-5");
    is_text(from_single(0x7FC00000u), "none", "NaN is no number");
    is_text(from_single(0x4B800000u), "16777216");
    return tap_done();
}
