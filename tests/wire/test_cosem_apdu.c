/* GET, SET and ACTION: every form in both directions, those without a capture by the grammar; selective access. */
#include "tap.h"
#include "base/civil.h"
#include "base/text.h"
#include "wire/cosem_apdu.h"

static uint8_t memory[1024], again[1024];

static struct bytes hex(const char *text)
{
    long size = hex_parse(text, memory, sizeof memory);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

static const struct {
    const char *hex;
    enum cosem_service service;
    enum cosem_form form;
} requests[] = {
    { "C001C1 0008 0000010000FF 02 00", COSEM_GET, COSEM_NORMAL },
    { "C001C1 0007 0100630100FF 02 01 02 0204 0600000003 0600000005 120001 120000", COSEM_GET, COSEM_NORMAL },
    { "C002C1 00000003", COSEM_GET, COSEM_NEXT },
    { "C003C1 02 00010000600100FF0200 00080000010000FF0200", COSEM_GET, COSEM_WITH_LIST },
    { "C101C1 0001 0100000402FF 02 00 120002", COSEM_SET, COSEM_NORMAL },
    { "C102C1 0014 00000D0000FF 07 00 00 00000001 03 010203", COSEM_SET, COSEM_FIRST_BLOCK },
    { "C103C1 01 00000002 02 0405", COSEM_SET, COSEM_BLOCK },
    { "C104C1 01 0001 0100000402FF 02 00 01 120002", COSEM_SET, COSEM_WITH_LIST },
    { "C105C1 01 0001 0100000402FF 02 00 00 00000001 01 12", COSEM_SET, COSEM_LIST_FIRST_BLOCK },
    { "C301C1 0046 000060030AFF 01 01 0F00", COSEM_ACTION, COSEM_NORMAL },
    { "C301C1 0046 000060030AFF 01 00", COSEM_ACTION, COSEM_NORMAL },
    { "C302C1 00000001", COSEM_ACTION, COSEM_NEXT },
    { "C303C1 01 0046 000060030AFF 01 01 0F00", COSEM_ACTION, COSEM_WITH_LIST },
    { "C304C1 0012 00002C0000FF 02 00 00000001 02 AABB", COSEM_ACTION, COSEM_FIRST_BLOCK },
    { "C305C1 01 0012 00002C0000FF 02 00 00000001 02 AABB", COSEM_ACTION, COSEM_LIST_FIRST_BLOCK },
    { "C306C1 01 00000002 01 CC", COSEM_ACTION, COSEM_BLOCK },
}, responses[] = {
    { "C401C1 00 0600000001", COSEM_GET, COSEM_NORMAL },
    { "C401C1 01 04", COSEM_GET, COSEM_NORMAL },
    { "C402C1 00 00000001 00 03 010203", COSEM_GET, COSEM_BLOCK },
    { "C402C1 01 00000002 01 13", COSEM_GET, COSEM_BLOCK },
    { "C403C1 02 00 1107 01 0B", COSEM_GET, COSEM_WITH_LIST },
    { "C501C1 00", COSEM_SET, COSEM_NORMAL },
    { "C502C1 00000001", COSEM_SET, COSEM_BLOCK_ACK },
    { "C503C1 00 00000002", COSEM_SET, COSEM_LAST_BLOCK },
    { "C504C1 02 00 03 00000002", COSEM_SET, COSEM_LAST_BLOCK_LIST },
    { "C505C1 02 00 0C", COSEM_SET, COSEM_WITH_LIST },
    { "C701C1 00 00", COSEM_ACTION, COSEM_NORMAL },
    { "C701C1 00 01 00 0902AABB", COSEM_ACTION, COSEM_NORMAL },
    { "C702C1 01 00000001 02 AABB", COSEM_ACTION, COSEM_BLOCK },
    { "C703C1 02 00 00 03 01 01 FA", COSEM_ACTION, COSEM_WITH_LIST },
    { "C704C1 00000001", COSEM_ACTION, COSEM_BLOCK_ACK },
};

static void test_forms(void)
{
    struct cosem_request q;
    struct cosem_response r;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct bytes b = hex(requests[i].hex);
        struct writer w = writer_over(again, sizeof again);
        ok(cosem_request_decode(b, &q) && q.service == requests[i].service && q.form == requests[i].form, "request form");
        cosem_request_encode(&w, &q);
        ok(bytes_equal(writer_bytes(&w), b), "and back");
        for (size_t size = 0; size < b.size; size++)
            if (cosem_request_decode(bytes_of(b.data, size), &q))
                ok(false, "a cut request");
        again[b.size] = 0;
        ok(!cosem_request_decode(bytes_of(again, b.size + 1), &q), "nothing may follow");
    }
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
        struct bytes b = hex(responses[i].hex);
        struct writer w = writer_over(again, sizeof again);
        ok(cosem_response_decode(b, &r) && r.service == responses[i].service && r.form == responses[i].form, "response form");
        cosem_response_encode(&w, &r);
        ok(bytes_equal(writer_bytes(&w), b), "and back");
        for (size_t size = 0; size < b.size; size++)
            if (cosem_response_decode(bytes_of(b.data, size), &r))
                ok(false, "a cut response");
    }
    struct writer w = writer_over(again, sizeof again);
    q = (struct cosem_request){ .service = COSEM_GET, .form = COSEM_BLOCK };
    cosem_request_encode(&w, &q);
    ok(w.failed, "GET has no such form");
    ok(!cosem_request_decode(hex("C009C1 00000001"), &q) && !cosem_request_decode(hex("C600C1 00"), &q), "unknown choice, unknown service");
}

static void test_fields(void)
{
    struct cosem_request q;
    struct cosem_response r;
    ok(cosem_request_decode(hex("C104C1 01 0001 0100000402FF 02 00 01 120002"), &q) && q.references.count == 1 && q.values.count == 1, "SET with list");
    struct cursor c = cursor_over(q.references.items);
    struct cosem_reference one = cosem_take_reference(&c, true);
    ok(cursor_done(&c) && one.class_id == 1 && obis_equal(one.obis, OBIS(1, 0, 0, 4, 2, 255)) && one.index == 2, "its reference");
    ok(cosem_response_decode(hex("C703C1 02 00 00 03 01 01 FA"), &r) && r.results.count == 2, "ACTION with list");
    c = cursor_over(r.results.items);
    struct cosem_action_result first = cosem_take_action_result(&c), second = cosem_take_action_result(&c);
    ok(cursor_done(&c) && !first.has_value && second.code == COSEM_READ_WRITE_DENIED && second.value.code == COSEM_OTHER_REASON, "its results");
    is_text(cosem_result_name(4), "object-undefined");
    is_text(cosem_result_text(3, LANG_RU), "доступ запрещён");
    is_text(cosem_result_text(77, LANG_EN), "unknown code");
}

static void test_selection(void)
{
    static const char column[] = "0204 12 0008 09 06 0000010000FF 0F 02 12 0000";
    struct writer w = writer_over(again, sizeof again);
    struct cosem_date_time from = cosem_date_time_of_wall(wall_parse("2026-11-20")), to = cosem_date_time_of_wall(wall_parse("2026-11-21"));
    struct cosem_range range;
    struct cosem_entries entries = { .from = 3, .to = 5, .first = 1 }, back;
    cosem_put_clock_range(&w, &from, &to);
    ok(cosem_range_decode(writer_bytes(&w), &range), "a range by the clock");
    struct cosem_date_time time;
    ok(cosem_date_time(&range.to, &time) && cosem_date_time_wall(&time) == wall_parse("2026-11-21"), "its end");
    ok(obis_equal(range.by.obis, OBIS(0, 0, 1, 0, 0, 255)) && range.columns.count == 0, "all columns");
    struct cosem_reader r = cosem_reader_over(hex(column));
    struct cosem_column one = cosem_take_column(&r);
    ok(cosem_done(&r) && one.class_id == 8 && one.attribute == 2, "a column");
    range.columns = (struct cosem_list){ .count = 1, .items = hex(column) };
    uint8_t other[256];
    w = writer_over(other, sizeof other);
    cosem_range_encode(&w, &range);
    ok(cosem_range_decode(writer_bytes(&w), &range) && range.columns.count == 1, "a range of one column");
    w = writer_over(again, sizeof again);
    cosem_entries_encode(&w, &entries);
    ok(bytes_equal(writer_bytes(&w), hex("0204 0600000003 0600000005 120001 120000")), "by entry");
    ok(cosem_entries_decode(writer_bytes(&w), &back) && back.from == 3 && back.to == 5 && back.first == 1 && back.last == 0, "and back");
    ok(!cosem_entries_decode(hex("0204 05FFFFFFFF 0600000005 120001 120000"), &back), "a negative entry");
}

int main(void)
{
    test_forms();
    test_fields();
    test_selection();
    return tap_done();
}
