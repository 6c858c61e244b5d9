/* Ciphering, authentication and key wrap; see dlms_security.h. */
#include "wire/dlms_security.h"
#include "wire/dlms_curve.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

static void context_free(EVP_CIPHER_CTX **c)
{
    EVP_CIPHER_CTX_free(*c);
}

#define CIPHER_CONTEXT __attribute__((cleanup(context_free))) EVP_CIPHER_CTX *

bool dlms_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || CRYPTO_memcmp(a.data, b.data, a.size) == 0);
}

/* --- tags (dlms.md 9.2) --- */

static const struct {
    uint8_t plain, global, dedicated;
    bool response;
} tags[] = {
    { 0x01, 0x21, 0x41, false }, { 0x08, 0x28, 0x48, true },  { 0x05, 0x25, 0x45, false }, { 0x06, 0x26, 0x46, false },
    { 0x0C, 0x2C, 0x4C, true },  { 0x0D, 0x2D, 0x4D, true },  { 0x0E, 0x2E, 0x4E, true },  { 0xC0, 0xC8, 0xD0, false },
    { 0xC1, 0xC9, 0xD1, false }, { 0xC2, 0xCA, 0xD2, true },  { 0xC3, 0xCB, 0xD3, false }, { 0xC4, 0xCC, 0xD4, true },
    { 0xC5, 0xCD, 0xD5, true },  { 0xC7, 0xCF, 0xD7, true },  { 0x0F, 0, 0, true },        { 0xD8, 0, 0, true },
    { 0xDA, 0, 0, true },
};

enum { TAGS = sizeof tags / sizeof *tags };

uint8_t dlms_ciphered_tag(uint8_t plain, bool dedicated)
{
    for (size_t i = 0; i < TAGS; i++)
        if (tags[i].plain == plain)
            return dedicated ? tags[i].dedicated : tags[i].global;
    return 0;
}

uint8_t dlms_plain_tag(uint8_t ciphered, bool *ret_dedicated)
{
    for (size_t i = 0; i < TAGS && ciphered; i++)
        if (tags[i].global == ciphered || tags[i].dedicated == ciphered) {
            *ret_dedicated = tags[i].dedicated == ciphered;
            return tags[i].plain;
        }
    return 0;
}

bool dlms_tag_is_response(uint8_t plain)
{
    for (size_t i = 0; i < TAGS; i++)
        if (tags[i].plain == plain)
            return tags[i].response;
    return false;
}

bool dlms_tag_is_ciphered(uint8_t tag)
{
    bool dedicated;
    return (tag >= XDLMS_GENERAL_GLO && tag <= XDLMS_GENERAL_CIPHERING) || dlms_plain_tag(tag, &dedicated);
}

/* --- layout --- */

static struct dlms_general take_general(struct cursor *c)
{
    struct dlms_general g;
    g.transaction = take_axdr_octets(c);
    g.originator = take_axdr_octets(c);
    g.recipient = take_axdr_octets(c);
    g.time = take_axdr_octets(c);
    g.other = take_axdr_octets(c);
    return g;
}

static void put_general(struct writer *w, const struct dlms_general *g)
{
    put_axdr_octets(w, g->transaction);
    put_axdr_octets(w, g->originator);
    put_axdr_octets(w, g->recipient);
    put_axdr_octets(w, g->time);
    put_axdr_octets(w, g->other);
}

static void take_key_information(struct cursor *c, struct dlms_ciphered *d)
{
    if (!take_u8(c))
        return;
    uint8_t kind = take_u8(c);
    d->key_kind = (enum dlms_key_kind)kind;
    if (kind > DLMS_KEY_AGREED)
        cursor_fail(c);
    if (kind != DLMS_KEY_AGREED)
        d->key_id = take_u8(c);
    else
        d->key_parameters = take_axdr_octets(c);
    if (kind != DLMS_KEY_IDENTIFIED)
        d->key_data = take_axdr_octets(c);
}

static void put_key_information(struct writer *w, const struct dlms_ciphered *d)
{
    put_u8(w, d->key_kind != DLMS_KEY_NOT_SAID);
    if (d->key_kind == DLMS_KEY_NOT_SAID)
        return;
    put_u8(w, (uint8_t)d->key_kind);
    if (d->key_kind != DLMS_KEY_AGREED)
        put_u8(w, d->key_id);
    else
        put_axdr_octets(w, d->key_parameters);
    if (d->key_kind != DLMS_KEY_IDENTIFIED)
        put_axdr_octets(w, d->key_data);
}

bool dlms_ciphered_decode(struct bytes apdu, struct dlms_ciphered *ret)
{
    struct cursor c = cursor_over(apdu);
    struct dlms_ciphered d = { .tag = take_u8(&c), .key_kind = DLMS_KEY_NOT_SAID };
    if (!dlms_tag_is_ciphered(d.tag))
        return false;
    if (d.tag == XDLMS_GENERAL_GLO || d.tag == XDLMS_GENERAL_DED)
        d.title = take_axdr_octets(&c);
    if (d.tag == XDLMS_GENERAL_CIPHERING) {
        const uint8_t *start = c.at;
        d.general = take_general(&c);
        d.general_raw = bytes_of(start, (size_t)(c.at - start));
        take_key_information(&c, &d);
    }
    struct cursor in = cursor_over(take_axdr_octets(&c));
    d.control = take_u8(&in);
    d.counter = take_be32(&in);
    d.content = take_rest(&in);
    if (!cursor_done(&c) || in.failed)
        return false;
    *ret = d;
    return true;
}

void dlms_ciphered_encode(struct writer *w, const struct dlms_ciphered *c)
{
    put_u8(w, c->tag);
    if (c->tag == XDLMS_GENERAL_GLO || c->tag == XDLMS_GENERAL_DED)
        put_axdr_octets(w, c->title);
    if (c->tag == XDLMS_GENERAL_CIPHERING) {
        put_general(w, &c->general);
        put_key_information(w, c);
    }
    put_axdr_length(w, 5 + c->content.size);
    put_u8(w, c->control);
    put_be32(w, c->counter);
    put_bytes(w, c->content);
}

bool dlms_signed_decode(struct bytes apdu, struct dlms_signed *ret)
{
    struct cursor c = cursor_over(apdu);
    if (take_u8(&c) != XDLMS_GENERAL_SIGNING)
        return false;
    const uint8_t *start = c.at;
    struct dlms_signed s = { .general = take_general(&c) };
    s.content = take_axdr_octets(&c);
    s.signed_part = bytes_of(start, (size_t)(c.at - start));
    s.signature = take_axdr_octets(&c);
    if (!cursor_done(&c))
        return false;
    *ret = s;
    return true;
}

void dlms_signed_encode(struct writer *w, const struct dlms_signed *s)
{
    put_u8(w, XDLMS_GENERAL_SIGNING);
    put_general(w, &s->general);
    put_axdr_octets(w, s->content);
    put_axdr_octets(w, s->signature);
}

/* --- AES-GCM --- */

/* Key, title and suite fit each other. */
static enum dlms_opening cipher_usable(const struct dlms_cipher *c)
{
    unsigned suite = c->control & DLMS_SUITE_MASK;
    if (suite > 2 || c->control & DLMS_COMPRESSED)
        return DLMS_UNSUPPORTED;
    size_t size = suite == 2 ? 32 : 16;
    bool authenticated = c->control & DLMS_AUTHENTICATED;
    bool known = c->key.size == size && c->title.size == DLMS_TITLE_SIZE
        && (!authenticated || c->authentication.size == 16 || c->authentication.size == size);
    return known ? DLMS_OPENED : DLMS_NO_KEY;
}

static bool gcm_start(EVP_CIPHER_CTX *x, const struct dlms_cipher *c, int encrypt)
{
    uint8_t iv[12];
    struct writer w = writer_over(iv, sizeof iv);
    put_bytes(&w, c->title);
    put_be32(&w, c->counter);
    const EVP_CIPHER *cipher = c->key.size == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    return x && EVP_CipherInit_ex(x, cipher, NULL, c->key.data, iv, encrypt) == 1;
}

static bool gcm_also(EVP_CIPHER_CTX *x, struct bytes more)
{
    int size;
    return more.size == 0 || EVP_CipherUpdate(x, NULL, &size, more.data, (int)more.size) == 1;
}

/* AAD: SC + AK + the general fields, and the text when it is only authenticated (SC 10). */
static bool gcm_authenticate(EVP_CIPHER_CTX *x, const struct dlms_cipher *c, struct bytes text)
{
    if (!(c->control & DLMS_AUTHENTICATED))
        return true;
    return gcm_also(x, bytes_of(&c->control, 1)) && gcm_also(x, c->authentication) && gcm_also(x, c->more)
        && (c->control & DLMS_ENCRYPTED || gcm_also(x, text));
}

/* The text or its cipher to `w`; `w` has room for it. */
static bool gcm_convert(EVP_CIPHER_CTX *x, const struct dlms_cipher *c, struct bytes from, struct writer *w)
{
    int size;
    if (!(c->control & DLMS_ENCRYPTED)) {
        put_bytes(w, from);
        return true;
    }
    if (from.size && EVP_CipherUpdate(x, w->at, &size, from.data, (int)from.size) != 1)
        return false;
    w->at += from.size;
    return true;
}

enum dlms_opening dlms_protect(struct writer *w, const struct dlms_cipher *c, struct bytes plain)
{
    enum dlms_opening usable = cipher_usable(c);
    size_t tail = c->control & DLMS_AUTHENTICATED ? DLMS_TAG_SIZE : 0;
    if (usable != DLMS_OPENED)
        return usable;
    if (plain.size > INT32_MAX || plain.size + tail > writer_room(w)) {
        w->failed = true;
        return DLMS_BAD_SHAPE;
    }
    CIPHER_CONTEXT x = EVP_CIPHER_CTX_new();
    uint8_t tag[DLMS_TAG_SIZE];
    int size;
    if (!gcm_start(x, c, 1) || !gcm_authenticate(x, c, plain) || !gcm_convert(x, c, plain, w)
        || EVP_CipherFinal_ex(x, tag, &size) != 1 || EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, sizeof tag, tag) != 1) {
        w->failed = true;
        return DLMS_UNSUPPORTED;
    }
    put_bytes(w, bytes_of(tag, tail));
    return DLMS_OPENED;
}

enum dlms_opening dlms_unprotect(struct writer *w, const struct dlms_cipher *c, struct bytes content)
{
    enum dlms_opening usable = cipher_usable(c);
    size_t tail = c->control & DLMS_AUTHENTICATED ? DLMS_TAG_SIZE : 0;
    if (usable != DLMS_OPENED)
        return usable;
    if (content.size > INT32_MAX || content.size < tail || content.size - tail > writer_room(w))
        return DLMS_BAD_SHAPE;
    struct bytes from = bytes_part(content, 0, content.size - tail);
    struct bytes tag = bytes_part(content, from.size, tail);
    CIPHER_CONTEXT x = EVP_CIPHER_CTX_new();
    uint8_t *start = w->at, sink[16];
    int size;
    bool good = gcm_start(x, c, 0) && gcm_authenticate(x, c, from) && gcm_convert(x, c, from, w);
    if (good && tail)
        good = EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_SET_TAG, (int)tail, (void *)tag.data) == 1 &&
               EVP_CipherFinal_ex(x, sink, &size) == 1;
    if (!good) {
        OPENSSL_cleanse(start, (size_t)(w->at - start));
        w->at = start;
    }
    return good ? DLMS_OPENED : DLMS_NOT_AUTHENTIC;
}

/* --- whole APDUs --- */

/* What stands before the protected content, in the form chosen; *more is what of it is authenticated besides. */
static void put_dress(struct writer *w, const struct dlms_keys *k, enum dlms_form form, bool from_server, uint8_t tag,
                      const struct dlms_cipher *c, struct bytes *more)
{
    uint8_t transaction[4];
    struct writer t = writer_over(transaction, sizeof transaction);
    put_be32(&t, c->counter);
    put_u8(w, tag);
    if (form == DLMS_GENERAL_GLO || form == DLMS_GENERAL_DED)
        put_axdr_octets(w, c->title);
    if (form != DLMS_GENERAL_CIPHERING)
        return;
    const uint8_t *start = w->at;
    put_general(w, &(struct dlms_general){ .transaction = writer_bytes(&t), .originator = c->title,
                                           .recipient = from_server ? k->client_title : k->server_title });
    *more = bytes_of(start, (size_t)(w->at - start));
    put_key_information(w, &(struct dlms_ciphered){ .key_kind = DLMS_KEY_IDENTIFIED, .key_id = c->control & DLMS_BROADCAST_KEY ? 1 : 0 });
}

static uint8_t dress_tag(enum dlms_form form, struct bytes plain)
{
    switch (form) {
    case DLMS_GENERAL_GLO: return XDLMS_GENERAL_GLO;
    case DLMS_GENERAL_DED: return XDLMS_GENERAL_DED;
    case DLMS_GENERAL_CIPHERING: return XDLMS_GENERAL_CIPHERING;
    case DLMS_GLO:
    case DLMS_DED: break;
    }
    return dlms_ciphered_tag(plain.data[0], form == DLMS_DED);
}

enum dlms_opening dlms_seal(struct writer *w, const struct dlms_keys *k, enum dlms_form form, bool from_server,
                            uint8_t control, uint32_t counter, struct bytes plain)
{
    bool dedicated = form == DLMS_DED || form == DLMS_GENERAL_DED;
    uint8_t tag = plain.size == 0 ? 0 : dress_tag(form, plain);
    struct dlms_cipher c = {
        .control = control,
        .counter = counter,
        .key = dedicated ? k->dedicated : control & DLMS_BROADCAST_KEY ? k->broadcast : k->encryption,
        .authentication = k->authentication,
        .title = from_server ? k->server_title : k->client_title,
    };
    if (!tag)
        return DLMS_BAD_SHAPE;
    put_dress(w, k, form, from_server, tag, &c, &c.more);
    put_axdr_length(w, 5 + plain.size + (control & DLMS_AUTHENTICATED ? DLMS_TAG_SIZE : 0));
    put_u8(w, control);
    put_be32(w, counter);
    enum dlms_opening result = dlms_protect(w, &c, plain);
    if (result != DLMS_OPENED)
        w->failed = true;
    return result;
}

/* The key that a DD names; `unwrapped` has room for 32. */
static struct bytes general_key(const struct dlms_keys *k, const struct dlms_ciphered *d, uint8_t *unwrapped)
{
    struct writer w = writer_over(unwrapped, 32);
    if (d->key_kind == DLMS_KEY_IDENTIFIED)
        return d->key_id == 1 ? k->broadcast : k->encryption;
    if (d->key_kind == DLMS_KEY_NOT_SAID)
        return d->control & DLMS_BROADCAST_KEY ? k->broadcast : k->encryption;
    if (d->key_kind == DLMS_KEY_WRAPPED && dlms_key_unwrap(&w, k->master, d->key_data))
        return writer_bytes(&w);
    return bytes_of(unwrapped, 0);
}

enum dlms_opening dlms_open(struct writer *w, const struct dlms_keys *k, bool from_server, struct bytes apdu,
                            struct dlms_ciphered *ret_head)
{
    struct dlms_ciphered d;
    uint8_t unwrapped[32];
    bool dedicated = false;
    if (!dlms_ciphered_decode(apdu, &d))
        return DLMS_BAD_SHAPE;
    if (ret_head)
        *ret_head = d;
    if (d.tag == XDLMS_GENERAL_DED)
        dedicated = true;
    else
        (void)dlms_plain_tag(d.tag, &dedicated);
    struct bytes said = d.tag == XDLMS_GENERAL_CIPHERING ? d.general.originator : d.title;
    struct dlms_cipher c = {
        .control = d.control,
        .counter = d.counter,
        .key = dedicated ? k->dedicated : d.control & DLMS_BROADCAST_KEY ? k->broadcast : k->encryption,
        .authentication = k->authentication,
        .title = said.size ? said : from_server ? k->server_title : k->client_title,
        .more = d.general_raw,
    };
    if (d.tag == XDLMS_GENERAL_CIPHERING)
        c.key = general_key(k, &d, unwrapped);
    enum dlms_opening result = dlms_unprotect(w, &c, d.content);
    OPENSSL_cleanse(unwrapped, sizeof unwrapped);
    return result;
}

/* --- key wrap --- */

/* One pass of RFC 3394; false when it does not check. */
static bool wrap_pass(struct writer *w, struct bytes master, struct bytes from, int encrypt)
{
    CIPHER_CONTEXT x = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = master.size == 32 ? EVP_aes_256_wrap() : EVP_aes_128_wrap();
    uint8_t out[48];
    int size = 0;
    if (!x || (master.size != 16 && master.size != 32) || from.size % 8 || from.size < 16 || from.size > 40)
        return false;
    EVP_CIPHER_CTX_set_flags(x, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_CipherInit_ex(x, cipher, NULL, master.data, NULL, encrypt) != 1 ||
        EVP_CipherUpdate(x, out, &size, from.data, (int)from.size) != 1 || size <= 0)
        return false;
    put_bytes(w, bytes_of(out, (size_t)size));
    OPENSSL_cleanse(out, sizeof out);
    return true;
}

void dlms_key_wrap(struct writer *w, struct bytes master, struct bytes key)
{
    if (key.size > 32 || !wrap_pass(w, master, key, 1))
        w->failed = true;
}

bool dlms_key_unwrap(struct writer *w, struct bytes master, struct bytes wrapped)
{
    return wrapped.size >= 24 && wrap_pass(w, master, wrapped, 0) && !w->failed;
}

/* --- HLS --- */

static void digest_free(EVP_MD_CTX **c)
{
    EVP_MD_CTX_free(*c);
}

/* Digest of the parts one after another. */
static bool put_digest(struct writer *w, const EVP_MD *kind, const struct bytes *parts, size_t count)
{
    __attribute__((cleanup(digest_free))) EVP_MD_CTX *x = EVP_MD_CTX_new();
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    bool good = x && EVP_DigestInit_ex(x, kind, NULL) == 1;
    for (size_t i = 0; i < count && good; i++)
        good = parts[i].size == 0 || EVP_DigestUpdate(x, parts[i].data, parts[i].size) == 1;
    if (!good || EVP_DigestFinal_ex(x, digest, &size) != 1)
        return false;
    put_bytes(w, bytes_of(digest, size));
    return true;
}

/* AES-128-ECB of the challenge under the secret, both zero-padded to whole blocks (spodes.md 1). */
static bool answer_aes(struct writer *w, const struct dlms_hls *h)
{
    uint8_t key[16] = { 0 }, text[DLMS_CHALLENGE_MOST] = { 0 }, out[DLMS_CHALLENGE_MOST + 16];
    int size = 0;
    if (h->secret.size > sizeof key || h->challenge.size == 0 || h->challenge.size > sizeof text)
        return false;
    if (h->secret.size)
        memcpy(key, h->secret.data, h->secret.size);
    memcpy(text, h->challenge.data, h->challenge.size);
    CIPHER_CONTEXT x = EVP_CIPHER_CTX_new();
    if (!x || EVP_EncryptInit_ex(x, EVP_aes_128_ecb(), NULL, key, NULL) != 1 || EVP_CIPHER_CTX_set_padding(x, 0) != 1
        || EVP_EncryptUpdate(x, out, &size, text, (int)((h->challenge.size + 15) / 16 * 16)) != 1)
        return false;
    put_bytes(w, bytes_of(out, (size_t)size));
    return true;
}

/* SC + IC + GMAC over the challenge. */
static bool answer_gmac(struct writer *w, const struct dlms_hls *h)
{
    struct dlms_cipher c = {
        .control = (uint8_t)(DLMS_AUTHENTICATED | h->suite),
        .counter = h->counter,
        .key = h->encryption,
        .authentication = h->authentication,
        .title = h->prover_title,
    };
    uint8_t out[DLMS_CHALLENGE_MOST + DLMS_TAG_SIZE];
    struct writer protected = writer_over(out, sizeof out);
    if (dlms_protect(&protected, &c, h->challenge) != DLMS_OPENED)
        return false;
    put_u8(w, c.control);
    put_be32(w, c.counter);
    put_bytes(w, bytes_part(writer_bytes(&protected), h->challenge.size, DLMS_TAG_SIZE));
    return true;
}

/* What mechanism 7 signs. */
static struct bytes signature_message(const struct dlms_hls *h, uint8_t *memory, size_t size)
{
    struct writer w = writer_over(memory, size);
    put_bytes(&w, h->prover_title);
    put_bytes(&w, h->verifier_title);
    put_bytes(&w, h->challenge);
    put_bytes(&w, h->prover_challenge);
    return writer_bytes(&w);
}

enum { SIGNATURE_MESSAGE_MAX = 2 * DLMS_TITLE_SIZE + 2 * DLMS_CHALLENGE_MOST };

static bool hls_answer(struct writer *w, const struct dlms_hls *h)
{
    const struct bytes plain[] = { h->challenge, h->secret };
    const struct bytes bound[] = { h->secret, h->prover_title, h->verifier_title, h->challenge, h->prover_challenge };
    uint8_t message[SIGNATURE_MESSAGE_MAX];
    switch (h->mechanism) {
    case ACSE_HLS_MANUFACTURER: return answer_aes(w, h);
    case ACSE_HLS_MD5: return put_digest(w, EVP_md5(), plain, 2);
    case ACSE_HLS_SHA1: return put_digest(w, EVP_sha1(), plain, 2);
    case ACSE_HLS_GMAC: return answer_gmac(w, h);
    case ACSE_HLS_SHA256: return put_digest(w, EVP_sha256(), bound, 5);
    case ACSE_HLS_ECDSA: return dlms_sign(w, h->suite, h->signature_key, signature_message(h, message, sizeof message));
    default: return false;
    }
}

bool dlms_hls_answer(struct writer *w, const struct dlms_hls *h)
{
    uint8_t out[DLMS_HLS_ANSWER_MAX];
    struct writer answer = writer_over(out, sizeof out);
    if (h->challenge.size == 0 || !hls_answer(&answer, h) || answer.failed)
        return false;
    put_bytes(w, writer_bytes(&answer));
    return !w->failed;
}

bool dlms_hls_check(const struct dlms_hls *h, struct bytes answer)
{
    uint8_t out[DLMS_HLS_ANSWER_MAX], message[SIGNATURE_MESSAGE_MAX];
    struct writer expected = writer_over(out, sizeof out);
    struct dlms_hls prover = *h;
    if (h->mechanism == ACSE_HLS_ECDSA)
        return dlms_verify(h->suite, h->signature_key, signature_message(h, message, sizeof message), answer);
    if (h->mechanism == ACSE_HLS_GMAC) {
        struct cursor c = cursor_over(answer);
        cursor_skip(&c, 1);
        prover.counter = take_be32(&c);
    }
    return dlms_hls_answer(&expected, &prover) && dlms_equal(writer_bytes(&expected), answer);
}
