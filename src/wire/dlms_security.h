/* Ciphering, authentication and key wrap of DLMS security suites 0, 1 and 2 (dlms.md 6 and 9); signatures and key
 * agreement are in dlms_curve.h. GOST suites are not here.
 *
 * glo/ded: tag | length | SC 1 | IC 4 | content [| tag 12]        general: DB/DC title, the same; DD with key information
 * SC: bits 3..0 suite, 4 authenticated, 5 encrypted, 6 broadcast key, 7 compressed. IV = sender's title 8 + IC 4.
 * No invocation counter lives here: whoever owns the association gives it and judges the received one. */
#pragma once
#include "wire/acse.h"
#include "wire/cosem_apdu.h"

enum { DLMS_TITLE_SIZE = 8, DLMS_TAG_SIZE = 12, DLMS_CHALLENGE_LEAST = 8, DLMS_CHALLENGE_MOST = 64 };

/* Security control byte. */
enum {
    DLMS_SUITE_MASK = 0x0F,
    DLMS_AUTHENTICATED = 0x10,
    DLMS_ENCRYPTED = 0x20,
    DLMS_BROADCAST_KEY = 0x40,
    DLMS_COMPRESSED = 0x80
};

/* What one association knows; empty slices are unknown keys. The owner keeps the memory. */
struct dlms_keys {
    uint8_t suite;                /* 0, 1 or 2 */
    struct bytes encryption;      /* GUEK: 16 bytes, 32 in suite 2 */
    struct bytes broadcast;       /* GBEK */
    struct bytes authentication;  /* GAK, size as the encryption key's */
    struct bytes dedicated;       /* of this association, from the InitiateRequest */
    struct bytes master;          /* KEK */
    struct bytes client_title, server_title; /* 8 bytes */
    struct bytes client_public, server_public; /* signature keys x || y, suites 1 and 2 */
};

/* True when both hold the same bytes; the time depends on the sizes alone. For passwords, tags and answers. */
bool dlms_equal(struct bytes a, struct bytes b);

/* --- tags --- */

/* Ciphered tag of a plain one, with the global or the dedicated key; 0 when it has none. */
uint8_t dlms_ciphered_tag(uint8_t plain, bool dedicated);

/* Plain tag of a glo or ded one; 0 when it is none. */
uint8_t dlms_plain_tag(uint8_t ciphered, bool *ret_dedicated);

/* True when an APDU with this plain tag is sent by the server. */
bool dlms_tag_is_response(uint8_t plain);

/* --- ciphered APDUs as they lie on the wire --- */

enum dlms_key_kind { DLMS_KEY_NOT_SAID = -1, DLMS_KEY_IDENTIFIED = 0, DLMS_KEY_WRAPPED = 1, DLMS_KEY_AGREED = 2 };

/* Fields that general-ciphering and general-signing put before the content. */
struct dlms_general {
    struct bytes transaction, originator, recipient, time, other;
};

struct dlms_ciphered {
    uint8_t tag;         /* glo or ded tag, DB, DC or DD */
    struct bytes title;  /* DB, DC: sender's title; empty = the one already known */
    struct dlms_general general; /* DD */
    struct bytes general_raw;    /* DD: those five fields as encoded, part of the AAD; not looked at by the encoder */
    enum dlms_key_kind key_kind; /* DD */
    uint8_t key_id;              /* identified: the key's; wrapped: the wrapping key's */
    struct bytes key_parameters; /* agreed */
    struct bytes key_data;       /* wrapped key, or the data of the agreement */
    uint8_t control;             /* SC */
    uint32_t counter;            /* IC */
    struct bytes content;        /* text or ciphertext, with its tag when authenticated */
};

bool dlms_tag_is_ciphered(uint8_t tag);

/* One whole APDU; false (and *ret untouched) when broken or another. */
bool dlms_ciphered_decode(struct bytes apdu, struct dlms_ciphered *ret);
void dlms_ciphered_encode(struct writer *w, const struct dlms_ciphered *c);

/* general-signing DF; `signed_part` is what the signature covers. */
struct dlms_signed {
    struct dlms_general general;
    struct bytes content; /* an APDU, plain or ciphered */
    struct bytes signature; /* r || s */
    struct bytes signed_part; /* set by the decoder */
};

bool dlms_signed_decode(struct bytes apdu, struct dlms_signed *ret);
void dlms_signed_encode(struct writer *w, const struct dlms_signed *s);

/* --- protection of a content --- */

/* One use of a key. `more` is further authenticated data: general_raw of a DD. */
struct dlms_cipher {
    uint8_t control;
    uint32_t counter;
    struct bytes key;
    struct bytes authentication;
    struct bytes title; /* of the sender */
    struct bytes more;
};

enum dlms_opening {
    DLMS_OPENED,
    DLMS_BAD_SHAPE,     /* no ciphered APDU, or shorter than its tag */
    DLMS_NO_KEY,        /* key or title is not known or has a wrong size */
    DLMS_NOT_AUTHENTIC, /* wrong key or changed bytes */
    DLMS_UNSUPPORTED,   /* compressed, or another suite */
};

/* Writes the protected content with its tag by the rules of SC 00, 10, 20 or 30. */
enum dlms_opening dlms_protect(struct writer *w, const struct dlms_cipher *c, struct bytes plain);

/* Writes the text. Nothing is written unless it is authentic (SC 20 has no tag: any key opens it). */
enum dlms_opening dlms_unprotect(struct writer *w, const struct dlms_cipher *c, struct bytes content);

/* How an APDU is dressed. */
/* DLMS_GENERAL_CIPHERING: a DD that names the global key; the counter is its transaction id. */
enum dlms_form { DLMS_GLO, DLMS_DED, DLMS_GENERAL_GLO, DLMS_GENERAL_DED, DLMS_GENERAL_CIPHERING };

/* Ciphers one plain APDU of the server or client with the association's keys. `plain` must not lie in `w`. */
enum dlms_opening dlms_seal(struct writer *w, const struct dlms_keys *k, enum dlms_form form, bool from_server,
                            uint8_t control, uint32_t counter, struct bytes plain);

/* Opens glo, ded, DB, DC and DD (identified or wrapped key). The sender's title is the one in the APDU or else that of
 * `from_server`. *ret_head, when not NULL, is filled unless DLMS_BAD_SHAPE; its control byte tells how much was protected
 * (SC 00 opens as well), and the caller holds that against the association's policy. */
enum dlms_opening dlms_open(struct writer *w, const struct dlms_keys *k, bool from_server, struct bytes apdu,
                            struct dlms_ciphered *ret_head);

/* --- key wrap (RFC 3394) --- */

/* `key` of 16, 24 or 32 bytes under `master` of 16 or 32; fails the writer otherwise. Result is 8 bytes longer. */
void dlms_key_wrap(struct writer *w, struct bytes master, struct bytes key);

/* False (and nothing written) when the wrap does not check. */
bool dlms_key_unwrap(struct writer *w, struct bytes master, struct bytes wrapped);

/* --- HLS: f(challenge) --- */

/* What the proving side knows; the verifier fills it from the prover's point of view. */
struct dlms_hls {
    enum acse_mechanism mechanism;
    struct bytes secret;                       /* 2, 3, 4, 6 */
    struct bytes challenge;                    /* that the prover received */
    struct bytes prover_challenge;             /* that the prover sent: 6, 7 */
    struct bytes prover_title, verifier_title; /* 5 (prover's), 6, 7 */
    uint8_t suite;                             /* 5, 7 */
    uint32_t counter;                          /* 5: IC of the proof; the verifier takes the one in the answer */
    struct bytes encryption, authentication;   /* 5 */
    struct bytes signature_key;                /* 7: private scalar to answer, public x || y to check */
};

enum { DLMS_HLS_ANSWER_MAX = 96 };

/* Writes f(challenge); false (and nothing written) when the mechanism is not known or something is missing. */
bool dlms_hls_answer(struct writer *w, const struct dlms_hls *h);

/* True when `answer` proves the secret. */
bool dlms_hls_check(const struct dlms_hls *h, struct bytes answer);
