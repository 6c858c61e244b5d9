/* Ciphering: every form and suite there and back, changed bytes, missing keys, HLS by each mechanism. */
#include "tap.h"
#include "base/text.h"
#include "wire/dlms_curve.h"
#include "wire/dlms_security.h"

static const uint8_t key[48] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 };
static const uint8_t get[] = { 0xC0, 1, 0xC1, 0, 8, 0, 0, 1, 0, 0, 0xFF, 2, 0 };

static struct dlms_keys keys_of(uint8_t suite)
{
    size_t size = suite == 2 ? 32 : 16;
    return (struct dlms_keys){
        .suite = suite,
        .encryption = bytes_of(key, size),
        .broadcast = bytes_of(key + 1, size),
        .authentication = bytes_of(key + 2, size),
        .dedicated = bytes_of(key + 3, size),
        .master = bytes_of(key + 4, 16),
        .client_title = bytes_of_text("CLIENT01"),
        .server_title = bytes_of_text("SERVER01"),
    };
}

static void test_forms(void)
{
    static const uint8_t controls[] = { 0x00, 0x10, 0x20, 0x30, 0x70 };
    for (uint8_t suite = 0; suite <= 2; suite++) {
        for (int form = DLMS_GLO; form <= DLMS_GENERAL_DED; form++) {
            for (size_t i = 0; i < sizeof controls; i++) {
                uint8_t sealed[128], opened[128];
                struct writer w = writer_over(sealed, sizeof sealed), text = writer_over(opened, sizeof opened);
                struct dlms_keys k = keys_of(suite);
                struct dlms_ciphered head;
                uint8_t control = controls[i] | suite;
                if (dlms_seal(&w, &k, (enum dlms_form)form, false, control, 7, bytes_of(get, sizeof get)) != DLMS_OPENED)
                    ok(false, "seal");
                struct bytes apdu = writer_bytes(&w);
                ok(dlms_open(&text, &k, false, apdu, &head) == DLMS_OPENED && bytes_equal(writer_bytes(&text), bytes_of(get, sizeof get))
                       && head.counter == 7 && head.control == control, "sealed and opened");
                if (!(control & DLMS_AUTHENTICATED))
                    continue;
                sealed[apdu.size - 3] ^= 1;
                text = writer_over(opened, sizeof opened);
                ok(dlms_open(&text, &k, false, apdu, NULL) == DLMS_NOT_AUTHENTIC && writer_size(&text) == 0, "a changed byte");
            }
        }
    }
}

static void test_general(void)
{
    uint8_t content[64], sealed[192], wrapped[64], opened[64];
    struct dlms_keys k = keys_of(0);
    struct writer w = writer_over(wrapped, sizeof wrapped);
    struct dlms_ciphered d = { .tag = XDLMS_GENERAL_CIPHERING, .control = 0x30, .counter = 3, .key_kind = DLMS_KEY_WRAPPED }, back;
    d.general.transaction = bytes_of_text("12345678");
    d.general.originator = k.client_title;
    d.general.recipient = k.server_title;
    dlms_key_wrap(&w, k.master, k.dedicated);
    d.key_data = writer_bytes(&w);
    w = writer_over(sealed, sizeof sealed);
    dlms_ciphered_encode(&w, &d); /* once for the fields that are authenticated with it */
    ok(dlms_ciphered_decode(writer_bytes(&w), &back) && back.key_kind == DLMS_KEY_WRAPPED, "general-ciphering without content");
    struct dlms_cipher c = { 0x30, 3, k.dedicated, k.authentication, k.client_title, back.general_raw };
    struct writer protected = writer_over(content, sizeof content);
    uint8_t general[64];
    memcpy(general, back.general_raw.data, back.general_raw.size);
    c.more = bytes_of(general, back.general_raw.size);
    ok(dlms_protect(&protected, &c, bytes_of(get, sizeof get)) == DLMS_OPENED, "protect");
    d.content = writer_bytes(&protected);
    w = writer_over(sealed, sizeof sealed);
    dlms_ciphered_encode(&w, &d);
    struct writer text = writer_over(opened, sizeof opened);
    ok(dlms_open(&text, &k, false, writer_bytes(&w), NULL) == DLMS_OPENED && bytes_equal(writer_bytes(&text), bytes_of(get, sizeof get)), "opened by the wrapped key");
    sealed[3] ^= 1;
    ok(dlms_open(&text, &k, false, writer_bytes(&w), NULL) == DLMS_NOT_AUTHENTIC, "the transaction id is authenticated");
    struct dlms_signed s = { .general = d.general, .content = bytes_of(get, sizeof get), .signature = bytes_of(key, 48) }, signed_back;
    w = writer_over(sealed, sizeof sealed);
    dlms_signed_encode(&w, &s);
    ok(dlms_signed_decode(writer_bytes(&w), &signed_back) && bytes_equal(signed_back.content, s.content) && signed_back.signed_part.size == writer_size(&w) - 1 - 49, "general-signing");
}

static void test_refusals(void)
{
    uint8_t sealed[64], opened[64];
    struct writer w = writer_over(sealed, sizeof sealed), text = writer_over(opened, sizeof opened);
    struct dlms_keys k = keys_of(0), none = { 0 };
    dlms_seal(&w, &k, DLMS_GLO, true, 0x30, 1, bytes_of("\xC5\x01\xC1\x00", 4));
    ok(dlms_open(&text, &none, true, writer_bytes(&w), NULL) == DLMS_NO_KEY, "no key");
    ok(dlms_open(&text, &k, false, writer_bytes(&w), NULL) == DLMS_NOT_AUTHENTIC, "another sender's title");
    sealed[2] = 0x33;
    ok(dlms_open(&text, &k, true, writer_bytes(&w), NULL) == DLMS_UNSUPPORTED, "a GOST suite");
    sealed[2] = 0xB0;
    ok(dlms_open(&text, &k, true, writer_bytes(&w), NULL) == DLMS_UNSUPPORTED, "compressed");
    ok(dlms_open(&text, &k, true, bytes_of("\xC8\x06\x30\0\0\0\1\2", 8), NULL) == DLMS_BAD_SHAPE, "shorter than its tag");
    w = writer_over(sealed, 8);
    ok(dlms_seal(&w, &k, DLMS_GLO, true, 0x30, 1, bytes_of("\xC5\x01\xC1\x00", 4)) != DLMS_OPENED && w.failed, "no room");
    w = writer_over(sealed, sizeof sealed);
    dlms_key_wrap(&w, k.master, bytes_of(key, 15));
    ok(w.failed, "a key of fifteen bytes");
    w = writer_over(sealed, sizeof sealed);
    ok(!dlms_key_unwrap(&w, k.master, bytes_of(key, 24)) && writer_size(&w) == 0, "a wrap that does not check");
    bool dedicated;
    ok(dlms_ciphered_tag(0xC4, true) == 0xD4 && dlms_plain_tag(0xD4, &dedicated) == 0xC4 && dedicated, "tags");
    ok(dlms_equal(bytes_of("ab", 2), bytes_of("ab", 2)) && !dlms_equal(bytes_of("ab", 2), bytes_of("ac", 2)) && !dlms_equal(bytes_of("ab", 2), bytes_of("a", 1)), "compare");
}

static void test_hls(void)
{
    static const enum acse_mechanism mechanisms[] = { ACSE_HLS_MANUFACTURER, ACSE_HLS_MD5, ACSE_HLS_SHA1, ACSE_HLS_GMAC, ACSE_HLS_SHA256, ACSE_HLS_ECDSA };
    static const size_t sizes[] = { 16, 16, 20, 17, 32, 64 };
    uint8_t public_key[64], answer[DLMS_HLS_ANSWER_MAX];
    struct writer p = writer_over(public_key, sizeof public_key);
    ok(dlms_public_key(&p, 1, bytes_of(key, 32)), "a key pair");
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
        struct dlms_hls h = {
            .mechanism = mechanisms[i], .secret = bytes_of_text("secret"), .challenge = bytes_of_text("0123456789ABCDEF"),
            .prover_challenge = bytes_of_text("FEDCBA9876543210"), .prover_title = bytes_of_text("CLIENT01"), .verifier_title = bytes_of_text("SERVER01"),
            .suite = 1, .counter = 9, .encryption = bytes_of(key, 16), .authentication = bytes_of(key + 1, 16), .signature_key = bytes_of(key, 32),
        };
        struct writer w = writer_over(answer, sizeof answer);
        ok(dlms_hls_answer(&w, &h), "answer");
        is_int(writer_size(&w), (long long)sizes[i], "its size");
        h.signature_key = bytes_of(public_key, 64);
        h.counter = 0;
        ok(dlms_hls_check(&h, writer_bytes(&w)), "checks");
        answer[writer_size(&w) - 1] ^= 1;
        ok(!dlms_hls_check(&h, writer_bytes(&w)), "a changed answer does not");
    }
    struct dlms_hls unknown = { .mechanism = ACSE_HLS_GOST_CMAC, .challenge = bytes_of_text("0123456789ABCDEF") };
    ok(!dlms_hls_check(&unknown, bytes_of(NULL, 0)), "an unknown mechanism proves nothing");
    uint8_t long_challenge[65] = { 0 };
    struct dlms_hls aes = { .mechanism = ACSE_HLS_MANUFACTURER, .challenge = bytes_of(long_challenge, 65) };
    struct writer w = writer_over(answer, sizeof answer);
    ok(!dlms_hls_answer(&w, &aes), "a challenge longer than allowed");
}

int main(void)
{
    test_forms();
    test_general();
    test_refusals();
    test_hls();
    return tap_done();
}
