/* DLMS over TCP and UDP; see dlms_wrapper.h. */
#include "wire/dlms_wrapper.h"

bool wrapper_decode(struct bytes packet, struct wrapper_packet *ret)
{
    struct cursor c = cursor_over(packet);
    uint16_t version = take_be16(&c), from = take_be16(&c), to = take_be16(&c), length = take_be16(&c);
    struct bytes apdu = take_bytes(&c, length);
    if (version != WRAPPER_VERSION || !cursor_done(&c))
        return false;
    *ret = (struct wrapper_packet){ .from = from, .to = to, .apdu = apdu };
    return true;
}

void wrapper_encode(struct writer *w, const struct wrapper_packet *p)
{
    if (p->apdu.size > UINT16_MAX) {
        w->failed = true;
        return;
    }
    put_be16(w, WRAPPER_VERSION);
    put_be16(w, p->from);
    put_be16(w, p->to);
    put_be16(w, p->apdu.size);
    put_bytes(w, p->apdu);
}

/* False when no packet can start with these bytes, however few they are. */
static bool may_start(struct bytes b)
{
    if (b.data[0] != 0 || (b.size > 1 && b.data[1] != WRAPPER_VERSION))
        return false;
    return b.size < WRAPPER_HEADER || b.data[6] || b.data[7];
}

struct frame_found wrapper_find(struct bytes received, void *context)
{
    (void)context;
    size_t i = 0;
    while (i < received.size && !may_start(bytes_part(received, i, received.size)))
        i++;
    size_t left = received.size - i;
    if (left < WRAPPER_HEADER)
        return (struct frame_found){ .state = FRAME_PARTIAL, .start = i, .size = WRAPPER_HEADER };
    size_t size = WRAPPER_HEADER + ((size_t)received.data[i + 6] << 8 | received.data[i + 7]);
    return (struct frame_found){ .state = left < size ? FRAME_PARTIAL : FRAME_WHOLE, .start = i, .size = size };
}
