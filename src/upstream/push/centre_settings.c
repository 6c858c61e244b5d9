/* The form of the head-end; see centre_settings.h. */
#include "upstream/push/centre_settings.h"
#include "people/certificates.h"
#include "store/box/form_json.h"

#include <stdio.h>
#include <stdlib.h>

static const char form_name[] = "push.centre";

const char *const centre_security_names[CENTRE_SECURITIES + 1] = { [CENTRE_TLS] = "tls", [CENTRE_PLAIN] = "none" };

static void take(const json_t *form, const struct vault *v, struct arena *a, struct centre_settings *c)
{
    const char *secret = vault_unseal(v, form_text(form, "key"), a);
    c->enabled = json_is_true(json_object_get(form, "enabled"));
    c->security = strcmp(form_text(form, "security"), "none") == 0 ? CENTRE_PLAIN : CENTRE_TLS;
    c->authority = arena_text(a, bytes_of_text(form_text(form, "authority")));
    c->code.port = (int)json_integer_value(json_object_get(form, "port"));
    c->code.gateway = json_integer_value(json_object_get(form, "gateway"));
    FORM_TAKE(c->code.host, form, "host");
    FORM_TAKE(c->interface, form, "interface");
    FORM_TAKE(c->code.pin, form, "pin");
    snprintf(c->code.secret, sizeof c->code.secret, "%s", secret ? secret : "");
}

enum fault centre_settings_get(struct store *s, const struct vault *v, struct arena *a, struct centre_settings *ret)
{
    struct centre_settings c = { .authority = "", .code.port = PUSH_PORT };
    json_t *form = NULL;
    enum fault fault = store_form_read(s, form_name, &form, &c.revision);
    if (form)
        take(form, v, a, &c);
    json_decref(form);
    if (fault == FAULT_NONE)
        *ret = c;
    return fault;
}

enum fault centre_settings_put(struct store *s, const struct vault *v, const struct centre_settings *c)
{
    struct arena a = { 0 };
    json_t *form = json_pack("{s:b,s:s,s:i,s:I,s:s,s:s,s:s,s:s,s:s}", "enabled", c->enabled, "host", c->code.host, "port", c->code.port,
                             "gateway", (json_int_t)c->code.gateway, "key", vault_seal(v, c->code.secret, &a), "pin", c->code.pin,
                             "security", centre_security_names[c->security], "authority", c->authority, "interface", c->interface);
    enum fault fault = store_form_write(s, form_name, form, c->revision);
    arena_wipe(&a);
    return fault;
}

static enum fault list_authority(struct store *s, certificate_kept_fn *each, void *context)
{
    json_t *form = NULL;
    int64_t revision;
    enum fault fault = store_form_read(s, form_name, &form, &revision);
    bool used = form_bool(form, "enabled", false) && strcmp(form_text(form, "security"), centre_security_names[CENTRE_PLAIN]) != 0;
    if (fault == FAULT_NONE)
        each(context, &(struct certificate_kept){ .part = "authority", .which = form_text(form, "host"), .pem = form_text(form, "authority"), .used = used });
    json_decref(form);
    return fault;
}

CERTIFICATE_OWNER(centre) = { "centre", { { "Передача в центр", "Delivery to the head-end" } }, list_authority };
