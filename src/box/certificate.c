/* The box's own certificate; see certificate.h. */
#include "box/certificate.h"
#include "store/form_json.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS = 20, DAY_S = 86400 };

static const char form_name[] = "box.certificate";

static bool add_extension(X509 *c, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool good = e && X509_add_ext(c, e, -1);
    X509_EXTENSION_free(e);
    return good;
}

static X509 *certificate_of(EVP_PKEY *key, const char *name)
{
    uint64_t serial;
    X509 *c = X509_new();
    X509_NAME *subject = X509_get_subject_name(c);
    RAND_bytes((unsigned char *)&serial, sizeof serial);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(c), serial >> 1 | 1);
    X509_gmtime_adj(X509_getm_notBefore(c), -DAY_S);
    X509_time_adj_ex(X509_getm_notAfter(c), YEARS * 365, 0, NULL);
    bool good = X509_set_version(c, X509_VERSION_3) && X509_set_pubkey(c, key) &&
                X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) && X509_set_issuer_name(c, subject) &&
                add_extension(c, NID_basic_constraints, "critical,CA:FALSE") && add_extension(c, NID_ext_key_usage, "serverAuth") && X509_sign(c, key, EVP_sha256());
    if (good)
        return c;
    X509_free(c);
    return NULL;
}

static const char *text_of(BIO *b, struct arena *a)
{
    char *data;
    long size = BIO_get_mem_data(b, &data);
    return arena_text(a, bytes_of(data, (size_t)size));
}

static bool make(const char *name, struct arena *a, const char **ret_certificate, const char **ret_key)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *c = key ? certificate_of(key, name) : NULL;
    BIO *one = BIO_new(BIO_s_mem()), *other = BIO_new(BIO_s_mem());
    bool good = c && PEM_write_bio_X509(one, c) && PEM_write_bio_PKCS8PrivateKey(other, key, NULL, NULL, 0, NULL, NULL);
    if (good) {
        *ret_certificate = text_of(one, a);
        *ret_key = text_of(other, a);
    }
    BIO_free(one);
    BIO_free(other);
    X509_free(c);
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
