/* Finding and decoding of RTU-327 on any bytes; what decodes must encode to the same bytes. */
#include "wire/rtu327.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_request(const struct rtu327_frame *f)
{
    struct rtu327_request r, again;
    uint8_t memory[64];
    if (!rtu327_take_request(f->code, f->data, &r))
        return;
    struct writer w = writer_over(memory, sizeof memory);
    rtu327_put_request(&w, &r);
    check(bytes_equal(writer_bytes(&w), f->data));
    check(rtu327_take_request(r.command, writer_bytes(&w), &again));
}

static void check_frame(struct bytes frame)
{
    static uint8_t memory[RTU327_FRAME_MAX];
    struct rtu327_frame f, again;
    if (!rtu327_decode(frame, &f))
        return;
    check_request(&f);
    struct writer w = writer_over(memory, sizeof memory);
    rtu327_encode(&w, &f);
    check(rtu327_decode(writer_bytes(&w), &again) && again.code == f.code && again.number == f.number && bytes_equal(again.data, f.data));
}

/* Bodies of answers: whatever was read is written to as many bytes. */
static void check_answers(struct bytes b)
{
    uint8_t memory[512];
    struct writer w = writer_over(memory, sizeof memory);
    struct cursor c = cursor_over(b);
    struct rtu327_frozen f = rtu327_take_frozen(&c);
    if (!c.failed) {
        rtu327_put_frozen(&w, &f);
        check(writer_bytes(&w).size == RTU327_FROZEN_SIZE && memcmp(memory, b.data, RTU327_NUMBER_DIGITS) == 0);
    }
    c = cursor_over(b);
    rtu327_take_parameters(&c);
    c = cursor_over(b);
    rtu327_take_version(&c);
    c = cursor_over(b);
    struct decimal values[RTU327_TESTS];
    struct rtu327_tests_head t = rtu327_take_tests_head(&c);
    while (cursor_left(&c))
        rtu327_take_tests(&c, t.bits, values);
    c = cursor_over(b);
    rtu327_take_profile_head(&c);
    while (cursor_left(&c))
        rtu327_take_channels(&c, b.data[0], values), cursor_skip(&c, 1);
    c = cursor_over(b);
    while (cursor_left(&c))
        rtu327_take_event(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    size_t most = data[0];
    struct bytes b = bytes_of(data + 1, size - 1);
    for (int limited = 0; limited < 2; limited++) {
        struct frame_found f = rtu327_find(b, limited ? &most : NULL);
        bool there = f.state != FRAME_PARTIAL;
        check(f.start <= b.size && (!there || f.size <= b.size - f.start));
        check(!limited || !there || f.size <= most + RTU327_AROUND);
        check(f.state != FRAME_WHOLE || rtu327_decode(bytes_part(b, f.start, f.size), &(struct rtu327_frame){ 0 }));
        rtu327_number(bytes_part(b, f.start, b.size));
    }
    check_frame(b);
    check_request(&(struct rtu327_frame){ .code = data[0], .data = b });
    check_answers(b);
    return 0;
}
