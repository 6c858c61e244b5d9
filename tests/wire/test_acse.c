/* Association: fields that the vectors do not carry, long forms, broken input. */
#include "tap.h"
#include "base/text.h"
#include "wire/acse.h"

static uint8_t memory[1024];

static struct bytes hex(const char *text)
{
    long size = hex_parse(text, memory, sizeof memory);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

static void test_all_fields(void)
{
    uint8_t out[512], certificate[300] = { 0x30 };
    struct writer w = writer_over(out, sizeof out);
    struct acse_request q = { .party = acse_party_of(ACSE_LN_CIPHERED) }, back;
    acse_party_authenticate(&q.party, ACSE_HLS_ECDSA, bytes_of_text("0123456789ABCDEF"));
    q.party.title = bytes_of_text("TITLE678");
    q.party.qualifier = bytes_of(certificate, sizeof certificate);
    q.party.user = bytes_of("\x05", 1);
    q.party.invocation = bytes_of("\x07", 1);
    q.party.implementation = bytes_of_text("x");
    q.party.user_information = hex("01000000065F1F0400007E1F04B0");
    q.called[0] = bytes_of_text("\x04\x01Z");
    acse_request_encode(&w, &q);
    ok(!w.failed && out[1] == 0x82, "a length of two bytes");
    ok(acse_request_decode(writer_bytes(&w), &back), "decodes");
    ok(bytes_equal(back.party.qualifier, q.party.qualifier) && bytes_equal(back.party.title, q.party.title), "title and certificate");
    ok(back.party.mechanism == ACSE_HLS_ECDSA && back.party.context == ACSE_LN_CIPHERED, "mechanism and context");
    ok(bytes_equal(back.party.user, q.party.user) && bytes_equal(back.party.invocation, q.party.invocation), "ids");
    ok(bytes_equal(back.called[0], q.called[0]) && bytes_equal(back.party.implementation, q.party.implementation), "rare ones");
    ok(bytes_equal(back.party.user_information, q.party.user_information), "user information");
    struct bytes whole = writer_bytes(&w);
    int refused = 0;
    for (size_t size = 0; size < whole.size; size++)
        refused += !acse_request_decode(bytes_of(out, size), &back);
    is_int(refused, (int)whole.size, "cut anywhere: refused");
}

static void test_refusal(void)
{
    struct acse_response r = { .party = acse_party_of(ACSE_LN), .result = ACSE_REJECTED_PERMANENT, .diagnostic = ACSE_AUTHENTICATION_FAILED }, back;
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof out);
    struct xdlms_service_error e = { 1, 6, 1 };
    acse_response_encode(&w, &r);
    ok(bytes_equal(writer_bytes(&w), hex("6117A109060760857405080101A203020101A305A10302010D")), "wrong password");
    ok(acse_response_decode(writer_bytes(&w), &back) && back.result == 1 && back.diagnostic == 13 && !back.provider, "and back");
    is_text(acse_diagnostic_text(false, 13, LANG_RU), "неверный пароль или ключ");
    is_text(acse_diagnostic_text(true, 2, LANG_EN), "no common ACSE version");
    is_text(acse_diagnostic_text(false, 99, LANG_EN), "unknown diagnostic");
    is_text(xdlms_service_error_text(&e, LANG_EN), "DLMS version too low");
    ok(!acse_response_decode(hex("6109A305A103020101"), &back), "no result");
    r.provider = true;
    w = writer_over(out, sizeof out);
    acse_response_encode(&w, &r);
    ok(acse_response_decode(writer_bytes(&w), &back) && back.provider, "the provider's diagnostic");
}

static void test_odd(void)
{
    struct acse_request q;
    struct acse_release l;
    struct xdlms_initiate i, back;
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof out);
    ok(acse_request_decode(hex("6011A109060760857405080101AC03800131"), &q) == false, "a length that is not the rest");
    ok(acse_request_decode(hex("6013A1090607608574050801018A020780AC028000"), &q) && q.party.has_value && q.party.value.size == 0, "an empty password");
    ok(acse_request_decode(hex("600BA1090607608574050802 01"), &q) && q.party.context == ACSE_CONTEXT_NONE && q.party.context_oid.size == 7, "another's context");
    ok(acse_release_decode(hex("6200"), &l) && !l.has_reason && !l.response, "an empty RLRQ");
    i = (struct xdlms_initiate){ .dedicated_key = bytes_of_text("0123456789ABCDEF"), .no_response = true, .has_quality = true, .quality = -3, .version = 6, .conformance = XDLMS_GET | XDLMS_SET, .pdu_max = 1200 };
    xdlms_initiate_encode(&w, &i);
    ok(xdlms_initiate_decode(writer_bytes(&w), &back) && back.no_response && back.quality == -3 && back.conformance == 0x18 && bytes_equal(back.dedicated_key, i.dedicated_key), "every option of the InitiateRequest");
    ok(xdlms_initiate_decode(hex("0800065F040000101D03E80007"), &back) && back.short_tag && back.conformance == 0x101D, "the short conformance tag");
    is_text(xdlms_conformance_name(23), "action");
    is_text(acse_mechanism_name(ACSE_MECHANISM_ABSENT), "?");
}

int main(void)
{
    test_all_fields();
    test_refusal();
    test_odd();
    return tap_done();
}
