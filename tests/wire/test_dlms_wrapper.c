/* The TCP wrapper: both directions, and a stream cut anywhere. */
#include "tap.h"
#include "wire/dlms_wrapper.h"

int main(void)
{
    uint8_t out[32];
    struct writer w = writer_over(out, sizeof out);
    struct wrapper_packet p = { .from = 16, .to = 1, .apdu = bytes_of("\xC0\x01\xC1", 3) }, back;
    wrapper_encode(&w, &p);
    struct bytes whole = writer_bytes(&w);
    ok(bytes_equal(whole, bytes_of("\0\1\0\x10\0\1\0\3\xC0\x01\xC1", 11)), "header");
    ok(wrapper_decode(whole, &back) && back.from == 16 && back.to == 1 && bytes_equal(back.apdu, p.apdu), "and back");
    ok(!wrapper_decode(bytes_part(whole, 0, 10), &back), "too short");
    for (size_t size = 0; size <= whole.size; size++) {
        struct frame_found f = wrapper_find(bytes_of(out, size), NULL);
        is_int(f.state, size < whole.size ? FRAME_PARTIAL : FRAME_WHOLE, "cut anywhere");
        is_int(f.start, 0);
    }
    memmove(out + 2, out, 11);
    memcpy(out, "\xFF\x00", 2);
    struct frame_found f = wrapper_find(bytes_of(out, 13), NULL);
    ok(f.state == FRAME_WHOLE && f.start == 2 && f.size == 11, "noise before");
    p.apdu = bytes_of(NULL, 70000);
    wrapper_encode(&w, &p);
    ok(w.failed, "too long for the header");
    return tap_done();
}
