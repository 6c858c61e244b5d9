/* The box's own certificate; see certificate.h. */
#include "box/certificate.h"
#include "link/certificate.h"
#include "people/certificates.h"
#include "store/box/form_json.h"

#include <openssl/ec.h>
#include <stdatomic.h>

static const char form_name[] = "box.certificate";
static _Atomic(const char *) given;

static bool make(const char *name, struct arena *a, const char **ret_certificate, const char **ret_key)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    bool good = key && certificate_make(key, EVP_sha256(), name, NULL, a, ret_certificate, ret_key);
    EVP_PKEY_free(key);
    return good;
}

static bool keep(struct store *s, const struct vault *v, const char *certificate, const char *key, int64_t revision, struct arena *a)
{
    json_t *form = json_pack("{s:s,s:s}", "certificate", certificate, "key", vault_seal(v, key, a));
    return store_form_write(s, form_name, form, revision) == FAULT_NONE;
}

bool box_certificate(struct store *s, const struct vault *v, const char *name, struct arena *a, const char **ret_certificate, const char **ret_key)
{
    const char *certificate, *key;
    int64_t revision;
    json_t *form;
    if (store_form_read(s, form_name, &form, &revision) != FAULT_NONE)
        return false;
    certificate = json_string_value(json_object_get(form, "certificate"));
    key = json_string_value(json_object_get(form, "key"));
    key = key ? vault_unseal(v, key, a) : NULL;
    bool has = certificate && key;
    if (has) {
        *ret_certificate = arena_text(a, bytes_of_text(certificate));
        *ret_key = key;
    }
    json_decref(form);
    return has || (make(name, a, ret_certificate, ret_key) && keep(s, v, *ret_certificate, *ret_key, revision, a));
}

/* ---- in the list of certificates ---- */

void box_certificate_given(const char *certificate)
{
    atomic_store(&given, certificate);
}

static enum fault list_own(struct store *s, certificate_kept_fn *each, void *context)
{
    const char *pem = atomic_load(&given);
    json_t *form = NULL;
    int64_t revision;
    enum fault fault = pem ? FAULT_NONE : store_form_read(s, form_name, &form, &revision);
    if (!pem && fault == FAULT_NONE)
        pem = json_string_value(json_object_get(form, "certificate"));
    each(context, &(struct certificate_kept){ .part = "certificate", .which = "", .pem = pem ? pem : "", .used = true });
    json_decref(form);
    return fault;
}

CERTIFICATE_OWNER(web) = { "web", { { "Веб-сервер (HTTPS) и другие серверы с TLS", "Web server (HTTPS) and other servers with TLS" } }, list_own };
