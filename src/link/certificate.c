/* Self-signed certificates, and looking at any; see certificate.h. */
#include "link/certificate.h"
#include "base/text.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

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

/* ---- looking ---- */

static bool time_of(const ASN1_TIME *t, char ret[24], int64_t *ret_s)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(t, &tm) != 1 || strftime(ret, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return false;
    *ret_s = timegm(&tm);
    return true;
}

static bool words_of(X509 *c, struct certificate_words *ret)
{
    BIO *name = BIO_new(BIO_s_mem());
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int64_t begins;
    *ret = (struct certificate_words){ .subject = "" };
    bool good = X509_digest(c, EVP_sha256(), hash, &size) == 1 && time_of(X509_get0_notBefore(c), ret->not_before, &begins) &&
                time_of(X509_get0_notAfter(c), ret->not_after, &ret->ends_s) &&
                X509_NAME_print_ex(name, X509_get_subject_name(c), 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0;
    if (good) {
        struct text subject = text_over(ret->subject, sizeof ret->subject), print = text_over(ret->fingerprint, sizeof ret->fingerprint);
        char *words;
        long length = BIO_get_mem_data(name, &words);
        text_put_foreign(&subject, bytes_of(words, (size_t)length));
        for (unsigned i = 0; i < size; i++)
            text_printf(&print, "%02x", hash[i]);
    }
    BIO_free(name);
    return good;
}

static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1; /* a text that asks for one is left instead of waiting at a terminal */
}

size_t certificates_look(const char *pem, certificate_words_fn *each, void *context)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    size_t count = 0;
    bool goes_on = true;
    X509 *c;
    while (goes_on && (c = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
        struct certificate_words words;
        if (words_of(c, &words)) {
            count++;
            goes_on = each(context, &words);
        }
        X509_free(c);
    }
    BIO_free(bio);
    ERR_clear_error();
    return count;
}

static bool keep_first(void *context, const struct certificate_words *c)
{
    *(struct certificate_words *)context = *c;
    return false;
}

bool certificate_look(const char *pem, struct certificate_words *ret)
{
    return certificates_look(pem, keep_first, ret) > 0;
}
