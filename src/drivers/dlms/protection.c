/* Ciphering of the client's APDUs and its invocation counters (dlms.md 9). */
#include "drivers/dlms/transport.h"

#include <openssl/rand.h>
#include <stdio.h>

enum { COUNTER_BATCH = 1000 };

static struct bytes setting(const struct setting_bytes *b)
{
    return bytes_of(b->data, b->size);
}

void protection_begin(struct conversation *c, struct dlms_client *d)
{
    const struct dlms_settings *s = d->settings;
    d->keys = (struct dlms_keys){
        .suite = (uint8_t)s->suite,
        .encryption = setting(&s->encryption_key),
        .authentication = setting(&s->authentication_key),
        .client_title = setting(&s->client_title),
        .server_title = bytes_of(d->server_title, 0),
    };
    size_t key_size = s->suite == 2 ? 32 : 16;
    d->ciphered = s->protection != 0;
    if (!d->ciphered && s->mechanism != ACSE_HLS_GMAC)
        return;
    if (s->encryption_key.size != key_size || s->authentication_key.size != key_size || s->client_title.size != DLMS_TITLE_SIZE)
        conversation_fail(c, FAULT_SETTING, "encryption_key, authentication_key: %zu B; client_title: 8 B", key_size);
    if (s->dedicated && RAND_bytes(d->dedicated_key, (int)key_size) != 1)
        conversation_fail(c, FAULT_SECURITY, "RAND_bytes");
    if (s->dedicated)
        d->keys.dedicated = bytes_of(d->dedicated_key, key_size);
}

/* Counters live under the key they count for, so that a new key starts its own. */
static void counter_name(const struct dlms_client *d, char name[64])
{
    struct text t = text_over(name, 64);
    text_put(&t, "dlms-ic:");
    text_put_hex(&t, d->keys.client_title);
    uint32_t mark = 2166136261u; /* FNV-1a of the key: tells keys apart, tells nothing of them */
    for (size_t i = 0; i < d->keys.encryption.size; i++)
        mark = (mark ^ d->keys.encryption.data[i]) * 16777619u;
    text_printf(&t, ":%08x", mark);
}

uint32_t protection_next_counter(struct conversation *c, struct dlms_client *d)
{
    struct counters *counters = conversation_counters(c);
    if (d->counter >= d->counter_end && counters) {
        char name[64];
        counter_name(d, name);
        uint32_t first;
        if (!counters->reserve(counters, name, d->counter, COUNTER_BATCH, &first)) {
            conversation_fail(c, FAULT_STORE, "%s", name);
            return 0;
        }
        d->counter = first;
        d->counter_end = first + COUNTER_BATCH;
    }
    if (d->counter == UINT32_MAX) {
        conversation_fail(c, FAULT_SECURITY, "IC");
        return 0;
    }
    return d->counter++;
}

static uint8_t security_control(const struct dlms_client *d)
{
    int32_t p = d->settings->protection;
    return (uint8_t)(d->settings->suite | (p & 1 ? DLMS_AUTHENTICATED : 0) | (p & 2 ? DLMS_ENCRYPTED : 0));
}

static enum dlms_form form_of(const struct dlms_settings *s)
{
    if (s->general == DLMS_GENERAL_WHOLE)
        return DLMS_GENERAL_CIPHERING;
    if (s->general == DLMS_GENERAL_YES)
        return s->dedicated ? DLMS_GENERAL_DED : DLMS_GENERAL_GLO;
    return s->dedicated ? DLMS_DED : DLMS_GLO;
}

void protection_seal(struct conversation *c, struct dlms_client *d, struct bytes plain, bool glo, struct writer *w)
{
    uint32_t counter = protection_next_counter(c, d);
    enum dlms_form form = glo ? DLMS_GLO : form_of(d->settings);
    if (conversation_fault(c))
        return;
    /* Initiate is authenticated and encrypted whatever is agreed on for the rest, as captured clients do (dlms.md 9). */
    uint8_t control = glo ? (uint8_t)(d->settings->suite | DLMS_AUTHENTICATED | DLMS_ENCRYPTED) : security_control(d);
    if (dlms_seal(w, &d->keys, form, false, control, counter, plain) != DLMS_OPENED || w->failed)
        conversation_fail(c, FAULT_SECURITY, "seal");
}

static const char *opening_text(enum dlms_opening o)
{
    static const char *const texts[] = {
        [DLMS_OPENED] = "", [DLMS_BAD_SHAPE] = "shape", [DLMS_NO_KEY] = "no key",
        [DLMS_NOT_AUTHENTIC] = "not authentic", [DLMS_UNSUPPORTED] = "unsupported",
    };
    return texts[o];
}

static bool counter_accepted(struct dlms_client *d, uint32_t counter)
{
    if (d->server_counted && counter <= d->server_counter)
        return false;
    d->server_counted = true;
    d->server_counter = counter;
    return true;
}

struct bytes protection_open(struct conversation *c, struct dlms_client *d, struct bytes apdu)
{
    if (apdu.size == 0 || conversation_fault(c) || (!d->ciphered && !dlms_tag_is_ciphered(apdu.data[0])))
        return apdu;
    if (!dlms_tag_is_ciphered(apdu.data[0])) {
        /* Only refusals may come in the clear: a plain answer inside a ciphered association is somebody else's. */
        if (apdu.data[0] == XDLMS_EXCEPTION || apdu.data[0] == XDLMS_SERVICE_ERROR)
            return apdu;
        conversation_fail(c, FAULT_SECURITY, "plain %02X", apdu.data[0]);
        return bytes_of(NULL, 0);
    }
    if (apdu.size > d->plain_room) {
        d->plain_room = apdu.size * 2;
        d->plain = arena_take(conversation_arena(c), d->plain_room);
    }
    struct writer w = writer_over(d->plain, d->plain_room);
    struct dlms_ciphered head = { 0 };
    enum dlms_opening opening = dlms_open(&w, &d->keys, true, apdu, &head);
    bool weaker = opening == DLMS_OPENED && (head.control & security_control(d) & 0x30) != (security_control(d) & 0x30);
    if (opening != DLMS_OPENED || weaker)
        conversation_fail(c, FAULT_SECURITY, "%s", weaker ? "less protection than agreed" : opening_text(opening));
    else if (!counter_accepted(d, head.counter))
        conversation_fail(c, FAULT_SECURITY, "IC %u <= %u", head.counter, d->server_counter);
    return conversation_fault(c) ? bytes_of(NULL, 0) : writer_bytes(&w);
}
