/* Any bytes through the HDLC and wrapper finders and decoders; what decodes must encode to the same bytes. */
#include "wire/dlms_wrapper.h"
#include "wire/hdlc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void walk(struct bytes b, frame_finder *find)
{
    while (b.size) {
        struct frame_found found = find(b, NULL);
        check(found.start <= b.size && found.size > 0);
        if (found.state == FRAME_PARTIAL) {
            check(found.start + found.size > b.size);
            return;
        }
        check(found.size <= b.size - found.start);
        struct bytes frame = bytes_part(b, found.start, found.size);
        struct hdlc_frame f;
        if (find == hdlc_find)
            check((hdlc_decode(frame, &f) == HDLC_OK) == (found.state == FRAME_WHOLE));
        b = bytes_part(b, found.start + found.size, b.size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[HDLC_FRAME_MAX + 16];
    struct bytes b = bytes_of(data, size);
    struct hdlc_frame f;
    struct hdlc_parameters p;
    struct hdlc_reject r;
    walk(b, hdlc_find);
    walk(b, wrapper_find);
    (void)hdlc_reject_decode(b, &r);
    if (hdlc_parameters_decode(b, &p))
        (void)hdlc_parameters_agree(&p, &p);
    if (size && data[0] == 0x7E && hdlc_decode(b, &f) == HDLC_OK && f.control.kind != HDLC_UNKNOWN) {
        struct writer w = writer_over(memory, sizeof memory);
        hdlc_encode(&w, &f);
        check(!w.failed && writer_size(&w) == size);
    }
    return 0;
}
