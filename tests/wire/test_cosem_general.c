/* Exception, notifications, Access, general block transfer and gateway, both directions. */
#include "tap.h"
#include "base/text.h"
#include "wire/cosem_general.h"

static uint8_t memory[512], again[512];

static struct bytes hex(const char *text)
{
    long size = hex_parse(text, memory, sizeof memory);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

/* Decodes, encodes to the same bytes, and refuses every cut. */
#define SAME(kind, text, check)                                                                                       \
    do {                                                                                                              \
        struct cosem_##kind x, cut;                                                                                   \
        struct bytes b = hex(text);                                                                                   \
        struct writer w = writer_over(again, sizeof again);                                                           \
        ok(cosem_##kind##_decode(b, &x) && (check), #kind);                                                           \
        cosem_##kind##_encode(&w, &x);                                                                                \
        ok(bytes_equal(writer_bytes(&w), b), #kind " and back");                                                      \
        ok(!cosem_##kind##_decode(bytes_of(b.data, b.size - 1), &cut), #kind " cut");                                 \
    } while (0)

int main(void)
{
    SAME(exception, "D80201", x.state == 2 && x.service == 1);
    SAME(exception, "D8010600000029", x.counter == 41);
    SAME(event, "C2 01 0C 07EA0911040C0F0600FF4C00 0003 0100010800FF 02 1107", x.has_time && x.time.size == 12 && x.reference.class_id == 3);
    SAME(event, "C2 00 0003 0100010800FF 02 1107", !x.has_time);
    SAME(notification, "0F 00000001 0C 07EA0911040C0F0600FF4C00 0202 1107 1108", (x.invoke & COSEM_LONG_INVOKE_ID) == 1 && x.time.size == 12);
    SAME(access_request, "D9 40000001 00 02 04 0007 0100630100FF 02 02 0204 0600000001 0600000002 120001 120000 03 0046 000060030AFF 01 02 00 0F00", x.specs.count == 2);
    SAME(access_response, "DA 40000001 00 01 01 01 0008 0000010000FF 02 01 00 01 0103", x.has_specs && x.results.count == 1);
    SAME(transfer, "E0 C3 0001 0002 03 C00100", x.last && x.streaming && x.window == 3 && x.number == 1 && x.acknowledged == 2 && x.raw.size == 3);
    SAME(transfer, "E0 80 0001 0000 00", x.last && x.window == 0);
    struct cosem_gateway g;
    struct writer w = writer_over(again, sizeof again);
    struct bytes b = hex("E7 05 02 AABB D80201");
    ok(cosem_gateway_decode(b, &g) && g.response && g.network == 5 && g.address.size == 2 && g.apdu.size == 3, "gateway");
    cosem_gateway_encode(&w, &g);
    ok(bytes_equal(writer_bytes(&w), b), "gateway and back");
    ok(!cosem_gateway_decode(hex("E6 05 02 AABB"), &g), "a gateway header with nothing behind it");
    struct cosem_notification n;
    ok(!cosem_notification_decode(hex("0F 00000001 05 07EA091104 1107"), &n), "a time of five bytes");
    is_text(cosem_exception_service_text(6, LANG_EN), "invocation counter error");
    is_text(cosem_exception_state_text(9, LANG_EN), "unknown code");
    return tap_done();
}
