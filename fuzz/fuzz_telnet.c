/* Any bytes through the telnet decoder: however they are cut, the same pieces come out; what is data goes through writing and
 * reading unchanged. */
#include "wire/telnet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 4096 };

static void check(bool good)
{
    if (!good)
        abort();
}

struct found {
    uint8_t bytes[MOST]; /* data, and every other piece as a mark of its kind and content */
    size_t size;
};

static void add(struct found *f, struct bytes b)
{
    check(b.size <= sizeof f->bytes - f->size);
    if (b.size)
        memcpy(f->bytes + f->size, b.data, b.size);
    f->size += b.size;
}

static void take(struct telnet *t, struct bytes in, struct found *f)
{
    struct telnet_piece p;
    while (telnet_next(t, &in, &p)) {
        check(p.kind != TELNET_DATA || p.data.size > 0);
        check(p.kind != TELNET_COMMAND || p.data.size <= TELNET_VALUE_MAX);
        if (p.kind == TELNET_OPTION)
            add(f, bytes_of((uint8_t[]){ p.verb, p.option }, 2));
        add(f, p.data);
    }
    check(in.size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct found whole, parts, back;
    static uint8_t memory[2 * MOST];
    whole.size = parts.size = back.size = 0;
    if (size > MOST)
        return 0;
    struct telnet one = { 0 }, many = { 0 }, again = { 0 };
    struct bytes all = bytes_of(data, size);
    (void)telnet_recognise(bytes_part(all, 0, TELNET_FIRST_MAX));
    take(&one, all, &whole);
    for (size_t at = 0; at < size; at += 1 + at % 7)
        take(&many, bytes_part(all, at, 1 + at % 7), &parts);
    check(bytes_equal(bytes_of(whole.bytes, whole.size), bytes_of(parts.bytes, parts.size)));
    struct writer w = { .start = memory, .at = memory, .end = memory + sizeof memory };
    telnet_put_data(&w, all);
    check(!w.failed);
    take(&again, bytes_of(memory, (size_t)(w.at - memory)), &back);
    check(bytes_equal(bytes_of(back.bytes, back.size), all));
    return 0;
}
