/* Signatures and agreement on both curves; keys that are none. */
#include "tap.h"
#include "base/text.h"
#include "wire/dlms_curve.h"

static void test_suite(uint8_t suite)
{
    size_t size = suite == 1 ? 32 : 48;
    uint8_t a[48] = { 1, 2, 3 }, b[48] = { 9, 8, 7 }, a_public[96], b_public[96], signature[96], z1[48], z2[48], k[32];
    struct writer w = writer_over(a_public, sizeof a_public);
    ok(dlms_public_key(&w, suite, bytes_of(a, size)) && writer_size(&w) == 2 * size, "public key");
    w = writer_over(b_public, sizeof b_public);
    ok(dlms_public_key(&w, suite, bytes_of(b, size)), "the other's");
    w = writer_over(signature, sizeof signature);
    ok(dlms_sign(&w, suite, bytes_of(a, size), bytes_of_text("message")) && writer_size(&w) == 2 * size, "sign");
    ok(dlms_verify(suite, bytes_of(a_public, 2 * size), bytes_of_text("message"), writer_bytes(&w)), "verify");
    ok(!dlms_verify(suite, bytes_of(a_public, 2 * size), bytes_of_text("massage"), writer_bytes(&w)), "another message");
    ok(!dlms_verify(suite, bytes_of(b_public, 2 * size), bytes_of_text("message"), writer_bytes(&w)), "another key");
    struct writer one = writer_over(z1, sizeof z1), two = writer_over(z2, sizeof z2);
    ok(dlms_agree(&one, suite, bytes_of(a, size), bytes_of(b_public, 2 * size)) && dlms_agree(&two, suite, bytes_of(b, size), bytes_of(a_public, 2 * size))
           && bytes_equal(writer_bytes(&one), writer_bytes(&two)), "both sides agree");
    w = writer_over(k, sizeof k);
    ok(dlms_derive(&w, suite, writer_bytes(&one), bytes_of_text("CLIENT01"), bytes_of_text("SERVER01")) && writer_size(&w) == (suite == 1 ? 16 : 32), "derived key");
    a_public[5] ^= 1;
    one = writer_over(z1, sizeof z1);
    ok(!dlms_agree(&one, suite, bytes_of(b, size), bytes_of(a_public, 2 * size)) && writer_size(&one) == 0, "a point beside the curve");
}

int main(void)
{
    uint8_t zero[48] = { 0 }, out[96];
    struct writer w = writer_over(out, sizeof out);
    test_suite(1);
    test_suite(2);
    ok(!dlms_public_key(&w, 1, bytes_of(zero, 32)), "zero is no key");
    memset(zero, 0xFF, sizeof zero);
    ok(!dlms_public_key(&w, 1, bytes_of(zero, 32)), "nor is one above the order");
    ok(!dlms_public_key(&w, 0, bytes_of(zero, 32)) && !dlms_sign(&w, 1, bytes_of(zero, 31), bytes_of_text("x")), "suite 0 has no curve; size");
    ok(!dlms_verify(1, bytes_of(NULL, 0), bytes_of_text("x"), bytes_of(out, 64)), "no key");
    return tap_done();
}
