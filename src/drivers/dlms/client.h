/* The DLMS/COSEM client: associations and services over HDLC or the wrapper (IEC 62056-46, -47, -53; dlms.md).
 *
 * Models of meters (spodes.c) are tables over these calls. All calls obey the conversation's sticky fault: after one they
 * do nothing and return emptiness. Slices that they return live until the next call of the client. */
#pragma once
#include "drivers/driver.h"
#include "wire/cosem_general.h"
#include "wire/dlms_security.h"
#include "wire/hdlc.h"

enum dlms_transport { DLMS_HDLC, DLMS_WRAPPER };

/* How APDUs are dressed: service-specific ciphering; general-glo or general-ded; general-ciphering with the global key. */
enum dlms_general_use { DLMS_GENERAL_NO, DLMS_GENERAL_YES, DLMS_GENERAL_WHOLE };

/* The lower part of a server's address: twice seven bits (IEC 62056-46, 6.4.2). */
enum { HDLC_PHYSICAL_MOST = 0x3FFF };

/* What an installer says of the meter; first member of a model's settings. */
struct dlms_settings {
    int32_t transport;     /* enum dlms_transport */
    int32_t client;        /* SAP: 16 public, 32 reader, 48 configurator */
    int32_t logical;       /* server's upper address */
    int32_t physical;      /* server's lower address; HDLC only */
    int32_t address_size;  /* of the server on the wire: 0 by value, 1, 2, 4 */
    int32_t mechanism;     /* enum acse_mechanism */
    struct setting_bytes password;
    struct setting_bytes password2; /* given to sessions that command (parameters_second) */
    int32_t info_max;      /* HDLC information field offered: largest that we take */
    int32_t info_send;     /* and largest that we send; 0: the same */
    int32_t window;        /* HDLC window offered */
    int32_t pdu_max;       /* bytes of APDU that we take */
    int32_t protection;    /* 0 none, 1 authenticated, 2 encrypted, 3 both */
    int32_t suite;         /* security suite 0, 1, 2 */
    int32_t dedicated;     /* 1: ciphers with a key of the session */
    int32_t general;       /* enum dlms_general_use */
    struct setting_bytes encryption_key, authentication_key, client_title, server_title, signing_key, server_public;
    int32_t counter_object; /* E of 0.0.43.1.E.255 that holds the meter's invocation counter */
    int32_t release;       /* 1: sends RLRQ before disconnecting */
};

enum { PUSHED_MAX = 512 };

/* State of one association. */
struct dlms_client {
    const struct dlms_settings *settings;
    struct hdlc_address server, client;
    uint8_t send_number, receive_number; /* N(S) and N(R) of HDLC */
    struct hdlc_parameters agreed;
    bool linked, associated, ciphered;
    uint32_t conformance;
    uint16_t server_pdu;      /* bytes the meter takes; 0: no limit */
    uint8_t invoke;
    uint32_t counter;         /* our next invocation counter */
    uint32_t counter_end;     /* first one not reserved */
    uint32_t server_counter;  /* highest the meter used; 0: none yet */
    bool server_counted;
    uint8_t server_title[DLMS_TITLE_SIZE];
    uint8_t dedicated_key[32];
    struct dlms_keys keys;
    uint8_t *buffer;          /* puts segments and blocks together; arena of the conversation */
    size_t size, room;
    uint8_t *plain;           /* opened ciphered answers */
    size_t plain_room;
    uint8_t *pushed;          /* last DataNotification that came unasked, PUSHED_MAX bytes of the conversation's arena */
    size_t pushed_size;       /* 0: none */
    struct arena *arena;      /* of the conversation */
};

/* Connects and associates. Faults: those of conversation_ask, FAULT_PASSWORD (one attempt on the wire), FAULT_ACCESS
 * (context or mechanism refused), FAULT_SECURITY (the meter could not prove the key), FAULT_SETTING. */
void dlms_client_open(struct conversation *c, struct dlms_client *d, const struct dlms_settings *settings);

/* Releases and disconnects as far as the link still works; keeps an earlier fault. */
void dlms_client_close(struct conversation *c, struct dlms_client *d);

/* One attribute. result.has_data false: result.code says why (no fault). */
struct cosem_result dlms_client_get(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what);

/* Several attributes in as few exchanges as the meter's PDU and conformance allow. `take` is called for each in order. */
void dlms_client_get_list(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, size_t count,
                          void (*take)(void *context, size_t index, struct cosem_result result), void *context);

/* Writes one attribute (one encoded element); the result code. */
uint8_t dlms_client_set(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, struct bytes data);

/* Executes a method; `data` empty for none. *ret_value, when not NULL, is what it returned. */
uint8_t dlms_client_action(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, struct bytes data,
                           struct cosem_result *ret_value);

/* Turns a result code of the meter into the conversation's fault, for callers that need the thing. */
void dlms_client_refused(struct conversation *c, uint8_t code, const struct cosem_reference *what);

static inline struct cosem_reference dlms_attribute(uint16_t class_id, struct obis obis, int8_t index)
{
    return (struct cosem_reference){ .class_id = class_id, .obis = obis, .index = index };
}
