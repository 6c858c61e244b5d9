/* Any bytes through the data reader and the service decoders; services that decode must encode, and decode again to an
 * equal encoding. */
#include "wire/cosem_general.h"
#include "wire/dlms_security.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

#define ENCODED_AS(name)                                                                                              \
    do {                                                                                                              \
        struct cosem_##name x;                                                                                        \
        if (cosem_##name##_decode(b, &x)) {                                                                           \
            cosem_##name##_encode(&w, &x);                                                                            \
            return writer_bytes(&w);                                                                                  \
        }                                                                                                             \
    } while (0)

static struct bytes again(struct bytes b, uint8_t *memory, size_t room)
{
    struct writer w = writer_over(memory, room);
    struct dlms_ciphered ciphered;
    struct dlms_signed sign;
    ENCODED_AS(request);
    ENCODED_AS(response);
    ENCODED_AS(exception);
    ENCODED_AS(event);
    ENCODED_AS(notification);
    ENCODED_AS(access_request);
    ENCODED_AS(access_response);
    ENCODED_AS(transfer);
    ENCODED_AS(gateway);
    ENCODED_AS(range);
    ENCODED_AS(entries);
    if (dlms_ciphered_decode(b, &ciphered))
        dlms_ciphered_encode(&w, &ciphered);
    else if (dlms_signed_decode(b, &sign))
        dlms_signed_encode(&w, &sign);
    return writer_bytes(&w);
}

/* Reads everything as data; a slice and a skip must agree about where plain elements end. */
static void read_data(struct bytes b)
{
    struct cosem_reader r = cosem_reader_over(b);
    while ((r.depth || cursor_left(&r.in)) && !cosem_failed(&r)) {
        struct cosem_data d = cosem_take(&r);
        struct cosem_date_time t;
        struct decimal value;
        if (cosem_date_time(&d, &t))
            (void)cosem_date_time_wall(&t);
        (void)cosem_decimal(&d, &value);
    }
    struct cosem_reader skip = cosem_reader_over(b);
    struct cursor slice = cursor_over(b);
    cosem_skip(&skip);
    struct bytes element = take_cosem_slice(&slice);
    if (!cosem_failed(&skip))
        check(element.size == (size_t)(skip.in.at - b.data));
    struct cosem_reader columns = cosem_reader_over(b), scaler = columns;
    (void)cosem_take_column(&columns);
    (void)cosem_take_scaler(&scaler);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t first[70000], second[70000];
    struct bytes b = bytes_of(data, size);
    read_data(b);
    struct bytes once = again(b, first, sizeof first);
    check(bytes_equal(once, again(once, second, sizeof second)));
    return 0;
}
