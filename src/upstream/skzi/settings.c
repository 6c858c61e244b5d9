/* The certificate of the СКЗИ port; see settings.h. */
#include "upstream/skzi/settings.h"
#include "store/box/form_json.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <time.h>

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

static bool time_of(const ASN1_TIME *t, char ret[24])
{
    struct tm tm;
    return ASN1_TIME_to_tm(t, &tm) == 1 && strftime(ret, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0;
}

bool skzi_certificate_look(const char *certificate, struct skzi_certificate *ret)
{
    BIO *bio = BIO_new_mem_buf(certificate, -1), *name = BIO_new(BIO_s_mem());
    X509 *c = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    *ret = (struct skzi_certificate){ .subject = "" };
    bool good = c && X509_digest(c, EVP_sha256(), hash, &size) == 1 && time_of(X509_get0_notBefore(c), ret->not_before) && time_of(X509_get0_notAfter(c), ret->not_after) &&
                X509_NAME_print_ex(name, X509_get_subject_name(c), 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0;
    if (good) {
        struct text subject = text_over(ret->subject, sizeof ret->subject), print = text_over(ret->fingerprint, sizeof ret->fingerprint);
        char *words;
        long length = BIO_get_mem_data(name, &words);
        text_put_foreign(&subject, bytes_of(words, (size_t)length));
        for (unsigned i = 0; i < size; i++)
            text_printf(&print, "%02x", hash[i]);
    }
    X509_free(c);
    BIO_free(name);
    BIO_free(bio);
    ERR_clear_error();
    return good;
}
