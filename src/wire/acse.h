/* Opening and closing of a DLMS association: AARQ, AARE, RLRQ, RLRE (BER, ISO 8650; dlms.md 4) and the xDLMS Initiate
 * inside them (dlms.md 5).
 *
 * AARQ 60: 80 version | A1 context | A2..A5 called | A6 calling title | A7 AE-qualifier | A8/A9 invocation ids |
 *          8A requirements | 8B mechanism | AC authentication value | BE user information
 * AARE 61: 80 | A1 | A2 result | A3 diagnostic | A4 title | A5..A7 | 88 requirements | 89 mechanism | AA value | BE
 * RLRQ 62, RLRE 63: 80 reason | BE user information */
#pragma once
#include "base/cursor.h"
#include "base/lang.h"

enum acse_tag { ACSE_AARQ = 0x60, ACSE_AARE = 0x61, ACSE_RLRQ = 0x62, ACSE_RLRE = 0x63 };

/* Last arc of 2.16.756.5.8.1.n; 0 = not given or an OID of somebody else. */
enum acse_context { ACSE_CONTEXT_NONE, ACSE_LN, ACSE_SN, ACSE_LN_CIPHERED, ACSE_SN_CIPHERED };

/* Last arc of 2.16.756.5.8.2.n. */
enum acse_mechanism {
    ACSE_MECHANISM_ABSENT = -1, /* no mechanism name, or an OID of somebody else */
    ACSE_LOWEST = 0,
    ACSE_LLS = 1,
    ACSE_HLS_MANUFACTURER = 2, /* in Russian meters AES-128-ECB */
    ACSE_HLS_MD5 = 3,
    ACSE_HLS_SHA1 = 4,
    ACSE_HLS_GMAC = 5,
    ACSE_HLS_SHA256 = 6,
    ACSE_HLS_ECDSA = 7,
    ACSE_HLS_GOST_CMAC = 8,
    ACSE_HLS_GOST_STREEBOG = 9,
    ACSE_HLS_GOST_SIGNATURE = 10,
};

enum acse_result { ACSE_ACCEPTED, ACSE_REJECTED_PERMANENT, ACSE_REJECTED_TRANSIENT };

/* Diagnostics of the service user (A1 inside A3) that are told apart; the provider's (A2) are 0, 1 and 2. */
enum acse_diagnostic {
    ACSE_NULL = 0,
    ACSE_NO_REASON = 1,
    ACSE_CONTEXT_NOT_SUPPORTED = 2,
    ACSE_CALLING_TITLE_UNKNOWN = 3,
    ACSE_MECHANISM_UNKNOWN = 11,
    ACSE_MECHANISM_REQUIRED = 12,
    ACSE_AUTHENTICATION_FAILED = 13,
    ACSE_AUTHENTICATION_REQUIRED = 14,
};

/* Fields that AARQ and AARE share; "own" is the calling side in an AARQ, the responding side in an AARE. Empty slices
 * mean absence except where a flag says so. Slices of the input. */
struct acse_party {
    struct bytes version; /* contents of the bit string, unused-bits byte first: 07 80 is version 1; usually absent */
    enum acse_context context;
    struct bytes context_oid; /* as sent; the encoder uses it only for ACSE_CONTEXT_NONE */
    struct bytes title;       /* own system title, 8 bytes */
    struct bytes qualifier;   /* own AE-qualifier: a certificate */
    struct bytes invocation;  /* own AP-invocation id: contents of the INTEGER */
    struct bytes user;        /* own AE-invocation id: contents of the INTEGER, the user id */
    struct bytes requirements; /* bit string contents; 07 80 = authentication */
    enum acse_mechanism mechanism;
    struct bytes mechanism_oid; /* as sent; the encoder uses it only for ACSE_MECHANISM_ABSENT */
    bool has_value;             /* a password may be empty */
    uint8_t value_tag;          /* 0x80 text; 0x81 bit string and 0x82 external are passed on unread */
    struct bytes value;         /* password or challenge */
    struct bytes implementation;   /* implementation information, rare */
    struct bytes user_information; /* the xDLMS APDU: Initiate, plain or ciphered, or ConfirmedServiceError */
};

struct acse_request {
    struct acse_party party;
    struct bytes called[4]; /* contents of A2..A5: called AP-title, AE-qualifier and invocation ids; rare */
};

struct acse_response {
    struct acse_party party;
    uint8_t result;     /* enum acse_result */
    bool provider;      /* the diagnostic is the provider's */
    uint8_t diagnostic; /* enum acse_diagnostic unless `provider` */
};

struct acse_release {
    bool response;
    bool has_reason;
    uint8_t reason; /* 0 normal, 1 urgent or not finished, 30 user defined */
    struct bytes user_information;
};

/* Whole APDUs with nothing behind them; false (and *ret untouched) when broken. */
bool acse_request_decode(struct bytes apdu, struct acse_request *ret);
bool acse_response_decode(struct bytes apdu, struct acse_response *ret);
bool acse_release_decode(struct bytes apdu, struct acse_release *ret);

void acse_request_encode(struct writer *w, const struct acse_request *r);
void acse_response_encode(struct writer *w, const struct acse_response *r);
void acse_release_encode(struct writer *w, const struct acse_release *r);

/* A party with nothing set but the context; for encoders to start from. */
struct acse_party acse_party_of(enum acse_context context);

/* Sets mechanism, requirements "authentication" and the value (password or challenge). */
void acse_party_authenticate(struct acse_party *p, enum acse_mechanism mechanism, struct bytes value);

/* "LN", "HLS-GMAC": technical names, the same in every language. */
const char *acse_context_name(enum acse_context context);
const char *acse_mechanism_name(enum acse_mechanism mechanism);

/* Sentences for a person. */
const char *acse_result_text(uint8_t result, enum lang lang);
const char *acse_diagnostic_text(bool provider, uint8_t diagnostic, enum lang lang);

/* --- xDLMS Initiate --- */

enum { XDLMS_VERSION = 6, XDLMS_VAA_LN = 0x0007, XDLMS_VAA_SN = 0xFA00 };

/* Conformance as a 24-bit number: bit 0 of the standard is the most significant, 0x800000. */
enum xdlms_conformance {
    XDLMS_GENERAL_PROTECTION = 0x400000,
    XDLMS_GENERAL_BLOCK_TRANSFER = 0x200000,
    XDLMS_READ = 0x100000,
    XDLMS_WRITE = 0x080000,
    XDLMS_UNCONFIRMED_WRITE = 0x040000,
    XDLMS_ATTRIBUTE0_SET = 0x008000,
    XDLMS_PRIORITY = 0x004000,
    XDLMS_ATTRIBUTE0_GET = 0x002000,
    XDLMS_BLOCK_GET = 0x001000,
    XDLMS_BLOCK_SET = 0x000800,
    XDLMS_BLOCK_ACTION = 0x000400,
    XDLMS_MULTIPLE_REFERENCES = 0x000200,
    XDLMS_INFORMATION_REPORT = 0x000100,
    XDLMS_DATA_NOTIFICATION = 0x000080,
    XDLMS_ACCESS = 0x000040,
    XDLMS_PARAMETERIZED_ACCESS = 0x000020,
    XDLMS_GET = 0x000010,
    XDLMS_SET = 0x000008,
    XDLMS_SELECTIVE_ACCESS = 0x000004,
    XDLMS_EVENT_NOTIFICATION = 0x000002,
    XDLMS_ACTION = 0x000001,
};

/* Name of bit 0..23 of the standard, 0 the first: "block-get". */
const char *xdlms_conformance_name(int bit);

/* InitiateRequest (01) and InitiateResponse (08). */
struct xdlms_initiate {
    bool response;
    struct bytes dedicated_key; /* request only; empty when absent */
    bool no_response;           /* request only: response-allowed is false */
    bool has_quality;
    int8_t quality;
    uint8_t version;
    bool short_tag;       /* conformance written with the one-byte tag 5F instead of 5F 1F (old HDLC meters) */
    uint32_t conformance; /* enum xdlms_conformance */
    uint16_t pdu_max;     /* bytes the sender takes; 0 and 65535 mean no limit */
    uint16_t vaa;         /* response only: XDLMS_VAA_LN or XDLMS_VAA_SN */
};

bool xdlms_initiate_decode(struct bytes apdu, struct xdlms_initiate *ret);
void xdlms_initiate_encode(struct writer *w, const struct xdlms_initiate *i);

/* ConfirmedServiceError `0E service class value` (dlms.md 5). */
struct xdlms_service_error {
    uint8_t service; /* 1 initiate, 5 read, 6 write */
    uint8_t error_class;
    uint8_t value;
};

bool xdlms_service_error_decode(struct bytes apdu, struct xdlms_service_error *ret);
void xdlms_service_error_encode(struct writer *w, const struct xdlms_service_error *e);
const char *xdlms_service_error_text(const struct xdlms_service_error *e, enum lang lang);
