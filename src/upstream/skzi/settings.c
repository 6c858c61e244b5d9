/* The certificate of the СКЗИ port; see settings.h. */
#include "upstream/skzi/settings.h"
#include "people/certificates.h"
#include "store/box/form_json.h"
#include "upstream/servers.h"

static const char form_name[] = "box.skzi";

enum fault skzi_identity_read(struct store *s, const struct vault *v, struct arena *a, struct skzi_identity *ret)
{
    json_t *form;
    *ret = (struct skzi_identity){ .certificate = "", .key = "" };
    enum fault fault = store_form_read(s, form_name, &form, &ret->revision);
    if (fault != FAULT_NONE)
        return fault;
    const char *key = vault_unseal(v, form_text(form, "key"), a);
    ret->given = form_bool(form, "given", false);
    ret->certificate = arena_text(a, bytes_of_text(form_text(form, "certificate")));
    ret->key = key ? key : "";
    json_decref(form);
    return FAULT_NONE;
}

enum fault skzi_identity_write(struct store *s, const struct vault *v, const struct skzi_identity *i)
{
    struct arena a = { 0 };
    json_t *form = json_pack("{s:b,s:s,s:s}", "given", (int)i->given, "certificate", i->certificate, "key", vault_seal(v, i->key, &a));
    enum fault fault = store_form_write(s, form_name, form, i->revision);
    arena_free(&a);
    return fault;
}

static enum fault list_own(struct store *s, certificate_kept_fn *each, void *context)
{
    json_t *form = NULL;
    int64_t revision;
    struct server_setting row;
    enum fault fault = store_form_read(s, form_name, &form, &revision);
    if (fault == FAULT_NONE)
        each(context, &(struct certificate_kept){ .part = "certificate", .which = "", .pem = form_text(form, "certificate"), .used = server_wanted(s, SERVER_SKZI, &row) });
    json_decref(form);
    return fault;
}

CERTIFICATE_OWNER(skzi) = { "skzi", { { "Основной порт СКЗИ", "Port of GOST TLS" } }, list_own };
