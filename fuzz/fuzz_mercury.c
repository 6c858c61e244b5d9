/* Finding, decoding and explaining of Меркурий frames on any bytes. The first byte chooses what is awaited. */
#include "wire/mercury.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e;
    volatile size_t sum = strlen(label) + strlen(value);
    for (size_t i = 0; i < part.size; i++)
        sum += part.data[i];
    if (depth < 0 || sum == SIZE_MAX)
        abort();
}

static void decode(struct bytes b)
{
    struct cursor c = cursor_over(b);
    mercury_take_record(&c);
    mercury_take_last(&c);
    mercury_take_variant(&c);
    mercury_take_clock(&c);
    mercury_take_time(&c);
    mercury_take_measure3(&c);
    mercury_take_measure4(&c);
    mercury_take_serial(&c);
    mercury_take_produced(&c);
    mercury_take_bits48(&c);
}

static void check_found(struct frame_found f, struct bytes b)
{
    bool whole = f.state == FRAME_WHOLE || f.state == FRAME_PERHAPS;
    if (f.start > b.size || (whole && (f.size > b.size - f.start || !mercury_sound(bytes_part(b, f.start, f.size)))))
        abort();
    if (f.state == FRAME_PARTIAL && b.size && f.size == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 2000)
        return 0;
    struct bytes b = bytes_of(data + 1, size - 1);
    struct mercury_answer wanted = { .address = data[0], .sizes = { data[0], (uint8_t)(data[0] / 2) } };
    check_found(mercury_find_answer(b, &wanted), b);
    check_found(mercury_find_request(b, NULL), b);
    /* the first half as a request, the second as its reply; checksums need not fit to be explained */
    struct bytes request = bytes_part(b, 0, b.size / 2), reply = bytes_part(b, b.size / 2, b.size);
    uint8_t sizes[MERCURY_SIZES];
    mercury_answer_sizes(request, sizes);
    struct explain e = { .line = read_line, .lang = (enum lang)(data[0] & 1) };
    mercury_explain(&e, b);
    mercury_explain_reply(&e, request, reply);
    decode(b);
    if (e.depth != 0)
        abort();
    return 0;
}
