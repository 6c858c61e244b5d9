/* Self-signed certificates; see certificate.h. */
#include "link/certificate.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { YEARS = 20, DAY_S = 86400 };

static bool add_extension(X509 *c, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool good = e && X509_add_ext(c, e, -1);
    X509_EXTENSION_free(e);
    return good;
}

static X509 *certificate_of(EVP_PKEY *key, const EVP_MD *digest, const char *name, const char *usage)
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
                add_extension(c, NID_basic_constraints, "critical,CA:FALSE") && (!usage || add_extension(c, NID_key_usage, usage)) &&
                add_extension(c, NID_ext_key_usage, "serverAuth") && X509_sign(c, key, digest);
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

bool certificate_make(EVP_PKEY *key, const EVP_MD *digest, const char *name, const char *usage, struct arena *a, const char **ret_certificate,
                      const char **ret_key)
{
    X509 *c = certificate_of(key, digest, name, usage);
    BIO *one = BIO_new(BIO_s_mem()), *other = BIO_new(BIO_s_mem());
    bool good = c && PEM_write_bio_X509(one, c) && PEM_write_bio_PKCS8PrivateKey(other, key, NULL, NULL, 0, NULL, NULL);
    if (good) {
        *ret_certificate = text_of(one, a);
        *ret_key = text_of(other, a);
    }
    BIO_free(one);
    BIO_free(other);
    X509_free(c);
    return good;
}
