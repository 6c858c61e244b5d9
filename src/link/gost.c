/* The engine "gost"; see gost.h. Engines are deprecated in OpenSSL 3, but what Debian 12 has as a provider makes no keys. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "link/gost.h"
#include "link/certificate.h"

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static void say_why(struct text *why)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    text_put(why, reason ? reason : "engine");
    ERR_clear_error();
}

/* Once begun it stays: the process ends with it. */
bool gost_begin(struct text *why)
{
    ENGINE_load_dynamic();
    ENGINE *e = ENGINE_by_id("gost");
    bool good = e && ENGINE_init(e) == 1 && ENGINE_set_default(e, ENGINE_METHOD_ALL & ~(unsigned)ENGINE_METHOD_RAND) == 1;
    if (!good)
        say_why(why);
    ENGINE_free(e);
    return good;
}

bool gost_certificate_make(const char *name, struct arena *a, const char **ret_certificate, const char **ret_key)
{
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_id(NID_id_GostR3410_2012_256, NULL);
    EVP_PKEY *key = NULL;
    bool good = making && EVP_PKEY_keygen_init(making) == 1 && EVP_PKEY_CTX_ctrl_str(making, "paramset", "TCB") == 1 && EVP_PKEY_keygen(making, &key) == 1 &&
                certificate_make(key, EVP_get_digestbynid(NID_id_GostR3411_2012_256), name, "critical,digitalSignature,keyAgreement,keyEncipherment", a,
                                 ret_certificate, ret_key);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(making);
    return good;
}

bool gost_certificate_is(const char *certificate)
{
    BIO *bio = BIO_new_mem_buf(certificate, -1);
    X509 *own = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    ASN1_OBJECT *kind = NULL;
    int nid = own && X509_PUBKEY_get0_param(&kind, NULL, NULL, NULL, X509_get_X509_PUBKEY(own)) == 1 ? OBJ_obj2nid(kind) : NID_undef;
    X509_free(own);
    BIO_free(bio);
    ERR_clear_error();
    return nid == NID_id_GostR3410_2012_256 || nid == NID_id_GostR3410_2012_512;
}
