/* The xDLMS services beside GET, SET and ACTION (dlms.md 8): exception, notifications, Access, general block transfer and
 * the gateway header. Decoders take one whole APDU and return slices; false (and *ret untouched) when it is broken. */
#pragma once
#include "wire/cosem_apdu.h"

/* --- ExceptionResponse D8 state service [IC] --- */

struct cosem_exception {
    uint8_t state;   /* 1 service not allowed, 2 service unknown */
    uint8_t service; /* 1 operation not possible .. 6 invocation counter error */
    uint32_t counter; /* expected invocation counter, with service 6 */
};

bool cosem_exception_decode(struct bytes apdu, struct cosem_exception *ret);
void cosem_exception_encode(struct writer *w, const struct cosem_exception *e);
const char *cosem_exception_state_text(uint8_t state, enum lang lang);
const char *cosem_exception_service_text(uint8_t service, enum lang lang);

/* --- EventNotification C2, unconfirmed --- */

struct cosem_event {
    bool has_time;
    struct bytes time; /* 0 or 12 bytes: cosem_date_time_decode */
    struct cosem_reference reference;
    struct bytes data; /* one encoded element */
};

bool cosem_event_decode(struct bytes apdu, struct cosem_event *ret);
void cosem_event_encode(struct writer *w, const struct cosem_event *e);

/* --- DataNotification 0F: push --- */

/* long-invoke-id-and-priority: bits 0..23 the id. */
enum { COSEM_LONG_INVOKE_ID = 0xFFFFFF };

struct cosem_notification {
    uint32_t invoke;
    struct bytes time; /* 0 or 12 bytes */
    struct bytes data; /* one encoded element */
};

bool cosem_notification_decode(struct bytes apdu, struct cosem_notification *ret);
void cosem_notification_encode(struct writer *w, const struct cosem_notification *n);

/* --- Access D9 / DA: several services in one exchange --- */

enum cosem_access_kind {
    COSEM_ACCESS_GET = 1,
    COSEM_ACCESS_SET,
    COSEM_ACCESS_ACTION,
    COSEM_ACCESS_GET_SELECTED,
    COSEM_ACCESS_SET_SELECTED
};

struct cosem_access_request {
    uint32_t invoke;
    struct bytes time;         /* 0 or 12 bytes */
    struct cosem_list specs;   /* cosem_take_access_spec */
    struct cosem_list values;  /* take_cosem_slice; one for each spec, null for GET */
};

struct cosem_access_response {
    uint32_t invoke;
    struct bytes time;
    bool has_specs;            /* the request's specs repeated */
    struct cosem_list specs;
    struct cosem_list values;  /* take_cosem_slice; one for each spec, null where nothing came */
    struct cosem_list results; /* cosem_take_access_result */
};

struct cosem_access_spec {
    uint8_t kind; /* enum cosem_access_kind */
    struct cosem_reference reference;
};

struct cosem_access_result {
    uint8_t kind; /* 1 get, 2 set, 3 action */
    uint8_t code; /* enum cosem_result_code */
};

bool cosem_access_request_decode(struct bytes apdu, struct cosem_access_request *ret);
void cosem_access_request_encode(struct writer *w, const struct cosem_access_request *r);
bool cosem_access_response_decode(struct bytes apdu, struct cosem_access_response *ret);
void cosem_access_response_encode(struct writer *w, const struct cosem_access_response *r);

struct cosem_access_spec cosem_take_access_spec(struct cursor *c);
void cosem_put_access_spec(struct writer *w, const struct cosem_access_spec *s);
struct cosem_access_result cosem_take_access_result(struct cursor *c);
void cosem_put_access_result(struct writer *w, const struct cosem_access_result *r);

/* --- general block transfer E0: parts of one whole APDU, plain or ciphered --- */

struct cosem_transfer {
    bool last;
    bool streaming;
    uint8_t window;        /* 0..63; 0 = unconfirmed */
    uint16_t number;       /* of this block */
    uint16_t acknowledged; /* highest block received in order */
    struct bytes raw;
};

bool cosem_transfer_decode(struct bytes apdu, struct cosem_transfer *ret);
void cosem_transfer_encode(struct writer *w, const struct cosem_transfer *t);

/* --- gateway header E6 / E7 before the APDU of a device behind a gateway --- */

struct cosem_gateway {
    bool response;
    uint8_t network;
    struct bytes address; /* physical address of the device */
    struct bytes apdu;
};

bool cosem_gateway_decode(struct bytes apdu, struct cosem_gateway *ret);
void cosem_gateway_encode(struct writer *w, const struct cosem_gateway *g);
