/* TLS over a pipe; see tls.h. OpenSSL works on memory, this file carries the bytes: so it waits as any pipe does, and needs no more of
 * a coroutine's stack. */
#include "link/tls.h"
#include "base/arena.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <strings.h>

enum { WIRE_MAX = 4096 };

struct tls_identity {
    SSL_CTX *context;
};

/* --- the certificate ---------------------------------------------------------------------------------------------------- */

static bool take_certificates(SSL_CTX *context, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *own = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool good = own && SSL_CTX_use_certificate(context, own) == 1;
    X509_free(own);
    for (X509 *more; good && (more = PEM_read_bio_X509(bio, NULL, NULL, NULL));)
        if (SSL_CTX_add0_chain_cert(context, more) != 1) {
            X509_free(more);
            good = false;
        }
    BIO_free(bio);
    return good;
}

static bool take_key(SSL_CTX *context, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    bool good = key && SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
    EVP_PKEY_free(key);
    BIO_free(bio);
    return good;
}

static struct tls_identity *identity_new(const char *certificate, const char *key, const char *suites, struct text *why)
{
    struct tls_identity *i = memory_new(sizeof *i);
    i->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(i->context, TLS1_2_VERSION);
    SSL_CTX_set_options(i->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(i->context, SSL_MODE_RELEASE_BUFFERS);
    ERR_clear_error();
    bool suited = !suites || (SSL_CTX_set_max_proto_version(i->context, TLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(i->context, suites) == 1);
    if (!suited || !take_certificates(i->context, certificate) || !take_key(i->context, key)) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        text_put(why, reason ? reason : "certificate");
        tls_identity_free(&i);
    }
    ERR_clear_error(); /* reading on to the end of the certificates leaves one */
    return i;
}

struct tls_identity *tls_identity_new(const char *certificate, const char *key, struct text *why)
{
    return identity_new(certificate, key, NULL, why);
}

struct tls_identity *tls_identity_gost_new(const char *certificate, const char *key, struct text *why)
{
    return identity_new(certificate, key, "GOST2012-KUZNYECHIK-KUZNYECHIKOMAC:GOST2012-MAGMA-MAGMAOMAC:IANA-GOST2012-GOST8912-GOST8912", why);
}

void tls_identity_free(struct tls_identity **i)
{
    if (*i)
        SSL_CTX_free((*i)->context);
    free(*i);
    *i = NULL;
}

/* --- trust ---------------------------------------------------------------------------------------------------------------- */

struct tls_trust {
    SSL_CTX *context;
    char pin[TLS_PIN_TEXT], host[256];
};

static bool pin_of(X509 *certificate, char pin[TLS_PIN_TEXT])
{
    uint8_t hash[EVP_MAX_MD_SIZE], *der = NULL;
    unsigned size = 0;
    struct text t = text_over(pin, TLS_PIN_TEXT);
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    bool good = length > 0 && EVP_Digest(der, (size_t)length, hash, &size, EVP_sha256(), NULL) == 1;
    for (unsigned i = 0; good && i < size; i++)
        text_printf(&t, "%02x", hash[i]);
    OPENSSL_free(der);
    return good;
}

bool tls_pin_of(const char *certificate, char pin[TLS_PIN_TEXT])
{
    BIO *bio = BIO_new_mem_buf(certificate, -1);
    X509 *own = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool good = own && pin_of(own, pin);
    X509_free(own);
    BIO_free(bio);
    ERR_clear_error();
    return good;
}

static bool trust_authority(SSL_CTX *context, const char *pem)
{
    if (!*pem)
        return SSL_CTX_set_default_verify_paths(context) == 1;
    BIO *bio = BIO_new_mem_buf(pem, -1);
    int count = 0;
    for (X509 *one; (one = PEM_read_bio_X509(bio, NULL, NULL, NULL)); X509_free(one))
        count += X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one) == 1;
    BIO_free(bio);
    ERR_clear_error();
    return count > 0;
}

struct tls_trust *tls_trust_new(const char *pin, const char *authority, const char *host, struct text *why)
{
    struct tls_trust *t = memory_new(sizeof *t);
    struct text own_pin = text_over(t->pin, sizeof t->pin), own_host = text_over(t->host, sizeof t->host);
    text_put(&own_pin, pin);
    text_put(&own_host, host);
    t->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION);
    SSL_CTX_set_options(t->context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(t->context, SSL_MODE_RELEASE_BUFFERS);
    if (*pin || trust_authority(t->context, authority))
        return t;
    text_put(why, "certificate of the authority");
    tls_trust_free(&t);
    return NULL;
}

void tls_trust_free(struct tls_trust **t)
{
    if (*t)
        SSL_CTX_free((*t)->context);
    free(*t);
    *t = NULL;
}

/* --- the pipe -------------------------------------------------------------------------------------------------------------- */

struct pipe_tls {
    struct pipe pipe;
    struct pipe *below;
    SSL *ssl;
    BIO *in, *out; /* the connection's bytes; the connection owns them */
    const struct tls_trust *trust; /* of who calls; NULL: he is called */
    bool open, sending;
    uint8_t heard[WIRE_MAX], told[WIRE_MAX];
};

/* A call of OpenSSL, aside of the coroutine's stack. */
struct work {
    struct pipe_tls *tls;
    enum { WORK_GREET, WORK_READ, WORK_WRITE, WORK_LEAVE } kind;
    void *memory;
    size_t size;
    int result, error; /* error: SSL_ERROR_... of a result that is none */
};

static void work_run(void *argument)
{
    struct work *w = argument;
    SSL *ssl = w->tls->ssl;
    int size = w->size > INT32_MAX ? INT32_MAX : (int)w->size;
    ERR_clear_error();
    w->result = w->kind == WORK_GREET ? SSL_do_handshake(ssl) : w->kind == WORK_READ ? SSL_read(ssl, w->memory, size) :
                w->kind == WORK_WRITE ? SSL_write(ssl, w->memory, size) : SSL_shutdown(ssl);
    w->error = w->result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, w->result);
    ERR_clear_error();
}

/* One task at a time: who sends already takes what another has put there meanwhile. */
static enum fault send_out(struct pipe_tls *t, int64_t deadline_us)
{
    int size;
    enum fault fault = FAULT_NONE;
    if (t->sending)
        return FAULT_NONE;
    t->sending = true;
    while (fault == FAULT_NONE && (size = BIO_read(t->out, t->told, sizeof t->told)) > 0)
        fault = pipe_send(t->below, bytes_of(t->told, (size_t)size), deadline_us);
    t->sending = false;
    return fault;
}

/* More of the connection's bytes: 1; 0 at the deadline, -1 when there will be no more. */
static long take_in(struct pipe_tls *t, int64_t deadline_us)
{
    long got = pipe_receive(t->below, t->heard, sizeof t->heard, deadline_us);
    if (got <= 0)
        return got;
    return BIO_write(t->in, t->heard, (int)got) == got ? 1 : -1;
}

/* Works until there is a result: what it gave, 0 at the deadline, -1 when the way is broken or the peer does not speak TLS. */
static long work(struct work *w, int64_t deadline_us)
{
    for (;;) {
        task_aside(work_run, w);
        if (send_out(w->tls, deadline_us) != FAULT_NONE)
            return -1;
        if (w->result > 0)
            return w->result;
        if (w->error != SSL_ERROR_WANT_READ)
            return -1;
        long more = take_in(w->tls, deadline_us);
        if (more <= 0)
            return more;
    }
}

static bool has_pinned_key(const struct pipe_tls *t)
{
    char pin[TLS_PIN_TEXT] = "";
    X509 *theirs = SSL_get1_peer_certificate(t->ssl);
    bool same = theirs && pin_of(theirs, pin) && strcasecmp(pin, t->trust->pin) == 0;
    X509_free(theirs);
    return same;
}

static void say_why(const struct pipe_tls *t, bool greeted, struct text *why)
{
    long verdict = SSL_get_verify_result(t->ssl);
    text_put(why, "TLS");
    if (greeted)
        text_put(why, ": another certificate than the pinned one");
    else if (t->trust && !*t->trust->pin && verdict != X509_V_OK)
        text_printf(why, ": %s", X509_verify_cert_error_string(verdict));
}

static enum fault tls_open(struct pipe *pipe, int64_t deadline_us, struct text *why)
{
    struct pipe_tls *t = (struct pipe_tls *)pipe;
    if (t->open)
        return FAULT_NONE;
    enum fault fault = pipe_open(t->below, deadline_us, why);
    if (fault != FAULT_NONE)
        return fault;
    struct work greet = { .tls = t, .kind = WORK_GREET };
    bool greeted = work(&greet, deadline_us) > 0;
    t->open = greeted && (!t->trust || !*t->trust->pin || has_pinned_key(t));
    if (!t->open && why)
        say_why(t, greeted, why);
    return t->open ? FAULT_NONE : FAULT_NO_CONNECTION;
}

static long tls_receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    struct pipe_tls *t = (struct pipe_tls *)pipe;
    struct work w = { .tls = t, .kind = WORK_READ, .memory = memory, .size = room };
    return t->open ? work(&w, deadline_us) : -1;
}

static enum fault tls_send(struct pipe *pipe, struct bytes b, int64_t deadline_us)
{
    struct pipe_tls *t = (struct pipe_tls *)pipe;
    while (b.size && t->open) {
        struct bytes part = bytes_part(b, 0, WIRE_MAX); /* so that little waits in memory */
        struct work w = { .tls = t, .kind = WORK_WRITE, .memory = (void *)part.data, .size = part.size };
        long sent = work(&w, deadline_us);
        if (sent <= 0)
            return task_cancelled() ? FAULT_CANCELLED : FAULT_LINK_LOST;
        b = bytes_part(b, (size_t)sent, b.size);
    }
    return t->open ? FAULT_NONE : FAULT_LINK_LOST;
}

static void tls_shape(struct pipe *p, struct line line)
{
    p->line = line;
}

/* Says good-bye if it goes out at once. */
static void tls_close(struct pipe *pipe)
{
    struct pipe_tls *t = (struct pipe_tls *)pipe;
    struct work leave = { .tls = t, .kind = WORK_LEAVE };
    if (t->open) {
        task_aside(work_run, &leave);
        send_out(t, 0);
    }
    t->open = false;
    pipe_close(t->below);
}

static void tls_free(struct pipe *pipe)
{
    struct pipe_tls *t = (struct pipe_tls *)pipe;
    SSL_free(t->ssl);
    pipe_free(&t->below);
    free(t);
}

const char *pipe_tls_suite(const struct pipe *pipe)
{
    return SSL_get_cipher_name(((const struct pipe_tls *)pipe)->ssl);
}

static const struct pipe_kind tls_kind = {
    .open = tls_open, .receive = tls_receive, .send = tls_send, .shape = tls_shape, .close = tls_close, .free = tls_free,
};

static struct pipe_tls *tls_new(struct pipe *below, SSL_CTX *context)
{
    struct pipe_tls *t = memory_new(sizeof *t);
    t->pipe.kind = &tls_kind;
    t->below = below;
    t->ssl = SSL_new(context);
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    SSL_set_bio(t->ssl, t->in, t->out);
    return t;
}

struct pipe *pipe_tls_new(struct pipe *below, const struct tls_identity *i)
{
    struct pipe_tls *t = tls_new(below, i->context);
    SSL_set_accept_state(t->ssl);
    return &t->pipe;
}

/* Of an address the certificate must name the address, of a name the name. */
static void expect_host(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *p = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(p, host) != 1)
        SSL_set1_host(ssl, host);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
}

struct pipe *pipe_tls_call_new(struct pipe *below, const struct tls_trust *trust)
{
    struct pipe_tls *t = tls_new(below, trust->context);
    t->trust = trust;
    SSL_set_connect_state(t->ssl);
    SSL_set_tlsext_host_name(t->ssl, trust->host);
    if (!*trust->pin)
        expect_host(t->ssl, trust->host);
    return &t->pipe;
}
