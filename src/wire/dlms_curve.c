/* Signatures and key agreement; see dlms_curve.h. */
#include "wire/dlms_curve.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

/* What one suite is made of. */
struct curve {
    int nid;
    const char *name;
    size_t size; /* bytes of a coordinate */
    const EVP_MD *(*digest)(void);
    size_t key_size;    /* of the derived key */
    uint8_t algorithm;  /* last octet of 60 85 74 05 08 03 xx */
};

static const struct curve *curve_of(uint8_t suite)
{
    static const struct curve curves[] = {
        { NID_X9_62_prime256v1, "prime256v1", 32, EVP_sha256, 16, 0 },
        { NID_secp384r1, "secp384r1", 48, EVP_sha384, 32, 1 },
    };
    return suite == 1 || suite == 2 ? &curves[suite - 1] : NULL;
}

#define RELEASED_BY(type, name, function)                                                                             \
    static void name(type **thing)                                                                                    \
    {                                                                                                                 \
        function(*thing);                                                                                             \
    }

RELEASED_BY(EVP_PKEY, release_key, EVP_PKEY_free)
RELEASED_BY(EVP_PKEY_CTX, release_key_context, EVP_PKEY_CTX_free)
RELEASED_BY(EVP_MD_CTX, release_digest, EVP_MD_CTX_free)
RELEASED_BY(EC_GROUP, release_group, EC_GROUP_free)
RELEASED_BY(EC_POINT, release_point, EC_POINT_free)
RELEASED_BY(BIGNUM, release_number, BN_clear_free)
RELEASED_BY(ECDSA_SIG, release_signature, ECDSA_SIG_free)
RELEASED_BY(OSSL_PARAM_BLD, release_builder, OSSL_PARAM_BLD_free)
RELEASED_BY(OSSL_PARAM, release_parameters, OSSL_PARAM_free)

#define RELEASE(name) __attribute__((cleanup(name)))

/* 04 || x || y of the private key's point. */
static bool point_of(const struct curve *c, struct bytes private_key, uint8_t *out, size_t room)
{
    RELEASE(release_group) EC_GROUP *group = EC_GROUP_new_by_curve_name(c->nid);
    RELEASE(release_number) BIGNUM *scalar = BN_bin2bn(private_key.data, (int)private_key.size, NULL);
    RELEASE(release_point) EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    if (!point || !scalar || BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
        return false;
    return EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1
        && EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, room, NULL) == 1 + 2 * c->size;
}

/* A key for libcrypto from the public point 04 || x || y and, when it is not empty, the private scalar. NULL when the
 * point does not lie on the curve. Free with EVP_PKEY_free. */
static EVP_PKEY *key_of(const struct curve *c, struct bytes point, struct bytes private_key)
{
    RELEASE(release_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    RELEASE(release_number) BIGNUM *scalar = private_key.size ? BN_bin2bn(private_key.data, (int)private_key.size, NULL) : NULL;
    RELEASE(release_key_context) EVP_PKEY_CTX *x = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    if (!builder || !x || OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, c->name, 0) != 1
        || OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.size) != 1
        || (scalar && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) != 1))
        return NULL;
    RELEASE(release_parameters) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    if (!parameters || EVP_PKEY_fromdata_init(x) != 1)
        return NULL;
    if (EVP_PKEY_fromdata(x, &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return NULL;
    return key;
}

static EVP_PKEY *private_of(const struct curve *c, struct bytes private_key)
{
    uint8_t point[1 + DLMS_PUBLIC_MAX];
    if (!c || private_key.size != c->size || !point_of(c, private_key, point, sizeof point))
        return NULL;
    return key_of(c, bytes_of(point, 1 + 2 * c->size), private_key);
}

static EVP_PKEY *public_of(const struct curve *c, struct bytes public_key)
{
    uint8_t point[1 + DLMS_PUBLIC_MAX] = { 0x04 };
    if (!c || public_key.size != 2 * c->size)
        return NULL;
    memcpy(point + 1, public_key.data, public_key.size);
    return key_of(c, bytes_of(point, 1 + public_key.size), bytes_of(point, 0));
}

bool dlms_public_key(struct writer *w, uint8_t suite, struct bytes private_key)
{
    const struct curve *c = curve_of(suite);
    uint8_t point[1 + DLMS_PUBLIC_MAX];
    if (!c || private_key.size != c->size || !point_of(c, private_key, point, sizeof point))
        return false;
    put_bytes(w, bytes_of(point + 1, 2 * c->size));
    return !w->failed;
}

bool dlms_sign(struct writer *w, uint8_t suite, struct bytes private_key, struct bytes message)
{
    const struct curve *c = curve_of(suite);
    RELEASE(release_key) EVP_PKEY *key = private_of(c, private_key);
    RELEASE(release_digest) EVP_MD_CTX *x = EVP_MD_CTX_new();
    uint8_t der[160], raw[DLMS_SIGNATURE_MAX];
    size_t size = sizeof der;
    if (!key || !x || EVP_DigestSignInit(x, NULL, c->digest(), NULL, key) != 1
        || EVP_DigestSign(x, der, &size, message.data, message.size) != 1)
        return false;
    const unsigned char *at = der;
    RELEASE(release_signature) ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, (int)c->size) < 0
        || BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + c->size, (int)c->size) < 0)
        return false;
    put_bytes(w, bytes_of(raw, 2 * c->size));
    return !w->failed;
}

bool dlms_verify(uint8_t suite, struct bytes public_key, struct bytes message, struct bytes raw)
{
    const struct curve *c = curve_of(suite);
    RELEASE(release_key) EVP_PKEY *key = public_of(c, public_key);
    RELEASE(release_digest) EVP_MD_CTX *x = EVP_MD_CTX_new();
    RELEASE(release_signature) ECDSA_SIG *signature = ECDSA_SIG_new();
    if (!key || !x || !signature || raw.size != 2 * c->size)
        return false;
    BIGNUM *r = BN_bin2bn(raw.data, (int)c->size, NULL), *s = BN_bin2bn(raw.data + c->size, (int)c->size, NULL);
    if (!r || !s || ECDSA_SIG_set0(signature, r, s) != 1) { /* the signature owns them only from here on */
        BN_free(r);
        BN_free(s);
        return false;
    }
    uint8_t der[160], *at = der;
    int size = i2d_ECDSA_SIG(signature, &at);
    return size > 0 && EVP_DigestVerifyInit(x, NULL, c->digest(), NULL, key) == 1
        && EVP_DigestVerify(x, der, (size_t)size, message.data, message.size) == 1;
}

bool dlms_agree(struct writer *w, uint8_t suite, struct bytes private_key, struct bytes public_key)
{
    const struct curve *c = curve_of(suite);
    RELEASE(release_key) EVP_PKEY *own = private_of(c, private_key);
    RELEASE(release_key) EVP_PKEY *peer = public_of(c, public_key);
    RELEASE(release_key_context) EVP_PKEY_CTX *x = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    uint8_t shared[DLMS_PRIVATE_MAX];
    size_t size = sizeof shared;
    if (!x || !peer || EVP_PKEY_derive_init(x) != 1 || EVP_PKEY_derive_set_peer(x, peer) != 1
        || EVP_PKEY_derive(x, shared, &size) != 1 || size != c->size)
        return false;
    put_bytes(w, bytes_of(shared, size));
    return !w->failed;
}

bool dlms_derive(struct writer *w, uint8_t suite, struct bytes shared, struct bytes u, struct bytes v)
{
    const struct curve *c = curve_of(suite);
    RELEASE(release_digest) EVP_MD_CTX *x = EVP_MD_CTX_new();
    if (!c || !x || shared.size != c->size)
        return false;
    const uint8_t counter[] = { 0, 0, 0, 1 }, algorithm[] = { 0x60, 0x85, 0x74, 0x05, 0x08, 0x03, c->algorithm };
    uint8_t digest[EVP_MAX_MD_SIZE];
    if (EVP_DigestInit_ex(x, c->digest(), NULL) != 1 || EVP_DigestUpdate(x, counter, sizeof counter) != 1
        || EVP_DigestUpdate(x, shared.data, shared.size) != 1 || EVP_DigestUpdate(x, algorithm, sizeof algorithm) != 1
        || EVP_DigestUpdate(x, u.data, u.size) != 1 || EVP_DigestUpdate(x, v.data, v.size) != 1
        || EVP_DigestFinal_ex(x, digest, NULL) != 1)
        return false;
    put_bytes(w, bytes_of(digest, c->key_size));
    return !w->failed;
}
