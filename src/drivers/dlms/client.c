/* Opening and closing of the client's session; see client.h. */
#include "drivers/dlms/transport.h"

static struct hdlc_address server_address(const struct dlms_settings *s)
{
    bool wide = s->physical > 0x7F || s->logical > 0x7F;
    int32_t size = s->address_size ? s->address_size : wide ? 4 : s->physical ? 2 : 1;
    return hdlc_server((unsigned)s->logical, (unsigned)s->physical, (unsigned)size);
}

static void link_open(struct conversation *c, struct dlms_client *d)
{
    if (d->settings->transport != DLMS_HDLC)
        return;
    if (d->settings->physical > HDLC_PHYSICAL_MOST)
        conversation_fail(c, FAULT_SETTING, "physical=%d > %d", (int)d->settings->physical, HDLC_PHYSICAL_MOST);
    else
        hdlc_link_open(c, d);
}

/* The meter accepts only counters above the last it saw: ask it, as the public client, for its number (dlms.md 9.3). */
static void read_counter(struct conversation *c, struct dlms_client *d)
{
    struct dlms_settings open = *d->settings;
    open.client = 16;
    open.mechanism = ACSE_LOWEST;
    open.protection = 0;
    struct dlms_client reader = { .settings = &open, .server = d->server, .client = hdlc_client(16), .arena = d->arena };
    struct cosem_reference counter = dlms_attribute(1, OBIS(0, 0, 43, 1, (unsigned)d->settings->counter_object, 255), 2);
    link_open(c, &reader);
    association_open(c, &reader);
    struct cosem_result result = dlms_client_get(c, &reader, &counter);
    struct cosem_reader r = cosem_reader_over(result.data);
    if (!conversation_fault(c) && !result.has_data)
        dlms_client_refused(c, result.code, &counter);
    int64_t last = conversation_fault(c) ? 0 : cosem_take_integer(&r);
    if (!conversation_fault(c) && (cosem_failed(&r) || last < 0 || last >= UINT32_MAX))
        conversation_fail(c, FAULT_NONSENSE, "0.0.43.1.%d.255", d->settings->counter_object);
    d->counter = (uint32_t)last + 1;
    d->counter_end = conversation_counters(c) ? 0 : UINT32_MAX;
    association_close(c, &reader);
    hdlc_link_close(c, &reader);
}

void dlms_client_open(struct conversation *c, struct dlms_client *d, const struct dlms_settings *settings)
{
    *d = (struct dlms_client){
        .settings = settings, .server = server_address(settings), .client = hdlc_client((unsigned)settings->client),
        .agreed = hdlc_parameters_default(), .arena = conversation_arena(c),
    };
    protection_begin(c, d);
    bool counts = d->ciphered || settings->mechanism == ACSE_HLS_GMAC;
    if (counts && !conversation_fault(c))
        read_counter(c, d);
    if (!conversation_fault(c))
        link_open(c, d);
    association_open(c, d);
}

void dlms_client_close(struct conversation *c, struct dlms_client *d)
{
    association_close(c, d);
    hdlc_link_close(c, d);
}
