/* APDUs through the wrapper, and what both transports share; see transport.h. */
#include "drivers/dlms/transport.h"

#include "wire/dlms_wrapper.h"

void assembly_clear(struct dlms_client *d)
{
    d->size = 0;
}

void assembly_add(struct conversation *c, struct dlms_client *d, struct bytes part)
{
    if (part.size > DLMS_APDU_MAX + HDLC_LLC_SIZE - d->size) {
        conversation_fail(c, FAULT_LIMIT, "%zu", d->size + part.size);
        return;
    }
    if (d->size + part.size > d->room) {
        size_t room = d->room ? d->room * 2 : 512;
        while (room < d->size + part.size)
            room *= 2;
        uint8_t *grown = arena_take(conversation_arena(c), room);
        if (d->size)
            memcpy(grown, d->buffer, d->size);
        d->buffer = grown;
        d->room = room;
    }
    if (part.size)
        memcpy(d->buffer + d->size, part.data, part.size);
    d->size += part.size;
}

struct bytes assembly_bytes(const struct dlms_client *d)
{
    return bytes_of(d->buffer, d->size);
}

bool transport_keep_push(struct dlms_client *d, struct bytes apdu)
{
    if (apdu.size == 0 || apdu.data[0] != XDLMS_DATA_NOTIFICATION_APDU)
        return false;
    if (apdu.size <= PUSHED_MAX && !d->ciphered) { /* in the clear it proves nothing to who asked for ciphering */
        if (!d->pushed)
            d->pushed = arena_take(d->arena, PUSHED_MAX);
        memcpy(d->pushed, apdu.data, apdu.size);
        d->pushed_size = apdu.size;
    }
    return true;
}

/* True for a plain answer with another invoke id: it was asked for before, and came after we had given up. Over HDLC the
 * numbers of the frames say so, over the wrapper only this. */
static bool is_late(const struct dlms_client *d, struct bytes apdu)
{
    if (apdu.size <= 2 || d->ciphered)
        return false; /* ciphered ones have their counter */
    uint8_t tag = apdu.data[0];
    bool numbered = tag == XDLMS_GET_RESPONSE || tag == XDLMS_SET_RESPONSE || tag == XDLMS_ACTION_RESPONSE;
    return numbered && (apdu.data[2] & COSEM_INVOKE_ID) != (d->invoke & COSEM_INVOKE_ID);
}

/* A packet of our server to our client; a notification is kept, and not an answer. */
static enum verdict judge(void *context, struct bytes packet)
{
    struct dlms_client *d = context;
    struct wrapper_packet p;
    if (!wrapper_decode(packet, &p))
        return VERDICT_NONSENSE;
    if (p.from == d->settings->logical && transport_keep_push(d, p.apdu))
        return VERDICT_STALE; /* notifications go to a client of their own */
    if (p.from != d->settings->logical || p.to != d->settings->client)
        return VERDICT_FOREIGN;
    return is_late(d, p.apdu) ? VERDICT_STALE : VERDICT_MINE;
}

struct bytes wrapper_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once)
{
    struct wrapper_packet out = {
        .from = (uint16_t)d->settings->client, .to = (uint16_t)d->settings->logical, .apdu = apdu };
    uint8_t small[512];
    size_t need = apdu.size + WRAPPER_HEADER;
    struct writer w = need <= sizeof small ? writer_over(small, sizeof small)
                                           : writer_over(arena_take(conversation_scratch(c), need), need);
    wrapper_encode(&w, &out);
    struct wrapper_packet in = { 0 };
    struct bytes packet = conversation_ask(c, &(struct question){
        .request = writer_bytes(&w), .find = wrapper_find, .judge = judge, .context = d, .tries = once ? 1 : 0 });
    if (packet.size)
        wrapper_decode(packet, &in);
    return in.apdu;
}

struct bytes transport_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once)
{
    if (conversation_fault(c))
        return bytes_of(NULL, 0);
    return d->settings->transport == DLMS_WRAPPER ? wrapper_exchange(c, d, apdu, once) : hdlc_link_exchange(c, d, apdu, once);
}
