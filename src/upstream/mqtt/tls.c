/* Certificates and keys from PEM texts; see tls.h. */
#include "upstream/mqtt/tls.h"
#include "people/certificates.h"
#include "store/upward/mqtt.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1; /* a key that asks for one is refused instead of waiting at a terminal */
}

static X509 *next_certificate(BIO *from)
{
    return PEM_read_bio_X509(from, NULL, no_password, NULL);
}

static BIO *over(const char *pem)
{
    return BIO_new_mem_buf(pem, -1);
}

/* How many certificates the text holds; each is trusted by the store, if one is given. */
static int read_authorities(const char *pem, X509_STORE *store)
{
    BIO *from = over(pem);
    int count = 0;
    for (X509 *one; (one = next_certificate(from)); count++) {
        if (store)
            X509_STORE_add_cert(store, one);
        X509_free(one);
    }
    BIO_free(from);
    ERR_clear_error(); /* the end of the text is an error of its own */
    return count;
}

bool mqtt_certificates_valid(const char *pem)
{
    return read_authorities(pem, NULL) > 0;
}

/* The first certificate is ours, those behind it lead to its authority. */
static bool use_certificate(SSL_CTX *tls, const char *pem)
{
    BIO *from = over(pem);
    X509 *own = next_certificate(from), *more;
    bool good = own && SSL_CTX_use_certificate(tls, own) == 1;
    X509_free(own);
    while (good && (more = next_certificate(from)))
        if (SSL_CTX_add0_chain_cert(tls, more) != 1) {
            X509_free(more);
            good = false;
        }
    BIO_free(from);
    ERR_clear_error();
    return good;
}

static bool use_key(SSL_CTX *tls, const char *pem)
{
    BIO *from = over(pem);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(from, NULL, no_password, NULL);
    bool good = key && SSL_CTX_use_PrivateKey(tls, key) == 1 && SSL_CTX_check_private_key(tls) == 1;
    EVP_PKEY_free(key);
    BIO_free(from);
    ERR_clear_error();
    return good;
}

bool mqtt_pair_valid(const char *certificate, const char *key)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    bool good = tls && use_certificate(tls, certificate) && use_key(tls, key);
    SSL_CTX_free(tls);
    return good;
}

static bool set_version(SSL_CTX *tls, const char *security)
{
    static const struct {
        const char *name;
        int oldest;
    } versions[] = { { "tls1.1", TLS1_1_VERSION }, { "tls1.2", TLS1_2_VERSION }, { "tls1.3", TLS1_3_VERSION } };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (strcmp(versions[i].name, security) == 0) {
            if (versions[i].oldest == TLS1_1_VERSION) /* its SHA-1 signatures are below OpenSSL's usual level */
                SSL_CTX_set_cipher_list(tls, "DEFAULT@SECLEVEL=0");
            return SSL_CTX_set_min_proto_version(tls, versions[i].oldest) == 1;
        }
    return false;
}

/* The certificate must be the address's: its IP or its name. */
static void expect_name(SSL_CTX *tls, const char *address)
{
    struct in6_addr any;
    X509_VERIFY_PARAM *expect = SSL_CTX_get0_param(tls);
    if (inet_pton(AF_INET, address, &any) == 1 || inet_pton(AF_INET6, address, &any) == 1)
        X509_VERIFY_PARAM_set1_ip_asc(expect, address);
    else
        X509_VERIFY_PARAM_set1_host(expect, address, 0);
}

static bool set_trust(SSL_CTX *tls, const struct mqtt_link_options *o)
{
    SSL_CTX_set_verify(tls, o->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (!o->verify)
        return true;
    expect_name(tls, o->address);
    return *o->authority ? read_authorities(o->authority, SSL_CTX_get_cert_store(tls)) > 0 : SSL_CTX_set_default_verify_paths(tls) == 1;
}

SSL_CTX *mqtt_tls_new(const struct mqtt_link_options *o, enum mqtt_why *why)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    *why = !tls || !set_version(tls, o->security) ? MQTT_BAD_VERSION
         : !set_trust(tls, o) ? MQTT_BAD_AUTHORITY
         : *o->certificate && !(use_certificate(tls, o->certificate) && use_key(tls, o->key)) ? MQTT_BAD_PAIR : MQTT_FINE;
    if (*why == MQTT_FINE)
        return tls;
    SSL_CTX_free(tls);
    return NULL;
}

/* ---- in the list of certificates ---- */

struct listing {
    certificate_kept_fn *each;
    void *context;
};

static bool list_broker(void *context, const struct store_broker *b)
{
    const struct listing *l = context;
    char which[400];
    snprintf(which, sizeof which, "%s:%d %s", b->address, b->port, b->device);
    bool used = b->enabled && strcmp(b->security, "none") != 0;
    l->each(l->context, &(struct certificate_kept){ b->project, b->id, "certificate", which, b->certificate, used });
    l->each(l->context, &(struct certificate_kept){ b->project, b->id, "authority", which, b->authority, used && b->verify });
    return true;
}

static enum fault list_brokers(struct store *s, certificate_kept_fn *each, void *context)
{
    return store_brokers(s, 0, list_broker, &(struct listing){ each, context });
}

CERTIFICATE_OWNER(mqtt) = { "mqtt", { { "Брокер MQTT", "MQTT broker" } }, list_brokers };
